import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from eod.model.cloud import Check
from eod.model.record import Failure, Phase
from eod.model.tier import Evidence, How, Overrule, Tier
from eod.reports.redact import Redactor
from eod.reports.renderer import COMMENT_CHARACTERS, Renderer, Settings, is_worth_a_comment
from eod.reports.situation import Situation, situation_of
from tests.reports import samples
from tests.reports.nasty import TEXT, poisoned
from tests.reports.reading import MENTION, blocks, is_well_formed, prose

NOW = samples.at(4, 43)
MARKER = '<!-- eod-action: {"environment":"pr-123"} -->'


def comment(outcome, **options):
    return Renderer(**options).comment(outcome, outcome.finished_at or NOW)


@pytest.mark.parametrize("name", samples.SITUATIONS)
def test_every_situation_has_its_marker_a_headline_and_is_well_formed(name):
    text = comment(samples.SITUATIONS[name])
    marker, headline, *_ = text.splitlines()
    assert marker == MARKER
    assert re.match(r"### \S+ \S", headline)
    assert is_well_formed(text)
    assert len(text) < COMMENT_CHARACTERS
    assert "\n\n\n" not in text
    assert not re.search(r"\bNone\b|Undefined|StepState|Situation", text)


@pytest.mark.parametrize(
    ("name", "situation"),
    [
        ("first-seconds", Situation.STARTING),
        ("starting", Situation.STARTING),
        ("planning", Situation.PLANNING),
        ("applying", Situation.APPLYING),
        ("syncing", Situation.SYNCING),
        ("cooking", Situation.COOKING),
        ("ready", Situation.READY),
        ("updating", Situation.PLANNING),
        ("failed", Situation.FAILED),
        ("cancelled", Situation.CANCELLED),
        ("stopped", Situation.STOPPED),
        ("awaiting-approval", Situation.AWAITING_APPROVAL),
        ("planned", Situation.PLANNED),
        ("none", Situation.NO_ENVIRONMENT),
        ("fork", Situation.NO_ENVIRONMENT),
        ("destroying", Situation.DESTROYING),
        ("destroyed", Situation.DESTROYED),
        ("leftovers", Situation.FAILED),
        ("nothing-to-destroy", Situation.NOTHING_TO_DESTROY),
        ("dry-run", Situation.DRY_RUN),
    ],
)
def test_situations_are_told_apart(name, situation):
    assert situation_of(samples.SITUATIONS[name]) is situation


def test_an_update_that_has_just_begun_is_not_called_ready():
    begun = structs.replace(samples.STARTING, phase=Phase.READY, updating=True)
    assert situation_of(begun) is Situation.STARTING
    planned = structs.replace(samples.PLANNED, phase=Phase.READY)
    assert situation_of(planned) is Situation.PLANNED
    untouched = structs.replace(samples.NONE, phase=Phase.READY)
    assert situation_of(untouched) is Situation.NO_ENVIRONMENT


def test_the_first_comment_says_tier_reason_and_what_happens_next():
    text = comment(samples.STARTING)
    assert "**full** — `services/payment/Dockerfile`: a new service (and 1 more file)" in text
    assert "Next: its namespace" in text
    assert "usually after 15\u201330 min" in text
    assert "about $50 a day" in text


def test_a_reason_that_is_a_sentence_ends_behind_what_follows_it():
    told = [structs.replace(one, reason="It pays. It does.") for one in samples.VERDICT.evidence]
    verdict = structs.replace(samples.VERDICT, evidence=tuple(told))
    text = comment(structs.replace(samples.STARTING, verdict=verdict))
    assert "`services/payment/Dockerfile`: It pays. It does (and 1 more file)" in text


def test_a_forced_tier_names_its_label():
    forced = structs.replace(samples.VERDICT, forced_by="eod/tier: full", tier=Tier.FULL)
    assert "**full** — forced by `eod/tier: full`" in comment(structs.replace(samples.STARTING, verdict=forced))


