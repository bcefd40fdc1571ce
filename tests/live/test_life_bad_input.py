"""Whatever is wrong: said clearly on all channels, recorded, and the next good run goes on from there."""

import uuid

import pytest

from standins.moto.locks import give_lock_back, take_lock
from tests.engines import LOCKS_IN_TABLE
from tests.live.world import change, edited, slow, small

pytestmark = pytest.mark.live
TYPO = change("121-typo")
LIGHTWEIGHT = ("eod/tier: lightweight",)


def test_a_cluster_that_cannot_be_reached(world):
    number = world.open(TYPO)
    good = world.kubeconfig
    world.kubeconfig = world.directory / "unreachable"
    server = world.kube_config()["clusters"][0]["cluster"]["server"]
    world.kubeconfig.write_text(good.read_text().replace(server, "https://127.0.0.1:9"))
    assert world.event(number, "opened") == 1
    check_told(world, number, "namespace", "The cluster cannot be reached", "Check that the runner may reach")
    world.kubeconfig = good
    goes_on(world, number)


def test_a_context_that_the_kubeconfig_does_not_know(world):
    number = world.open(TYPO)
    assert world.event(number, "opened", kube_context="nowhere") == 1
    known = world.kube_config()["current-context"]
    check_told(world, number, "namespace", "no context `nowhere`", f"`{known}`")
    goes_on(world, number)


def test_an_application_that_never_gets_healthy(world):
    world.configure({"argocd": {"timeout-minutes": 0.25}})
    nowhere = edited(
        "deploy/workload/deployment.yaml",
        "      serviceAccountName: shop\n",
        "      serviceAccountName: shop\n      nodeSelector: {nowhere: exists}\n",
    )
    number = world.open(nowhere, labels=LIGHTWEIGHT)
    assert world.event(number, "opened") == 1
    check_told(world, number, "sync", "cannot be scheduled", "run the same image locally")
    world.configure({"argocd": {"timeout-minutes": 2}})
    world.repository.push("change", edited("deploy/workload/deployment.yaml", "", ""), message="Anywhere")
    goes_on(world, number)


def test_a_token_that_argo_cd_does_not_accept(world, cluster):
    number = world.open(TYPO)
    world.environment |= {"ARGOCD_SERVER": cluster.argocd_server, "ARGOCD_AUTH_TOKEN": "expired"}
    assert world.event(number, "opened") == 1
    check_told(world, number, "sync", "Argo CD", "ARGOCD_AUTH_TOKEN")
    world.environment["ARGOCD_AUTH_TOKEN"] = cluster.argocd_auth_token
    goes_on(world, number)


def test_a_project_that_does_not_allow_the_repository(world):
    world.configure({"argocd": {"project": f"nobodys-{uuid.uuid4().hex[:8]}", "timeout-minutes": 0.25}})
    number = world.open(TYPO)
    assert world.event(number, "opened") == 1
    check_told(world, number, "sync", "project", "AppProject")


def test_a_state_lock_that_another_run_holds(world):
    number = world.open(small(world))
    world.configure({"terraform": {"lock-timeout-seconds": 1}})
    assert world.event(number, "opened") == 0
    key = world.record_of(number)["terraform"]["backend"]["key"]
    lock = {
        "ID": str(uuid.uuid4()),
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": "runner@another-job",
        "Version": "1.11.4",
        "Created": "2026-05-01T12:00:00.000000000Z",
        "Path": f"{world.shared.state_bucket}/{key}",
    }
    where = (world.aws, world.shared.state_bucket, key)
    take_lock(*where, lock, table=LOCKS_IN_TABLE)
    world.repository.push("change", small(world, slow("quick", 0)), message="Again")
    assert world.event(number, "synchronize") == 1
    check_told(
        world, number, "plan", "runner@another-job", "since 2026-05-01 12:00:00 UTC", f"force-unlock {lock['ID']}"
    )
    assert world.state(number) == ["terraform_data.first"]

    give_lock_back(*where, table=LOCKS_IN_TABLE)
    goes_on(world, number)
    assert world.state(number) == ["terraform_data.first", "terraform_data.quick"]


