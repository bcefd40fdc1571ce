"""A state that its backend does not take."""

import pytest

from eod.errors import ApplyFailedError, StateLockedError
from tests.live.terraform_place import SLOW, nothing, told

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]


def test_a_state_that_could_not_be_saved_is_saved_and_nothing_is_lost(place, states):
    place.module(SLOW.replace("SECONDS", "0"), "http")
    place.backend = states.backend
    workspace = place.workspace()
    plan = workspace.plan()
    states.refuse = 1
    result = workspace.apply(plan, nothing)
    assert result.attempts == 2
    assert "The state is saved." in place.said
    assert states.addresses() == {"quick", "slow", "after"}
    assert not (place.root / "errored.tfstate").exists()


def test_a_state_that_could_not_be_saved_waits_for_the_next_run(place, states):
    place.module(SLOW.replace("SECONDS", "0"), "http")
    place.backend = states.backend
    workspace = place.workspace()
    plan = workspace.plan()
    states.refuse = 100
    with pytest.raises(ApplyFailedError, match="3 added") as failed:
        workspace.apply(plan, nothing)
    assert "could not write the state" in failed.value.why
    states.refuse = 0
    assert place.workspace().plan().summary.empty
    assert states.addresses() == {"quick", "slow", "after"}


def test_a_state_that_waits_to_be_saved_is_told_who_holds_its_lock(place):
    # `state push` prints for people, in colours even where nobody can see them.
    place.module(SLOW.replace("SECONDS", "30"))
    driver = place.driver()
    told(driver, "started", "slow")
    unsaved = place.directory / "other" / "pr-1" / "errored.tfstate"
    unsaved.parent.mkdir(parents=True)
    unsaved.write_text('{"version": 4, "serial": 9, "lineage": "x"}')
    with pytest.raises(StateLockedError, match="for apply since 20"):
        place.workspace(steps="other", lock_timeout_seconds=1).plan()
    assert unsaved.exists()