def test_the_plan_names_slow_resources_and_how_to_share_them():
    text = comment(samples.APPLYING)
    assert "Terraform: 13 to add, 0 to change, 0 to destroy; 2 slow resources" in text
    assert (
        "| Managed database `module.preview_env.aws_rds_cluster.main[0]` | 10\u201315 min | waits for it |" in text
    )
    assert "| need not wait | Use one distribution for all previews" in text


def test_live_progress_says_what_runs_how_long_and_how_much_is_left():
    text = comment(samples.APPLYING)
    assert "3 of 13 resources done" in text
    assert (
        "| | Managed database `module.preview_env.aws_rds_cluster.main[0]` | 4 min 10 s | usually 10\u201315 min |"
        in text
    )


def test_ready_has_both_addresses_time_cost_and_expiry():
    text = comment(samples.READY)
    assert text.splitlines()[1] == "### ✅ [pr-123.acme.dev](https://pr-123.acme.dev/) is ready"
    asked = "curl --connect-to ::k8s-pr123-1a2b3c.eu-west-1.elb.amazonaws.com: http://pr-123.acme.dev/"
    assert f"without DNS and CDN: `{asked}`" in text
    assert "12 min 40 s (usually 15\u201330 min)" in text
    assert "24 Nov 2026, 11:18 UTC, in 23 h 44 min" in text
    assert "Time line: 15 min 2 s" in text


def test_what_still_cooks_does_not_hold_a_reviewer_up():
    text = comment(samples.COOKING)
    assert "Still being made, and nothing to wait for: `curl --connect-to ::k8s-" in text
    assert "CDN `module.preview_env.aws_cloudfront_distribution.cdn[0]`, 4 min so far" in text


def test_an_update_keeps_the_old_version_in_reach():
    text = comment(samples.UPDATING)
    assert "Updating `pr-123` to `9f1c2ab`" in text
    assert "[pr-123.acme.dev](https://pr-123.acme.dev/) (the previous version, until this one is ready)" in text


def test_a_failure_says_what_why_next_where_and_links_the_log():
    text = comment(samples.FAILED)
    assert "failed at step “Terraform apply”" in text
    for part in ("**Terraform could not create 1 of 13 resources.**", "Why: The account", "Next: Close a pull"):
        assert part in text
    assert "[Log of this run](https://github.com/acme/shop/actions/runs/4711)" in text
    assert "Error: creating RDS Cluster (pr-123)" in text


def test_a_cancel_is_no_failure():
    text = comment(samples.CANCELLED)
    assert "was cancelled" in text.splitlines()[1]
    assert "[!WARNING]" in text


def test_the_certificate_lists_what_was_removed_and_where_was_looked():
    text = comment(samples.DESTROYED)
    assert "8 things removed, nothing left — looked at: inventory by tag, namespace, application" in text
    assert "| rds cluster | `arn:aws:rds:eu-west-1:123456789012:cluster:pr-123` |" in text
    assert "30 h 6 min, about $63" in text


def test_leftovers_come_first_and_open():
    text = comment(samples.LEFTOVERS)
    assert "something is left" in text.splitlines()[1]
    assert "| s3 bucket | `acme-shop-pr-123-assets` | **still there** |" in text
    assert "<details open>\n<summary>Death certificate" in text


def test_the_evidence_marks_what_decided_and_names_the_rules():
    text = comment(samples.READY)
    assert "| **full** | `services/payment/app.py` | payment code | `payment` |" in text
    assert "| database | `db/migrations/V42__add_invoice.sql` | a migration | `migrations` |" in text


def test_nothing_is_marked_where_all_files_ask_for_the_same_or_somebody_forced_it():
    alike = structs.replace(samples.VERDICT, evidence=samples.VERDICT.evidence[:2])
    forced = structs.replace(samples.VERDICT, forced_by="eod/tier: full")
    for verdict in (alike, forced):
        text = comment(structs.replace(samples.READY, verdict=verdict))
        assert "| full | `services/payment/app.py` |" in text
        assert "| **full** |" not in text


