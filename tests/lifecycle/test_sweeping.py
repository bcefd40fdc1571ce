import pytest

pytestmark = [pytest.mark.network, pytest.mark.process]
TYPO = {"app/shop.py": "GREETING = 'Hello'\n"}


def shorten_lives(world):
    world.repository.push(
        "main", {".github/eod.yml": world.config + "ttl: {hours: 0.0001, warn-hours: 0}\n"}, message="TTL"
    )


def test_what_is_expired_goes_and_what_has_time_stays(world):
    first = world.open(TYPO)
    assert world.event(first, "opened") == 0
    shorten_lives(world)
    second = world.open({"app/b.py": "x = 1\n"}, branch="second")
    assert world.event(second, "opened") == 0
    assert world.sweep() == 0
    assert world.record("pr-1")
    assert world.record("pr-2") == ""
    assert "pr-2" in world.summary
    assert world.cluster_namespaces("pr-") == ["pr-1"]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(world):
    shorten_lives(world)
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    assert world.sweep(dry_run="true") == 0
    assert "pr-1" in world.summary
    assert world.record("pr-1")
    assert world.cluster_namespaces("pr-") == ["pr-1"]


def test_what_was_closed_without_an_event_is_found(world):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    world.repository.close(number)
    assert world.sweep() == 0
    assert world.record("pr-1") == ""
    assert world.cluster_namespaces("pr-") == []


def test_a_namespace_and_application_without_a_record_are_found(world):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    world.repository.delete_branch("eod/environments")
    world.repository.close(number)
    assert world.sweep() == 0
    assert world.cluster_namespaces("pr-") == []


def test_a_listing_that_fails_deletes_nothing(world):
    from standins.github import faults

    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    world.repository.close(number)
    world.github.inject(faults.forbidden(), on="GET */pulls*", times=None)
    assert world.sweep() == 1
    assert world.record("pr-1")
    assert world.cluster_namespaces("pr-") == ["pr-1"]


def test_another_repositorys_environment_in_the_same_cluster_is_left_alone(world):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    other = world.another("acme", "other")
    twin = other.open(TYPO)
    assert twin == number
    other.repository.close(twin)
    assert other.event(twin, "closed") == 0
    assert other.outputs["phase"] == "destroyed"
    assert other.sweep() == 0
    assert world.cluster_namespaces("pr-") == ["pr-1"]
    assert world.sweep() == 0
    assert world.record("pr-1")


def test_the_same_number_in_two_repositories_is_never_one_environment(world):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    other = world.another("acme", "other")
    assert other.event(other.open(TYPO), "opened") == 1
    assert "acme/shop" in other.summary
    assert "phase: ready" in world.record("pr-1")
