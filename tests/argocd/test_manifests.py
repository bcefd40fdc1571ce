import pytest

from eod.argocd.manifests import application_manifest, ours_in, require_deletable, require_ours
from eod.errors import ArgoCdError
from eod.model.kube import ApplicationSpec
from tests.argocd.builders import NEW, REFRESH, SOURCE, application

SPEC = ApplicationSpec(
    name="pr-1",
    argocd_namespace="argocd",
    project="previews",
    source=SOURCE,
    destination_server="https://kubernetes.default.svc",
    destination_namespace="pr-1",
    labels={"environment.on-demand/name": "pr-1"},
    annotations={"environment.on-demand/repository": "o/r"},
    sync_options=("ServerSideApply=true",),
)


def test_it_prunes_heals_itself_and_deletes_what_it_made():
    made = application_manifest(SPEC)

    assert made["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert made["spec"]["syncPolicy"]["syncOptions"] == ["ServerSideApply=true"]
    assert made["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert made["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "eod-action"
    assert made["spec"]["source"]["targetRevision"] == NEW
    assert made["spec"]["destination"]["namespace"] == "pr-1"


def test_it_never_asks_for_a_namespace_which_would_not_be_deleted_with_it():
    assert "CreateNamespace" not in str(application_manifest(SPEC))


def ours(**changes):
    labels = {"app.kubernetes.io/managed-by": "eod-action", "environment.on-demand/name": "pr-1"}
    return application(**{"labels": labels, **changes})


def test_our_own_is_ours():
    require_ours(ours(annotations={"environment.on-demand/repository": "o/r"}), SPEC)
    require_ours(ours(), SPEC)


@pytest.mark.parametrize(
    "theirs",
    [
        application(labels={}),
        application(labels=None, owner="previews"),
        ours(labels={"app.kubernetes.io/managed-by": "eod-action", "environment.on-demand/name": "pr-2"}),
        ours(annotations={"environment.on-demand/repository": "o/other"}),
    ],
    ids=["by hand", "of an ApplicationSet", "of another environment", "of another repository"],
)
def test_what_is_not_ours_is_not_overwritten(theirs):
    with pytest.raises(ArgoCdError, match="eod leaves it alone"):
        require_ours(theirs, SPEC)


def test_only_ours_and_generated_ones_are_deleted():
    require_deletable(ours())
    require_deletable(application(labels={}, owner="previews"))
    with pytest.raises(ArgoCdError, match="eod leaves it alone"):
        require_deletable(application(labels={}))


def test_statuses_and_refreshes_are_no_changes_of_ours():
    before = application(version="1", health="Progressing")
    after = application(version="9", health="Healthy", annotations=REFRESH, generation=12)

    assert ours_in(before) == ours_in(after)
    assert ours_in(before) != ours_in(application(spec={"project": "other"}))