def test_files_beyond_the_table_are_counted():
    evidence = tuple(
        Evidence(path=f"src/file{index}.py", tier=Tier.LIGHTWEIGHT, rule="code", reason="code")
        for index in range(2974)
    )
    strict = Evidence(path="z/payment.py", tier=Tier.FULL, rule="payment", reason="payment")
    verdict = structs.replace(samples.VERDICT, evidence=(*evidence, strict))
    text = comment(structs.replace(samples.READY, verdict=verdict))
    assert "2,975 changed files" in text
    assert "… and 2,950 more." in text
    rows = [line for line in text.splitlines() if line.startswith("| lightweight |")]
    assert len(rows) == 24
    assert text.index("z/payment.py") < text.index("src/file0.py")


def test_labels_are_the_configured_ones():
    text = comment(samples.READY, settings=Settings(tier_prefix="size/", skip_label="no-env", keep_label="stay"))
    assert "`size/full`" in text
    assert "`no-env`" in text
    assert "`stay`" in text


def test_an_expiry_warning_mentions_the_owner_and_only_a_plain_login():
    renderer = Renderer()
    text = renderer.expiry_warning(samples.RECORD, samples.START)
    assert "@octocat: `pr-123` expires 23 Nov 2026, 13:18 UTC, in 2 h." in text
    for login in ("dependabot[bot]", "a b", "acme/everyone", "x\n@all", ""):
        written = renderer.expiry_warning(structs.replace(samples.RECORD, owner=login), samples.START)
        assert not MENTION.search(prose(written))


@pytest.mark.parametrize(
    ("name", "worth"),
    [
        ("first-seconds", False),
        ("starting", True),
        ("none", True),
        ("fork", True),
        ("ready", True),
        ("destroying", True),
        ("destroyed", True),
        ("leftovers", True),
        ("nothing-to-destroy", False),
        ("dry-run", False),
    ],
)
def test_what_is_worth_a_comment(name, worth):
    assert is_worth_a_comment(samples.SITUATIONS[name]) is worth


def test_a_dry_run_is_none_from_its_beginning():
    assert not is_worth_a_comment(structs.replace(samples.DRY_RUN, finished_at=None))


@given(st.sampled_from(sorted(samples.SITUATIONS)), TEXT)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_from_outside_becomes_markup(name, text):
    harmed = comment(poisoned(samples.SITUATIONS[name], text))
    assert is_well_formed(harmed)
    assert not MENTION.search(prose(harmed))
    assert harmed.startswith("<!-- eod-action: {")
    assert harmed.split("\n")[0].endswith(" -->")


WITHOUT_DETAIL = sorted(name for name, one in samples.SITUATIONS.items() if one.failure is None)


@given(st.sampled_from(WITHOUT_DETAIL), TEXT)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_from_outside_changes_the_page(name, text):
    sample = samples.SITUATIONS[name]
    kept = {"command": sample.command, "plan_text": "", "steps": sample.steps, "progress": sample.progress}
    harmed = structs.replace(poisoned(sample, f"{text}z"), **kept)
    harmless = structs.replace(poisoned(sample, "word"), **kept)
    assert blocks(comment(harmed)) == blocks(comment(harmless))


