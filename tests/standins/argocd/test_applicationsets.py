import base64

import pytest

from tests.contract.cluster.argo import GROUP
from tests.contract.cluster.pulls import PullRequests, pull

pytestmark = [pytest.mark.process, pytest.mark.network]

TEMPLATE = {
    "metadata": {"name": "pr-{{number}}"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "file:///nowhere", "path": "."},
        "destination": {"name": "in-cluster", "namespace": "pr-{{number}}"},
    },
}


@pytest.fixture
def pulls():
    served = PullRequests()
    yield served
    served.close()


@pytest.fixture
def create(cluster):
    collection = f"{GROUP}/namespaces/{cluster.argocd_namespace}/applicationsets"

    def create(*generators, template=TEMPLATE, **spec):
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": "previews"},
            "spec": {"generators": list(generators), "template": template, **spec},
        }
        cluster.kube.must("POST", collection, body)
        return f"{collection}/previews"

    return create


@pytest.fixture
def apps(cluster):
    return f"{GROUP}/namespaces/{cluster.argocd_namespace}/applications"


def _error(value):
    found = {item["type"]: item for item in value["status"]["conditions"]}["ErrorOccurred"]
    return found["message"] if found["status"] == "True" else None


def _generator(pulls, **github):
    return {"pullRequest": {"github": {"api": pulls.url, "owner": "acme", "repo": "shop", **github}}}


@pytest.mark.parametrize(
    ("generator", "complaint"),
    [
        ({"clusters": {}}, "clusters"),
        ({"pullRequest": {"gitlab": {"project": "x"}}}, "gitlab"),
        ({"pullRequest": {"github": {"owner": "a", "repo": "b"}, "values": {"a": "b"}}}, "values"),
    ],
)
def test_generators_that_it_does_not_know_are_an_error(cluster, create, generator, complaint):
    found = cluster.kube.until(create(generator), _error)
    assert complaint in _error(found)


def test_two_applications_of_one_name_are_an_error(cluster, create, pulls):
    pulls.open = [pull(7, "a" * 40), pull(8, "b" * 40)]
    template = {**TEMPLATE, "metadata": {"name": "same"}}
    found = cluster.kube.until(create(_generator(pulls), template=template), _error)
    assert "contains applications with duplicate name: same" in _error(found)


def test_filters_choose_by_branch(cluster, create, pulls, apps):
    pulls.open = [pull(7, "a" * 40, branch="feature/a"), pull(8, "b" * 40, branch="renovate/b")]
    generator = _generator(pulls)
    generator["pullRequest"]["filters"] = [{"branchMatch": "^feature/", "targetBranchMatch": "main"}]
    create(generator)
    cluster.kube.until(f"{apps}/pr-7", lambda value: value is not None)
    assert cluster.kube.ask("GET", f"{apps}/pr-8")[0] == 404


def test_a_token_comes_from_its_secret_or_nothing_is_asked(cluster, create, pulls, apps):
    pulls.open = [pull(7, "a" * 40)]
    path = create(_generator(pulls, tokenRef={"secretName": "github", "key": "token"}))
    found = cluster.kube.until(path, _error)
    assert "secret github has no key token" in _error(found)
    assert pulls.asked == []
    secret = {"metadata": {"name": "github"}, "data": {"token": base64.b64encode(b"abc").decode()}}
    cluster.kube.must("POST", f"/api/v1/namespaces/{cluster.argocd_namespace}/secrets", secret)
    refresh = {"metadata": {"annotations": {"argocd.argoproj.io/application-set-refresh": "true"}}}
    cluster.kube.must("PATCH", path, refresh, kind="application/merge-patch+json")
    cluster.kube.until(f"{apps}/pr-7", lambda value: value is not None)
    assert set(pulls.tokens) == {"Bearer abc"}


def test_a_list_gives_one_application_an_element(cluster, create, apps):
    create({"list": {"elements": [{"number": "1"}, {"number": "2"}]}})
    for number in (1, 2):
        cluster.kube.until(f"{apps}/pr-{number}", lambda value: value is not None)
