import pytest

from eod.argocd.delivery import Delivery
from eod.errors import ArgoCdError
from tests.argocd.builders import SOURCE, application, at
from tests.argocd.scripted import ScriptedStore
from tests.argocd.test_manifests import SPEC

LABELS = {"app.kubernetes.io/managed-by": "eod-action", "environment.on-demand/name": "pr-1"}
OURS = application(labels=LABELS)


def delivery(store, **options):
    return Delivery(store, store.clock, **options)


def test_an_application_is_made_and_compared_at_once():
    store = ScriptedStore()

    assert delivery(store).ensure(SPEC) is True
    assert [call[1] for call in store.calls] == ["apply", "refresh"]


def test_applying_the_same_again_changes_nothing():
    store = ScriptedStore()
    delivery(store).ensure(SPEC)
    ((_, _, manifest),) = store.called("apply")
    again = ScriptedStore((0, manifest))

    assert delivery(again).ensure(SPEC) is False
    assert again.called("refresh")


def test_somebody_elses_application_is_not_touched():
    store = ScriptedStore((0, application(labels={})))

    with pytest.raises(ArgoCdError, match="eod leaves it alone"):
        delivery(store).ensure(SPEC)
    assert store.calls == []


def test_an_application_that_is_still_going_is_waited_for():
    store = ScriptedStore((0, application(labels=LABELS, deletionTimestamp=at(0))), (7, None))

    assert delivery(store).ensure(SPEC) is True
    ((when, _, _),) = store.called("apply")
    assert when >= 7


def test_a_generator_is_poked_until_its_application_is_there():
    store = ScriptedStore((65, application(labels={}, owner="previews")))

    delivery(store).poke("previews", "pr-1", 300)

    assert [call[0] for call in store.called("poke")] == pytest.approx([0, 30, 60], abs=2)
    assert [call[1] for call in store.calls][-1] == "refresh"


def test_a_generator_that_makes_nothing_says_why():
    store = ScriptedStore()
    store.sets["previews"]["status"] = {
        "conditions": [
            {"type": "ErrorOccurred", "message": "403 rate limit exceeded"},
            {"type": "ResourcesUpToDate", "message": "fine"},
        ]
    }
    with pytest.raises(ArgoCdError, match="did not make Application `pr-1`") as caught:
        delivery(store).poke("previews", "pr-1", 60)
    assert caught.value.detail == "ErrorOccurred: 403 rate limit exceeded"


def test_a_generator_that_is_not_there():
    store = ScriptedStore()
    store.sets.clear()

    with pytest.raises(ArgoCdError, match="does not exist"):
        delivery(store).poke("previews", "pr-1", 5)


def test_a_generator_that_was_made_a_moment_ago_is_waited_for():
    store = ScriptedStore((6, application(labels={}, owner="previews")))
    store.sets_known_at = 4.0

    delivery(store).poke("previews", "pr-1", 300)

    assert [call[1] for call in store.calls] == ["poke", "refresh"]


def test_a_generator_that_is_not_there_is_not_waited_for_as_long_as_for_its_application():
    store = ScriptedStore()
    store.sets.clear()

    with pytest.raises(ArgoCdError, match="does not exist"):
        delivery(store).poke("previews", "pr-1", 300)
    assert store.clock.seconds < 15


def test_an_application_is_deleted_and_waited_for():
    store = ScriptedStore((0, OURS), on={"delete": [(1, application(deletionTimestamp=at(0))), (9, None)]})

    assert delivery(store).delete("pr-1", 300, generated=False) is True
    assert store.clock.seconds >= 9


def test_deleting_what_is_not_there_is_done():
    assert delivery(ScriptedStore()).delete("pr-1", 300, generated=False) is False


def test_a_second_teardown_waits_for_the_first():
    store = ScriptedStore((0, application(labels=LABELS, deletionTimestamp=at(0))), (20, None))

    assert delivery(store).delete("pr-1", 300, generated=False) is True


def test_what_is_not_ours_is_not_deleted():
    store = ScriptedStore((0, application(labels={})))

    with pytest.raises(ArgoCdError, match="eod leaves it alone"):
        delivery(store).delete("pr-1", 300, generated=True)
    assert store.calls == []