@pytest.mark.parametrize("unit", ["x", "$", "<", "`|", "é\n"])
@pytest.mark.parametrize(
    ("files", "items", "notices", "plan"),
    [(200, 200, 200, 50_000), (30, 0, 0, 0), (0, 30, 30, 100), (1, 1, 1, 0)],
)
def test_the_comment_always_fits_and_is_never_cut_in_the_middle(files, items, notices, plan, unit):
    long = unit * 600
    verdict = structs.replace(
        samples.VERDICT,
        evidence=(Evidence(path=long, tier=Tier.FULL, rule=long, reason=long),) * files,
        forced_by=None,
        notes=(long,) * 20,
    )
    certificate = structs.replace(
        samples.CERTIFICATE,
        removed=samples.CERTIFICATE.removed * (items // 8 + 1),
        remaining=samples.ITEMS * (items // 8),
        checks=(Check(name=long, ok=False, detail=long),) * min(items, 100),
    )
    outcome = structs.replace(
        samples.LEFTOVERS,
        command="up",
        verdict=verdict,
        certificate=certificate,
        plan=samples.SUMMARY,
        plan_text=unit * plan,
        notices=(long,) * notices,
        environment=f"pr-{long[:20]}",
        failure=Failure(step=long, what=f"{long}\n{long}", why=long, fix=long),
    )
    text = comment(outcome)
    assert len(text) <= COMMENT_CHARACTERS
    assert is_well_formed(text)
    assert text.splitlines()[1].startswith("### ❌")


def test_the_plans_text_gives_way_line_by_line():
    plan_text = "".join(f"  # resource number {index} will be created\n" for index in range(5000))
    text = comment(structs.replace(samples.READY, plan_text=plan_text))
    assert COMMENT_CHARACTERS - 30_000 < len(text) <= COMMENT_CHARACTERS
    assert re.search(r"… and [\d,]+ more lines of the plan: see the log\.", text)
    assert "```hcl\n  # resource number 0" in text
    assert is_well_formed(text)


def test_secrets_do_not_come_out():
    text = comment(
        structs.replace(samples.READY, plan_text='password = "hunter2222"\ntoken ghp_' + "a" * 36),
        redact=Redactor(["acme.dev"]),
    )
    assert "hunter2222" not in text
    assert "ghp_" not in text
    assert "acme.dev" not in text


def test_the_same_outcome_is_the_same_comment():
    assert comment(samples.READY) == comment(samples.READY)
    later = Renderer().comment(samples.READY, samples.at(15, 3) + timedelta(seconds=1))
    assert later != comment(samples.READY)


def test_a_hint_that_two_resources_share_is_given_once():
    plan = samples.PLANNED.plan
    assert plan is not None
    one = plan.blocking[0]
    twins = (
        structs.replace(one, address="a", hint="Share `it`."),
        structs.replace(one, address="b", hint="Share `it`."),
    )
    text = comment(structs.replace(samples.PLANNED, plan=structs.replace(plan, blocking=twins)))
    assert text.count("Share `it`.") == 1


def test_words_between_backticks_are_code_and_no_backslash_is_seen():
    failure = Failure(step="plan", what="No.", why="There is no `terraform:` here.", fix="Add `terraform:`.")
    text = comment(structs.replace(samples.FAILED, failure=failure, notices=("The label `eod/keep` keeps it.",)))
    assert "Why: There is no `terraform:` here." in text
    assert "Next: Add `terraform:`." in text
    assert "The label `eod/keep` keeps it." in text


@pytest.mark.parametrize("address", ["http://k8s$(id).example.com/", "http://lb.example.com/`id`"])
def test_what_a_reader_may_paste_into_a_shell_holds_nothing_that_a_shell_obeys(address):
    assert "curl" not in comment(structs.replace(samples.READY, direct_url=address))


@pytest.mark.parametrize("name", ["ready", "none", "updating", "planned"])
def test_who_overruled_the_tier_and_when_is_said_and_nobody_is_mentioned(name):
    overrule = Overrule(
        tier=Tier.NONE, found=Tier.FULL, how=How.LABEL, name="eod/tier: none", by="ada", at=samples.START
    )
    verdict = structs.replace(samples.VERDICT, tier=Tier.NONE, forced_by="eod/tier: none", overrule=overrule)
    text = comment(structs.replace(samples.SITUATIONS[name], verdict=verdict))
    (row,) = [line for line in text.splitlines() if line.startswith("| Tier | **none**")]
    assert "`@ada` lowered it from full on 23 Nov 2026" in row
    assert "by the label `eod/tier: none`" in row
    assert not MENTION.search(prose(text))