def test_a_directory_without_terraform(world):
    small(world)
    number = world.open({"small/README.md": "Nothing here yet.\n", "small/main.tf": None} | TYPO, labels=FRONTEND)
    assert world.event(number, "opened") == 2
    check_told(world, number, "plan", "small", "*.tf")
    world.repository.push("change", small(world), message="There it is")
    goes_on(world, number)


FRONTEND = ("eod/tier: frontend",)


def test_a_plan_that_fails(world):
    number = world.open(small(world, 'output "address" {\n  value = terraform_data.missing.id\n}\n'))
    assert world.event(number, "opened") == 1
    check_told(world, number, "plan", "small/main.tf:13", "undeclared resource")
    world.repository.push("change", small(world), message="Without it")
    goes_on(world, number)


def test_a_state_bucket_that_does_not_exist(world):
    bucket, files = world.shared.state_bucket, small(world)
    world.configure({"terraform": {"backend": {"bucket": f"nobodys-{bucket}"}}})
    number = world.open(files)
    assert world.event(number, "opened") == 1
    check_told(world, number, "plan", f"nobodys-{bucket}", "bucket")
    world.configure({"terraform": {"backend": {"bucket": bucket}}})
    world.repository.push("change", TYPO, message="Again")
    goes_on(world, number)


def test_an_aws_error_that_will_not_pass(world):
    name = f"preview-{uuid.uuid4().hex[:8]}"
    ssm = world.aws.client("ssm")
    ssm.put_parameter(Name=name, Value="an orphan", Type="String")
    number = world.open(small(world, PARAMETER.replace("NAME", name)))
    assert world.event(number, "opened") == 1
    check_told(world, number, "apply", "ParameterAlreadyExists", "Import it, or delete it")
    assert world.state(number) == ["terraform_data.first"], "what was made is kept"

    ssm.delete_parameter(Name=name)
    goes_on(world, number)
    assert world.state(number) == ["aws_ssm_parameter.greeting", "terraform_data.first"]


PARAMETER = """
resource "aws_ssm_parameter" "greeting" {
  depends_on = [terraform_data.first]
  name       = "NAME"
  type       = "String"
  value      = "Hello"
}
"""


def test_a_pull_request_that_does_not_exist(world):
    payload = world.repository.dispatch_payload({})
    assert world.act("workflow_dispatch", payload, command="up", pr_number="404404404") == 1
    assert "#404404404 does not exist" in plain(world.summary)
    assert "`pr-number`" in plain(world.summary)


def test_no_token(world, capsys):
    number = world.open(TYPO)
    assert world.event(number, "opened", github_token="") == 1
    assert "There is no GitHub token" in capsys.readouterr().out
    assert world.namespace(number) is None
    assert world.record_of(number) == {}
    goes_on(world, number)


def check_told(world, number, step, *texts):
    """What, why and what to do stand in log, summary and comment; the record has failed in that step."""
    record = world.record_of(number)
    assert (record["phase"], record["failure"]["step"]) == ("failed", step)
    assert world.outputs["phase"] == "failed"
    for text in texts:
        assert text in plain(world.summary)
        assert text in plain(world.comment(number))
    for part in ("what", "why", "fix"):
        assert record["failure"][part]
    states = [world.repository.deployment_state(one["id"]) for one in world.repository.deployments()]
    assert states[-1] == "failure"


def plain(markdown):
    """Markdown without the marks that keep foreign text from being read as Markdown."""
    return markdown.replace("\\", "").replace("\u200b", "")


def goes_on(world, number):
    """The next good run goes on from the failed one's record, and the pull request has still one comment."""
    created = world.record_of(number).get("created_at")
    assert world.event(number, "synchronize") == 0, world.summary
    record = world.record_of(number)
    assert record["phase"] == "ready"
    assert created in {None, record["created_at"]}
    assert len(world.repository.comments(number)) == 1
