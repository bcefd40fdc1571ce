import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.cluster.api import path_of
from eod.cluster.ownership import require_name, require_ours, require_preview
from eod.errors import ClusterError
from tests.cluster.specs import ANNOTATIONS, LABELS, spec


def namespace(labels=LABELS, annotations=ANNOTATIONS, name="pr-123"):
    return {"metadata": {"name": name, "labels": labels, "annotations": annotations}}


def test_our_own_namespace_is_ours():
    require_ours(namespace(), spec())


def test_one_that_terraform_made_with_our_labels_and_no_annotations_is_ours():
    require_ours(namespace(annotations=None), spec())


@pytest.mark.parametrize("name", ["kube-system", "kube-public", "default", "argocd", "istio-system"])
def test_the_clusters_own_namespaces_are_refused_by_name(name):
    with pytest.raises(ClusterError, match="the cluster's own"):
        require_name(name)


def test_the_clusters_own_namespaces_are_refused_even_with_our_labels():
    with pytest.raises(ClusterError, match="the cluster's own"):
        require_preview(namespace(name="kube-system"))


@pytest.mark.parametrize(
    "labels",
    [
        None,
        {},
        {"app.kubernetes.io/name": "preview"},
        {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "pr-123"},
        {"app.kubernetes.io/instance": "pr-123"},
    ],
)
def test_a_namespace_without_our_labels_is_never_adopted(labels):
    with pytest.raises(ClusterError, match="eod leaves it alone"):
        require_ours(namespace(labels), spec())


def test_a_namespace_of_another_environment_is_refused():
    with pytest.raises(ClusterError) as caught:
        require_ours(namespace({**LABELS, "app.kubernetes.io/instance": "pr-7"}), spec())
    assert "`pr-7`" in caught.value.why


@pytest.mark.parametrize("key", ["environment.on-demand/repository", "environment.on-demand/pr-url"])
def test_the_same_number_in_another_repository_is_refused(key):
    theirs, ours = {key: "theirs"}, {key: "ours"}
    with pytest.raises(ClusterError) as caught:
        require_ours(namespace(annotations=theirs), spec(annotations=ours))
    assert "theirs" in caught.value.why


@given(st.text(alphabet=st.characters(blacklist_characters="/"), max_size=80))
def test_a_name_is_refused_or_reaches_exactly_one_segment(name):
    try:
        require_name(name)
    except ClusterError:
        return
    assert path_of("api", "v1", "namespaces", name) == f"/api/v1/namespaces/{name}"


@given(st.text())
def test_no_name_leads_to_another_path(name):
    assert path_of("namespaces", name).count("/") == 2


@pytest.mark.parametrize("name", ["", "Pr-1", "pr_1", "-a", "a-", "a/b", "a" * 64, "a.b", "..", "pr-1\n"])
def test_impossible_names_are_refused(name):
    with pytest.raises(ClusterError):
        require_name(name)
