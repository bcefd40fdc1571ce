"""What `init` is spared, what it never is, and what is refused after it: with the real engines."""

import json
import threading

import pytest

from eod.errors import TerraformUsageError, UsageError
from eod.terraform.engine import find_engine
from standins.moto.provider_mirror import PROVIDER, find_mirror
from tests.live.terraform_place import BACKEND, Place, nothing

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]

MODULE = BACKEND.replace("KIND", "local") + 'module "x" {\n  source = "./one"\n}\n'
AWS = (
    'terraform {\n  backend "local" {}\n  required_providers {\n'
    '    aws = { source = "registry.terraform.io/hashicorp/aws" }\n  }\n}\n'
    'resource "terraform_data" "a" {}\n'
)


@pytest.fixture
def counted(place, monkeypatch):
    """The place, and how often init was run in it."""
    from eod.terraform.session import Session

    runs: list[str] = []
    stream = Session.stream

    def counting(session, operation, arguments, **more):
        if operation == "init":
            runs.append(session.environment)
        return stream(session, operation, arguments, **more)

    monkeypatch.setattr(Session, "stream", counting)
    return place, runs


def test_a_changed_module_source_forces_init_and_nothing_else_does(counted):
    place, runs = counted
    for name in ("one", "two"):
        (place.root / name).mkdir()
        (place.root / name / "main.tf").write_text(f'resource "terraform_data" "{name}" {{}}\n')
    (place.root / "main.tf").write_text(MODULE)
    workspace = place.workspace()
    plan = workspace.plan()
    workspace.apply(plan, nothing)
    assert workspace.plan().summary.empty
    assert len(runs) == 1
    (place.root / "main.tf").write_text(MODULE.replace("./one", "./two"))
    assert workspace.plan().summary.line == "1 to add, 0 to change, 1 to destroy"
    assert len(runs) == 2
    assert workspace.destroy(nothing).destroyed == 1
    assert len(runs) == 2


@pytest.mark.skipif(find_mirror() is None, reason="the AWS provider is not on this machine")
def test_a_removed_provider_binary_forces_init(counted):
    place, runs = counted
    (place.root / "main.tf").write_text(AWS)
    workspace = place.workspace()
    workspace.plan()
    workspace.plan()
    assert len(runs) == 1
    (link,) = (place.directory / "steps/pr-1/data/providers" / PROVIDER).glob("*/*")
    link.unlink()
    before = len(runs)
    assert workspace.plan().summary.adds == 1
    assert len(runs) > before


@pytest.mark.skipif(find_mirror() is None, reason="the AWS provider is not on this machine")
def test_two_inits_at_once_share_one_cache(tmp_path, binary, environ):
    cache = tmp_path / "cache"
    given = {**environ, "TF_PLUGIN_CACHE_DIR": str(cache)}
    places = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        made = Place(tmp_path / name, binary, given)
        (made.root / "main.tf").write_text(AWS)
        places.append(made)
    plans: list[str] = []
    threads = [
        threading.Thread(target=lambda one=one: plans.append(one.workspace().plan().summary.line))
        for one in places
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plans == ["1 to add, 0 to change, 0 to destroy"] * 3
    assert list((cache / PROVIDER).glob("*/*"))


def test_a_key_that_the_module_fixes_counts_for_nothing(place):
    place.module('resource "terraform_data" "a" {}\n')
    (place.root / "z_override.tf").write_text(
        'terraform {\n  backend "local" {\n    path = "shared.tfstate"\n  }\n}\n'
    )
    workspace = place.workspace()
    workspace.apply(workspace.plan(), nothing)
    assert place.addresses() == {"terraform_data.a"}
    assert not (place.root / "shared.tfstate").exists()


def test_another_backend_in_an_override_is_refused(place):
    place.module('resource "terraform_data" "a" {}\n')
    override = 'terraform {\n  backend "http" {\n    address = "http://127.0.0.1:9/main"\n  }\n}\n'
    (place.root / "z_override.tf").write_text(override)
    with pytest.raises(UsageError, match="does not name the environment"):
        place.workspace()


@pytest.mark.skipif(find_mirror() is None, reason="the AWS provider is not on this machine")
def test_what_another_pull_request_made_is_not_touched(place):
    tags = {"environment.on-demand/name": "pr-1", "environment.on-demand/repository": "acme/shop"}
    theirs = {"id": "q", "tags_all": {"environment.on-demand/name": "pr-2"}}
    resource = {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "theirs",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": theirs}],
    }
    state = {"version": 4, "serial": 1, "lineage": "8f0a5b6c", "outputs": {}, "resources": [resource]}
    (place.directory / "pr-1.tfstate").write_text(json.dumps(state))
    (place.root / "main.tf").write_text(
        AWS + 'provider "aws" {\n  region = "eu-central-1"\n  access_key = "x"\n  secret_key = "x"\n'
        "  skip_credentials_validation = true\n  skip_requesting_account_id = true\n"
        "  skip_metadata_api_check = true\n}\n"
    )
    place.environ = {**place.environ, "TF_CLI_ARGS_plan": "-refresh=false"}
    with pytest.raises(TerraformUsageError, match="1 resource of another environment") as refused:
        place.workspace(tags=tags).plan()
    assert "aws_sqs_queue.theirs: delete of what is pr-2's" in refused.value.detail
    assert not (place.directory / "steps/pr-1/plan.tfplan").exists()


def test_a_module_source_that_is_computed_from_our_variables(place):
    if not find_engine(place.binary, place.environ).is_tofu:
        pytest.skip("Terraform of this version knows no computed sources")
    for name in ("one", "two"):
        (place.root / name).mkdir()
        (place.root / name / "main.tf").write_text(f'resource "terraform_data" "{name}" {{}}\n')
    place.module('variable "which" {}\nmodule "m" {\n  source = "./${var.which}"\n}\n')
    workspace = place.workspace(variables={"which": "one"})
    assert workspace.apply(workspace.plan(), nothing).added == 1
    other = place.workspace(variables={"which": "two"})
    assert other.plan().summary.line == "1 to add, 0 to change, 1 to destroy"
    assert other.destroy(nothing).destroyed == 1
