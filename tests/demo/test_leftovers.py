import json

import pytest

from demo.leftovers import leftovers
from demo.stage import set_up
from demo.takes import RECORDS_BRANCH
from standins.kubernetes.api import Write

pytestmark = [pytest.mark.process, pytest.mark.network]
HOW = Write(manager="test")


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """A stage that is set and on which nothing has been played; Terraform is never called."""
    (tmp_path / "terraform").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with set_up() as stage:
        yield stage


def put_state(stage, key, state):
    body = json.dumps(state).encode()
    stage.aws.client("s3").put_object(Bucket=stage.shared.state_bucket, Key=key, Body=body)


def activate(stage):
    """Make a Deployment and leave it active; the commit that it is of."""
    from eod.github.client import Client
    from eod.github.forge import GitHubForge

    client = Client(
        token=stage.github.installation_token(stage.repository),
        repository=stage.repository.full_name,
        api_url=stage.github.api_url,
        wait=lambda seconds: None,
        say=lambda text: None,
    )
    forge = GitHubForge(client, notice=lambda text: None, say=lambda text: None)
    sha = stage.repository.sha("main")
    number = forge.create_deployment(sha=sha, environment="preview/pr-1", description="")
    assert number is not None
    forge.deployment_status(number, state="success", url="", log_url="", description="")
    return sha


def test_whatever_is_left_is_found_where_it_is(stage):
    assert {finding.what: finding.detail for finding in leftovers(stage) if not finding.ok} == {}

    put_state(stage, "eod/acme/shop/pr-1.tfstate", {"version": 4, "resources": []})
    stage.repository.push(RECORDS_BRANCH, {"README.md": "Records\n"})
    assert all(finding.ok for finding in leftovers(stage)), "what a teardown leaves on purpose"

    stage.aws.client("sqs").create_queue(QueueName="pr-1-work")
    put_state(stage, "eod/acme/shop/pr-2.tfstate", {"version": 4, "resources": [{"type": "aws_sqs_queue"}]})
    api = stage.cluster.api
    api.create(api.type("namespaces"), None, {"metadata": {"name": "pr-1"}}, HOW)
    application = {
        "metadata": {"name": "pr-1"},
        "spec": {
            "project": "previews",
            "source": {"repoURL": stage.repository.clone_url, "path": "deploy/base", "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "pr-1"},
        },
    }
    api.create(api.type("applications.argoproj.io"), "argocd", application, HOW)
    api.create(api.type("configmaps"), "default", {"metadata": {"name": "forgotten"}}, HOW)
    stage.repository.push(RECORDS_BRANCH, {"environments/preview/pr-1.yaml": "environment: pr-1\n"})
    sha = activate(stage)

    found = {finding.what: finding.detail for finding in leftovers(stage) if not finding.ok}
    assert found.pop("AWS resources") == "arn:aws:sqs:eu-central-1:123456789012:pr-1-work"
    assert found.pop("Terraform states with anything in them, and locks").endswith("/pr-2.tfstate")
    assert found.pop("namespaces") == "namespaces /pr-1"
    assert found.pop("Argo CD Applications") == "applications argocd/pr-1"
    assert "configmaps default/forgotten" in found.pop("other objects in the cluster")
    assert found.pop("records of environments") == "pr-1.yaml"
    assert found.pop("active GitHub Deployments") == f"preview/pr-1 at {sha[:7]}"
    assert found == {}
