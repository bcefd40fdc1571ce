import pytest
from msgspec import structs

from eod.config import Labels, Level, Mismatch, Overrule, Policy, Rule
from eod.errors import ExitCode, PolicyRefusedError
from eod.lifecycle.rooms import Until, UpRequest
from eod.lifecycle.up import up
from eod.model.policy import Exposure
from eod.model.record import Phase, TerraformRecord
from eod.model.tier import Tier
from tests.lifecycle.builders import pull, record
from tests.lifecycle.inmemory import WITH_TERRAFORM, InMemoryRooms, in_memory_rooms

FRONTEND = structs.replace(WITH_TERRAFORM, rules=(Rule(paths=("app/",), tier=Tier.FRONTEND),))
FAILING = structs.replace(FRONTEND, overrule=Overrule(plan=Mismatch.FAIL))
REQUEST = UpRequest(pr_number=7)


def rooms_for(config, makes, **facts):
    rooms = in_memory_rooms(config, pulls=[pull(**facts.pop("pull", {}))], **facts)
    rooms.declares = frozenset({"tier", "enable_queue", "enable_database", "enable_dns"})
    rooms.makes = makes
    return rooms


def tier_of(outcome):
    return outcome.verdict.tier


def last_evidence_of(outcome):
    return outcome.verdict.evidence[-1]


def always_a_queue(_variables):
    return ("dns", "queue")


def test_a_plan_that_fits_is_made_once_and_changes_nothing():
    rooms = rooms_for(FRONTEND, lambda _variables: ("dns",))
    outcome = up(rooms, REQUEST)
    assert len(rooms.bound) == 1
    assert tier_of(outcome) is rooms.kept["pr-7"].tier is Tier.FRONTEND
    assert outcome.notices == ()


def test_a_plan_that_holds_more_raises_the_tier_and_is_made_again_with_its_variables():
    rooms = rooms_for(FRONTEND, always_a_queue)
    outcome = up(rooms, REQUEST)
    first, second = (each["variables"] for each in rooms.bound)
    assert (first["tier"], first["enable_queue"], first["enable_database"]) == ("frontend", False, False)
    assert (second["tier"], second["enable_queue"], second["enable_database"]) == ("full", True, True)
    kept = rooms.kept["pr-7"]
    assert (kept.phase, kept.tier) == (Phase.READY, Tier.FULL)
    assert "queue" in kept.capabilities
    assert kept.terraform.variables == second
    assert kept.cost_per_day == outcome.cost_per_day == 50
    assert tier_of(outcome) is Tier.FULL
    assert last_evidence_of(outcome).path == "a.queue"
    (notice,) = outcome.notices
    assert "`a.queue`" in notice
    assert "the tier is `full`" in notice
    assert rooms.calls["ensure_namespace"] == 2, "the namespace tells the new tier"
    assert rooms.calls["apply"] == 1, "nothing is applied before the tier is settled"


def test_a_plan_that_grows_with_the_tier_is_confirmed_again():
    rooms = rooms_for(
        FRONTEND, lambda variables: ("database", "queue") if variables["enable_database"] else ("database",)
    )
    assert tier_of(up(rooms, REQUEST)) is Tier.FULL
    assert [each["variables"]["tier"] for each in rooms.bound] == ["frontend", "database", "full"]


def test_it_is_refused_where_the_configuration_says_so():
    rooms = rooms_for(FAILING, always_a_queue)
    with pytest.raises(PolicyRefusedError) as refused:
        up(rooms, REQUEST)
    assert refused.value.exit_code is ExitCode.REFUSED_BY_POLICY
    assert "a.queue" in refused.value.what
    assert refused.value.fix
    kept = rooms.kept["pr-7"]
    assert (kept.phase, kept.failure.step, kept.tier) == (Phase.FAILED, "confirm", Tier.FRONTEND)
    assert rooms.calls["apply"] == 0
    assert rooms.finished[-1].failure.what == refused.value.what


@pytest.mark.parametrize("config", [FRONTEND, FAILING])
def test_what_a_person_has_forced_stands_and_the_notice_says_so(config):
    label = f"{Labels().prefix}frontend"
    rooms = rooms_for(config, always_a_queue, pull={"labels": (label,)})
    outcome = up(rooms, REQUEST)
    assert (tier_of(outcome), len(rooms.bound)) == (Tier.FRONTEND, 1)
    assert "asks for that tier all the same" in outcome.notices[0]


def test_a_plan_that_needs_less_says_so_and_changes_nothing():
    config = structs.replace(FRONTEND, rules=(Rule(paths=("app/",), tier=Tier.FULL),))
    rooms = rooms_for(config, lambda _variables: ("dns",))
    outcome = up(rooms, REQUEST)
    assert tier_of(outcome) is rooms.kept["pr-7"].tier is Tier.FULL
    assert "would also fit tier `frontend`" in outcome.notices[0]


