"""The whole life on real parts: opened, ready, pushed, ready at the new revision, closed, certified."""

import json
import uuid

import pytest
import yaml

from standins.moto.inventory import inventory, left_over
from tests.live.world import EXAMPLE, change

pytestmark = pytest.mark.live
TYPO = change("121-typo")
ANOTHER = {"app/locales/de.json": '{"title": "Teeladen"}\n'}


def test_by_an_application(world):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    assert world.outputs["tier"] == "lightweight"
    check_ready(world, number, world.repository.sha("change"))

    head = world.repository.push("change", ANOTHER, message="Again")
    assert world.event(number, "synchronize") == 0
    check_ready(world, number, head)

    world.repository.close(number, merged=True)
    assert world.event(number, "closed") == 0
    check_gone(world, number, {"application", "namespace", "deployment", "ingress"})


def test_by_argo_cds_own_api(world, cluster):
    world.environment |= {
        "ARGOCD_SERVER": cluster.argocd_server,
        "ARGOCD_AUTH_TOKEN": cluster.argocd_auth_token,
    }
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    check_ready(world, number, world.repository.sha("change"))
    head = world.repository.push("change", ANOTHER, message="Again")
    assert world.event(number, "synchronize") == 0
    check_ready(world, number, head)
    world.repository.close(number)
    assert world.event(number, "closed") == 0
    check_gone(world, number, {"application", "namespace"})


def test_by_an_application_set(world, application_set):
    world.configure({"argocd": {"mode": "applicationset", "application-set": application_set}})
    number = world.open(TYPO, labels=("preview",))
    assert world.event(number, "opened") == 0
    check_ready(world, number, world.repository.sha("change"))
    assert world.application(number)["metadata"]["ownerReferences"][0]["name"] == application_set

    head = world.repository.push("change", ANOTHER, message="Again")
    assert world.event(number, "synchronize") == 0
    check_ready(world, number, head)

    world.repository.close(number)
    assert world.event(number, "closed") == 0
    check_gone(world, number, {"application", "namespace"})


def test_the_heavy_tiers_side_by_side_with_terraform(world):
    before = inventory(world.aws)
    database = world.open(change("122-migration"), branch="migration")
    full = world.open(change("123-payment"), branch="payment")
    opened = run_together(world.job_of(database, "opened"), world.job_of(full, "opened"))
    for job, number, branch, tier in zip(
        opened, (database, full), ("migration", "payment"), ("database", "full"), strict=True
    ):
        assert job.outputs["tier"] == tier
        check_ready(world, number, world.repository.sha(branch), job.outputs)
        assert "to add" in job.outputs["plan-summary"]
    made = world.state(database)
    assert "aws_rds_cluster_instance.database" in made
    assert "aws_cloudfront_distribution.site" not in made
    everything = {"aws_rds_cluster_instance.database", "aws_cloudfront_distribution.site", "aws_sqs_queue.work"}
    assert everything <= set(world.state(full))

    # A push updates what is there: nothing that was made is made again.
    head = world.repository.push("migration", change("122-migration", "2-pushed"), message="Again")
    assert world.event(database, "synchronize") == 0
    check_ready(world, database, head)
    assert world.outputs["plan-summary"] == "no changes"
    assert world.state(database) == made

    for number in (database, full):
        world.repository.close(number)
    closed = run_together(world.job_of(database, "closed"), world.job_of(full, "closed"))
    for job, number in zip(closed, (database, full), strict=True):
        check_gone(world, number, {"application", "namespace"}, job.outputs)
    assert left_over(world.aws, before, world.shared.state_bucket) == ()


@pytest.fixture
def application_set(world, cluster):
    """The example's ApplicationSet for this repository, which asks our GitHub with a token of its own."""
    name = f"previews-{uuid.uuid4().hex[:8]}"
    manifest = yaml.safe_load((EXAMPLE / "argocd/applicationset.yaml").read_text())
    manifest["metadata"] = {"name": name, "namespace": cluster.argocd_namespace}
    (generator,) = manifest["spec"]["generators"]
    generator["pullRequest"]["github"] |= {
        "api": f"{world.github.url}/",
        "repo": world.repository.full_name.partition("/")[2],
        "tokenRef": {"secretName": name, "key": "token"},
    }
    template = manifest["spec"]["template"]["spec"]
    template["project"] = yaml.safe_load(world.config)["argocd"]["project"]
    template["source"]["repoURL"] = f"{world.github.url}/{world.repository.full_name}.git"
    secrets = f"/api/v1/namespaces/{cluster.argocd_namespace}/secrets"
    sets = f"/apis/argoproj.io/v1alpha1/namespaces/{cluster.argocd_namespace}/applicationsets"
    token = world.github.installation_token(world.repository, {"pull_requests": "read"}, app="argo-cd")
    world.make(secrets, {"metadata": {"name": name}, "stringData": {"token": token}})
    world.make(sets, manifest)
    yield name
    world.kube("DELETE", f"{sets}/{name}")
    world.kube("DELETE", f"{secrets}/{name}")


def run_together(*jobs):
    """Run jobs side by side, as GitHub does for different pull requests; all must succeed."""
    for job, process in [(job, job.start()) for job in jobs]:
        assert process.wait(timeout=400) == 0, job.log
    return jobs


def check_ready(world, number, head, outputs=None):
    told = world.outputs if outputs is None else outputs
    assert told["phase"] == "ready"
    assert told["url"] == f"https://pr-{number}.preview.example.com/"
    application = world.application(number)
    assert application["status"]["sync"]["revision"] == head
    assert application["status"]["health"]["status"] == "Healthy"
    (container,) = world.deployment(number)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"ghcr.io/acme/shop:{head}"
    assert world.deployment(number)["status"]["readyReplicas"] >= 1
    record = world.record_of(number)
    assert (record["phase"], record["head_sha"]) == ("ready", head)
    assert f"pr-{number}.preview.example.com" in world.comment(number)


def check_gone(world, number, kinds, outputs=None):
    told = world.outputs if outputs is None else outputs
    assert told["phase"] == "destroyed"
    certificate = json.loads(told["certificate"])
    assert certificate["remaining"] == []
    assert all(check["ok"] for check in certificate["checks"])
    assert kinds <= {item["kind"] for item in certificate["existed"]}
    assert world.application(number) is None
    assert world.namespace(number) is None
    assert world.record_of(number) == {}
    assert world.active_deployments(number) == []
    assert len(world.repository.comments(number)) == 1
    assert any(line == f"pr-{number}: destroyed: the pull request is closed" for line in world.history())
    world.github.assert_no_unknown_routes()
