from datetime import UTC, datetime

import pytest

from eod.git.history import Walk, branch_hours, past_changes

pytestmark = pytest.mark.process

EVER = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def history(repository):
    """A first commit, a squashed change and a merged branch of two commits."""
    repository.commit({"a": "1"}, "First")
    squashed = repository.commit({"a": "2"}, "Mend a thing (#7)")
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"b": "1"}, "Begin")
    head = repository.commit({"b": "2"}, "End")
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #8 from ada/topic", "topic")
    return squashed, head


def test_merges_and_squashed_changes_are_listed_newest_first(repository, our_git, history):
    squashed, head = history
    found = past_changes(our_git(repository.path), "HEAD", EVER, Walk.FIRST_PARENT, 100)
    assert [(one.head, one.number, one.squashed) for one in found] == [(head, 8, False), (squashed, 7, True)]
    assert found[0].base == squashed


def test_merges_alone_can_be_asked_for(repository, our_git, history):
    found = past_changes(our_git(repository.path), "HEAD", EVER, Walk.MERGES, 100)
    assert [one.head for one in found] == [history[1]]


def test_the_life_of_a_branch_is_known_only_where_it_was_merged(repository, our_git, history):
    git = our_git(repository.path)
    merged, squashed = past_changes(git, "HEAD", EVER, Walk.FIRST_PARENT, 100)
    assert branch_hours(git, merged) is not None
    assert branch_hours(git, squashed) is None


def test_nothing_before_the_time_and_not_more_than_asked(repository, our_git, history):
    git = our_git(repository.path)
    assert past_changes(git, "HEAD", datetime(2100, 1, 1, tzinfo=UTC), Walk.FIRST_PARENT, 100) == ()
    assert len(past_changes(git, "HEAD", EVER, Walk.FIRST_PARENT, 1)) == 1