def test_an_update_is_not_told_that_it_needs_less():
    config = structs.replace(FRONTEND, rules=(Rule(paths=("app/",), tier=Tier.FULL),))
    applied = TerraformRecord(commit="a" * 40, directory="infra", applied=True)
    rooms = rooms_for(config, lambda _variables: ("dns",), records=[record(terraform=applied)])
    assert up(rooms, REQUEST).notices == ()


def test_eod_plan_shows_the_raised_tier_and_makes_nothing():
    rooms = rooms_for(FRONTEND, always_a_queue)
    outcome = up(rooms, UpRequest(pr_number=7, until=Until.PLANNED))
    assert tier_of(outcome) is Tier.FULL
    assert rooms.kept == {}
    assert rooms.calls["ensure_namespace"] == 0


def test_a_push_while_the_plan_is_made_again_stops_the_run_before_anything_is_made():
    rooms = rooms_for(FRONTEND, always_a_queue)

    def makes(variables):
        if variables["enable_queue"]:
            rooms.pulls[7] = pull(head_sha="c" * 40)
        return ("queue",)

    rooms.makes = makes
    up(rooms, REQUEST)
    assert rooms.calls["apply"] == 0


class PublicRooms(InMemoryRooms):
    """A plan with a bucket that everybody can read."""

    def plan(self):
        public = Exposure(address="aws_s3_bucket_acl.site", what="`acl` is public.", way_out="Make it `private`.")
        return structs.replace(super().plan(), exposures=(public,))


class LatelyPublicRooms(InMemoryRooms):
    """What was not known when it was approved turns out, in a further try's plan, to be public."""

    exposures = (
        Exposure(address="aws_s3_bucket_policy.p", what="Untold.", way_out="Make it `private`.", certain=False),
    )

    def plan(self):
        return structs.replace(super().plan(), exposures=self.exposures)

    def apply(self, plan, on_progress, still_wanted):
        later = tuple(structs.replace(one, what="`policy` is public.", certain=True) for one in self.exposures)
        self.bound[-1]["judge"](structs.replace(plan, exposures=later))
        return super().apply(plan, on_progress, still_wanted)


def lately_public_rooms(**policy):
    return LatelyPublicRooms(structs.replace(WITH_TERRAFORM, policy=Policy(**policy)), pulls=[pull()])


def test_what_turns_out_to_be_public_in_a_further_try_is_refused_then():
    rooms = lately_public_rooms()
    with pytest.raises(PolicyRefusedError, match=r"aws_s3_bucket_policy\.p"):
        up(rooms, UpRequest(pr_number=7, forced_tier=Tier.FULL))
    assert rooms.calls["apply"] == 0
    assert rooms.kept["pr-7"].failure.step == "apply"


def test_what_turns_out_to_be_public_is_made_where_the_team_allows_it():
    rooms = lately_public_rooms(allow_public=("aws_s3_bucket_policy.*",))
    assert up(rooms, UpRequest(pr_number=7, forced_tier=Tier.FULL)).phase is Phase.READY


def public_rooms(**policy):
    return PublicRooms(structs.replace(WITH_TERRAFORM, policy=Policy(**policy)), pulls=[pull()])


@pytest.mark.parametrize("until", [Until.PLANNED, Until.READY])
def test_public_storage_is_refused_before_anything_is_applied(until):
    rooms = public_rooms()
    with pytest.raises(PolicyRefusedError, match=r"aws_s3_bucket_acl\.site") as refused:
        up(rooms, UpRequest(pr_number=7, forced_tier=Tier.FULL, until=until))
    assert refused.value.exit_code == 4
    assert rooms.calls["apply"] == 0


def test_a_refusal_is_in_record_and_report():
    rooms = public_rooms()
    with pytest.raises(PolicyRefusedError):
        up(rooms, UpRequest(pr_number=7, forced_tier=Tier.FULL))
    kept = rooms.kept["pr-7"]
    assert kept.phase is Phase.FAILED
    assert kept.failure.step == "policy"
    (finding,) = rooms.finished[-1].plan.policy
    assert (finding.address, finding.severity) == ("aws_s3_bucket_acl.site", "refused")


@pytest.mark.parametrize("policy", [{"public_storage": Level.WARN}, {"allow_public": ("aws_s3_bucket_acl.*",)}])
def test_a_team_that_allows_it_gets_it(policy):
    rooms = public_rooms(**policy)
    assert up(rooms, UpRequest(pr_number=7, forced_tier=Tier.FULL)).phase is Phase.READY
    assert rooms.calls["apply"] == 1
