import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from eod.config.tiers import built_in_tiers
from eod.model.tier import Tier
from standins.moto.account import furnish
from standins.moto.inventory import inventory, left_over
from standins.moto.server import moto_server
from tests.example.terraform_run import DOMAIN, Run

pytestmark = pytest.mark.live
PREFIX = "module.preview_env."


@pytest.fixture(scope="module")
def account():
    with moto_server() as server:
        yield server, furnish(server, DOMAIN)


@pytest.fixture
def make_run(account, example, tmp_path):
    def make(number):
        folder = tmp_path / str(number)
        shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".terraform*", "__pycache__"))
        server, shared = account
        return Run(folder, server, shared, number)

    return make


def test_the_tiers_come_and_go_side_by_side_and_leave_nothing(account, make_run, record_testsuite_property):
    server, shared = account
    before = inventory(server)
    runs = {Tier.DATABASE: make_run(122), Tier.FULL: make_run(123)}

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(bring_up, run, tier) for tier, run in runs.items()]:
            done.result()
        database, full = (runs[tier].outputs() for tier in (Tier.DATABASE, Tier.FULL))
        tagged = {tier: tagged_as(server, run) for tier, run in runs.items()}
        untagged = [
            name for name in left_over(server, before, shared.state_bucket) if name not in all_tagged(server)
        ]
        for done in [pool.submit(run.call, "destroy", "-json", "-auto-approve") for run in runs.values()]:
            done.result()

    for tier, run in runs.items():
        record_testsuite_property(f"seconds_{tier}", str(run.seconds))
        print(tier, run.seconds)

    assert database["url"] == f"https://pr-122.{DOMAIN}"
    assert database["queue_url"] == shared.queue_url
    assert not {"bucket", "cdn_domain", "distribution_id"} & set(database), "Terraform leaves null outputs out"
    assert full["queue_url"] != shared.queue_url
    assert str(full["cdn_domain"]).endswith(".cloudfront.net")
    assert database["database_endpoint"] != full["database_endpoint"] != shared.database_endpoint

    assert tagged[Tier.DATABASE] == {"rds", "secretsmanager"}
    assert tagged[Tier.FULL] == {"rds", "secretsmanager", "sqs", "s3", "cloudfront"}
    # What no inventory by tag will ever show: a teardown's proof must ask for these by name.
    assert {kind_of(name) for name in untagged} == {
        "route53 record",
        "cloudfront origin-access-control",
        "s3 object",
        "s3 state",
    }
    assert left_over(server, before, shared.state_bucket) == ()


def bring_up(run, tier):
    run.init()
    run.call("validate")
    run.set_variables(set(built_in_tiers()[tier].capabilities))
    run.call("plan", "-out=plan")
    run.call("apply", "-json", "-parallelism=20", "plan")
    # A push that changes no resource must not touch one: exit code 2 would mean changes.
    run.call("plan", "-detailed-exitcode", label="plan again")


def tagged_as(server, run):
    """The services of everything that carries all of the environment's tags."""
    filters = [{"Key": key, "Values": [value]} for key, value in run.tags.items()]
    pages = server.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    return {item["ResourceARN"].split(":")[2] for page in pages for item in page["ResourceTagMappingList"]}


def all_tagged(server):
    pages = server.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate()
    return {item["ResourceARN"] for page in pages for item in page["ResourceTagMappingList"]}


def kind_of(name):
    service, resource = name.split(":", 5)[2], name.split(":", 5)[5]
    if service == "s3":
        return "s3 state" if resource.endswith(".tfstate") else "s3 object" if "/" in resource else "s3 bucket"
    return f"{service} record" if service == "route53" else f"{service} {re.split('[/:]', resource)[0]}"


@pytest.mark.parametrize(
    ("capabilities", "told"),
    [
        ({"cdn"}, "enable_cdn needs certificate_arn"),
        ({"dns"}, "enable_dns needs shared_zone_id"),
        ({"dns"}, "needs shared_load_balancer_hostname"),
    ],
)
def test_a_missing_handle_is_named(make_run, capabilities, told):
    run = make_run(1)
    run.init()
    run.set_variables(capabilities)
    handle = told.split("needs ")[1]
    text = (run.root / "test.auto.tfvars.json").read_text()
    (run.root / "test.auto.tfvars.json").write_text(text.replace(f'"{handle}"', '"unused"'))
    printed = run.call("plan", "-json", codes=(1,))
    assert told in printed
