"""The graph of a real plan: what Terraform and OpenTofu themselves say of modules, locals and dynamic blocks."""

import pytest

from tests.live.terraform_place import BACKEND

pytestmark = [pytest.mark.live, pytest.mark.process]

ROOT = (
    BACKEND.replace("KIND", "local")
    + """
variable "names" { default = ["a", "b"] }
locals { first = terraform_data.first.id }
resource "terraform_data" "first" {}
resource "terraform_data" "through_a_local" { input = local.first }
module "each" {
  source   = "./inner"
  for_each = toset(var.names)
  handle   = local.first
}
resource "terraform_data" "last" { depends_on = [module.each] }
resource "terraform_data" "alone" { count = 2 }
"""
)
INNER = """
variable "handle" {}
locals { given = var.handle }
resource "terraform_data" "in" { input = local.given }
output "made" { value = terraform_data.in.id }
"""


def test_edges_through_locals_modules_and_for_each_are_known(place):
    (place.root / "main.tf").write_text(ROOT)
    (place.root / "inner").mkdir()
    (place.root / "inner" / "main.tf").write_text(INNER)
    graph = place.workspace().plan().graph
    behind: dict[str, set[str]] = {}
    for node in graph:
        behind[node.name] = {name for at in node.after for name in ({graph[at].name} | behind[graph[at].name])}
    first = "terraform_data.first"
    assert first in behind["terraform_data.through_a_local"]
    assert first in behind["module.each.terraform_data.in"]
    assert behind["terraform_data.last"] >= {first, "module.each.terraform_data.in"}
    assert behind["terraform_data.alone"] == set()
    instances = {node.name: node.addresses for node in graph}
    assert instances["module.each.terraform_data.in"] == (
        'module.each["a"].terraform_data.in',
        'module.each["b"].terraform_data.in',
    )
