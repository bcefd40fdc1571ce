import pytest
import yaml

from demo import shop
from eod.config.loader import load
from eod.config.tiers import resolve_tier
from eod.model.tier import Tier
from standins.moto.account import SharedResources

SHARED = SharedResources(
    state_bucket="states",
    zone_id="Z1",
    certificate_arn="arn:aws:acm:us-east-1:1:certificate/1",
    database_subnet_group="previews",
    database_security_group_id="sg-1",
    queue_url="https://sqs.example.com/previews",
    database_endpoint="shared.example.com",
    load_balancer_hostname="previews.example.com",
)


@pytest.fixture
def folder(tmp_path):
    return shop.lay_out(tmp_path / "shop", SHARED)


def test_the_configuration_is_accepted_and_names_this_account(folder):
    config = load((folder / ".github/eod.yml").read_text("utf-8"), ".github/eod.yml")
    assert config.domain == shop.DOMAIN
    assert config.terraform is not None
    assert config.terraform.backend["bucket"] == "states"
    assert config.aws.hosted_zone == config.shared["zone-id"] == "Z1"
    hours = resolve_tier(config, Tier.LIGHTWEIGHT).ttl_hours
    assert hours == pytest.approx(shop.LIGHTWEIGHT_SECONDS / 3600, abs=1e-4)
    assert resolve_tier(config, Tier.FULL).ttl_hours == 24


def test_nothing_of_the_examples_placeholders_is_left(folder):
    text = (folder / ".github/eod.yml").read_text("utf-8")
    assert "0000000" not in text


def test_the_workflows_fetch_no_terraform(folder):
    workflows = {path.name: path.read_text("utf-8") for path in (folder / ".github/workflows").glob("*.yml")}
    assert set(workflows) == {"preview.yml", "on-close.yml", "sweep.yml"}
    for text in workflows.values():
        (job,) = yaml.safe_load(text)["jobs"].values()
        assert job["with"]["terraform-version"] == ""


def test_the_project_lets_this_repository_in():
    project = shop.argocd_project("http://127.0.0.1:1/acme/shop.git")
    assert project["spec"]["sourceRepos"] == ["http://127.0.0.1:1/acme/shop.git"]
    assert project["metadata"]["name"] == "previews"