def test_a_running_sync_is_stopped_after_the_deletion_has_begun_so_that_none_can_follow():
    running = application(labels=LABELS, pending={"sync": {}}, deletionTimestamp=at(0))
    store = ScriptedStore((0, OURS), on={"delete": [(0, running)], "terminate": [(2, None)]})

    delivery(store).delete("pr-1", 300, generated=False)

    assert [call[1] for call in store.calls] == ["delete", "terminate"]


def test_a_sync_that_does_not_stop_is_told_again():
    running = application(labels=LABELS, pending={"sync": {}}, deletionTimestamp=at(0))
    store = ScriptedStore((0, OURS), (35, None), on={"delete": [(0, running)]})

    delivery(store).delete("pr-1", 300, generated=False)

    assert len(store.called("terminate")) in {3, 4}


def test_a_deletion_that_hangs_is_explained():
    store = ScriptedStore((0, OURS))
    store.project = False

    with pytest.raises(ArgoCdError, match="not deleted in 30 s") as caught:
        delivery(store).delete("pr-1", 30, generated=False)
    assert "AppProject" in caught.value.why


def test_a_generated_application_is_left_to_its_generator():
    generated = application(labels={}, owner="previews")
    going = application(labels={}, owner="previews", deletionTimestamp=at(0))
    store = ScriptedStore((0, generated), on={"poke": [(3, going), (8, None)]})

    assert delivery(store).delete("pr-1", 300, generated=True) is True
    assert store.called("poke") == [(0.0, "poke", "previews")]


def test_a_generator_that_does_not_remove_it_in_time_is_helped():
    store = ScriptedStore((0, application(labels={}, owner="previews")), on={"delete": [(1, None)]})

    assert delivery(store).delete("pr-1", 300, generated=True) is True
    ((when, _),) = store.called("delete")
    assert when == pytest.approx(60, abs=2)


def test_a_generator_that_makes_it_anew_is_not_fought():
    anew = application(labels={}, owner="previews", uid="u2")
    store = ScriptedStore((0, application(labels={}, owner="previews")), on={"delete": [(1, anew)]})

    with pytest.raises(ArgoCdError, match="made anew") as caught:
        delivery(store).delete("pr-1", 300, generated=True)
    assert "`previews` still generates it" in caught.value.why
    assert len(store.called("delete")) == 1


def test_resources_that_argo_cd_let_go_of_are_spoken_of():
    lost = application(labels=LABELS, conditions=[("InvalidSpecError", "there are no clusters with this name: x")])
    said: list[str] = []
    store = ScriptedStore((0, lost), on={"delete": [(1, None)]})

    delivery(store, say=said.append).delete("pr-1", 300, generated=False)

    assert "let go of what Application pr-1 made" in said[0]


def test_previews_are_ours_and_those_of_the_configured_generator():
    def named(name, **fields):
        made = application(**fields)
        made["metadata"]["name"] = name
        return made

    store = ScriptedStore(
        (0, named("mine", labels=LABELS)),
        (1, named("generated", labels={}, owner="previews")),
        (2, named("other-set", labels={}, owner="production")),
        (3, named("by-hand", labels={})),
        (4, named("labelled", labels={"environment.on-demand/name": "pr-9"}, deletionTimestamp=at(0))),
    )

    found = {info.name: info for info in delivery(store, application_set="previews").applications()}

    assert set(found) == {"mine", "generated", "labelled"}
    assert found["generated"].generated
    assert found["generated"].environment == "pr-1"
    assert found["generated"].repository == "o/r"
    assert found["labelled"].deleting
    assert found["labelled"].environment == "pr-9"
    assert not found["mine"].generated


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/o/r.git", "o/r"),
        ("git@github.com:o/r.git", "o/r"),
        ("https://ghe.example.com/o/r", "o/r"),
        ("file:///srv/git/r", "git/r"),
        ("", ""),
    ],
)
def test_the_repository_of_a_generated_application_is_read_from_its_source(url, repository):
    made = application(labels={}, owner="previews", spec={"source": {**SOURCE, "repoURL": url}})

    (info,) = delivery(ScriptedStore((0, made)), application_set="previews").applications()
    assert info.repository == repository
