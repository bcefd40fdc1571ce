import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config import Config, Rule, Terraform, TierSettings
from eod.errors import ExitCode, UsageError
from eod.model.change import ChangeKind, ChangeSet, FileChange
from eod.model.tier import Tier
from eod.tiers import classify, to_document, to_json

CONFIG = Config(domain="preview.example.com", terraform=Terraform(directory="infra"))


def changes(*files):
    return ChangeSet(base="b", head="h", merge_base="b", files=tuple(files))


def modified(path):
    return FileChange(path=path, kind=ChangeKind.MODIFIED)


def verdict(*paths, config=CONFIG, labels=(), forced=None):
    return classify(changes(*map(modified, paths)), config, labels=labels, forced=forced)


def rule_of(path, config=CONFIG):
    (evidence,) = verdict(path, config=config).evidence
    return evidence.tier.value, evidence.rule


@pytest.mark.parametrize(
    ("path", "tier", "rule"),
    [
        ("README.md", "none", "docs"),
        ("docs/payments/refunds.md", "none", "docs"),
        ("SECURITY.md", "none", "docs"),
        ("LICENSE", "none", "docs"),
        ("tests/payment/test_charge.py", "none", "tests"),
        ("src/main/java/PaymentServiceTest.java", "none", "tests"),
        ("src/auth.test.ts", "none", "tests"),
        ("src/charge_test.go", "none", "tests"),
        ("tests/migrations/0001.sql", "none", "tests"),
        ("infra/tests/main.tftest.hcl", "none", "tests"),
        ("src/Button.stories.tsx", "none", "tests"),
        (".github/workflows/ci.yml", "none", "ci"),
        (".gitignore", "none", "tooling"),
        ("src/app.scss", "lightweight", "styles"),
        ("public/logo.svg", "lightweight", "images"),
        ("src/payment/form.css", "lightweight", "styles"),
        ("app/locales/de/payment.json", "lightweight", "translations"),
        ("locale/de/LC_MESSAGES/app.po", "lightweight", "translations"),
        ("infra/main.tf", "full", "infrastructure"),
        ("env/prod.tfvars", "full", "infrastructure"),
        ("live/terragrunt.hcl", "full", "infrastructure"),
        ("src/terraform/runner.py", "lightweight", "code"),
        ("deploy/ansible/roles/web/tasks/main.yml", "full", "infrastructure"),
        ("k8s/rbac.yaml", "full", "cluster-policy"),
        ("deploy/base/network-policy.yaml", "full", "cluster-policy"),
        ("deploy/NetworkPolicy.yaml", "full", "cluster-policy"),
        ("deploy/networkpolicies.yaml", "full", "cluster-policy"),
        ("istio/gateway.yaml", "full", "cluster-policy"),
        ("policies/limits.yaml", "full", "cluster-policy"),
        ("opa/deny.rego", "full", "cluster-policy"),
        ("src/payment/charge.py", "full", "sensitive"),
        ("src/PaymentService.java", "full", "sensitive"),
        ("services/paymentservice/main.go", "full", "sensitive"),
        ("app/OAuthProvider.ts", "full", "sensitive"),
        ("src/components/BillingForm.tsx", "full", "sensitive"),
        ("lib/crypto_box.rb", "full", "sensitive"),
        ("config/secrets.yaml", "full", "sensitive"),
        ("db/migrate/20260101_add_payment_method.rb", "full", "sensitive"),
        ("db/migrate/20260101_add_nickname.rb", "database", "migrations"),
        ("shop/migrations/0002_nickname.py", "database", "migrations"),
        ("prisma/schema.prisma", "database", "schema"),
        ("src/main/resources/db/migration/V2__nick.sql", "database", "migrations"),
        ("queries/report.sql", "database", "sql"),
        ("alembic/versions/1a2b_nick.py", "database", "migrations"),
        ("db/seeds.rb", "database", "seeds"),
        ("prisma/seed.ts", "database", "seeds"),
        ("src/components/Button.tsx", "frontend", "frontend"),
        ("pages/index.vue", "frontend", "frontend"),
        ("vite.config.ts", "frontend", "frontend"),
        ("static/robots.txt", "frontend", "frontend"),
        ("package-lock.json", "lightweight", "dependencies"),
        ("go.sum", "lightweight", "dependencies"),
        ("Dockerfile", "lightweight", "deployment"),
        ("helm/shop/values.yaml", "lightweight", "deployment"),
        ("k8s/deployment.yaml", "lightweight", "deployment"),
        ("src/main.go", "lightweight", "code"),
        ("Makefile", "lightweight", "code"),
        ("config/app.yaml", "lightweight", "settings"),
        ("what.ever", "full", "unmatched"),
    ],
)
def test_built_in_rules(path, tier, rule):
    assert rule_of(path) == (tier, rule)


@pytest.mark.parametrize(
    "path",
    [
        "src/author.py",
        "src/authors/list.go",
        "src/Contest.java",
        "src/LicenseController.java",
        "src/secretary.py",
        "src/latest.go",
        "src/readme_parser.py",
    ],
)
def test_words_that_only_look_alike_are_plain_code(path):
    assert rule_of(path) == ("lightweight", "code")


def test_the_strictest_evidence_wins_and_brings_its_capabilities():
    found = verdict("README.md", "src/app.py", "db/migrate/1.rb")
    assert found.tier is Tier.DATABASE
    assert found.capabilities == ("dns", "load_balancer", "database")
    assert [(each.path, each.tier) for each in found.evidence] == [
        ("README.md", Tier.NONE),
        ("db/migrate/1.rb", Tier.DATABASE),
        ("src/app.py", Tier.LIGHTWEIGHT),
    ]
    assert all(each.reason for each in found.evidence)


def test_the_word_that_decided_is_named():
    (evidence,) = verdict("src/PaymentService.java").evidence
    assert "`payment`" in evidence.reason


def test_no_change_asks_for_nothing_and_says_so():
    found = verdict()
    assert found.tier is Tier.NONE
    assert found.evidence == ()
    assert any("No file" in note for note in found.notes)


def test_a_deleted_file_counts():
    gone = FileChange(path="db/migrate/1.rb", kind=ChangeKind.DELETED)
    assert classify(changes(gone), CONFIG).tier is Tier.DATABASE


@pytest.mark.parametrize(
    ("old", "new"), [("src/payment/a.py", "src/shop/a.py"), ("src/shop/a.py", "src/payment/a.py")]
)
def test_a_renamed_file_counts_at_both_its_places(old, new):
    moved = FileChange(path=new, old_path=old, kind=ChangeKind.RENAMED)
    (evidence,) = classify(changes(moved), CONFIG).evidence
    assert (evidence.path, evidence.tier) == (new, Tier.FULL)


def test_a_file_that_moves_out_of_sight_is_still_seen_at_its_old_place():
    config = Config(
        domain="a.example", ignore=("attic/",), rules=(Rule(paths=("core/",), tier=Tier.DATABASE, name="core"),)
    )
    hidden = FileChange(path="attic/charge.py", old_path="src/payment/charge.py", kind=ChangeKind.RENAMED)
    within = FileChange(path="attic/a.py", old_path="attic/b.py", kind=ChangeKind.RENAMED)
    left = FileChange(path="src/a.py", old_path="core/a.py", kind=ChangeKind.RENAMED)
    tiers = [classify(changes(one), config).tier for one in (hidden, within, left)]
    assert tiers == [Tier.FULL, Tier.NONE, Tier.DATABASE]


def test_a_copied_file_counts_at_its_new_place_only():
    copied = FileChange(path="src/shop/a.py", old_path="src/payment/a.py", kind=ChangeKind.COPIED)
    assert classify(changes(copied), CONFIG).tier is Tier.LIGHTWEIGHT


def test_a_new_dockerfile_is_a_new_service_and_a_changed_one_is_not():
    added = FileChange(path="services/search/Dockerfile", kind=ChangeKind.ADDED)
    assert classify(changes(added), CONFIG).tier is Tier.FULL
    assert rule_of("services/search/Dockerfile") == ("lightweight", "deployment")


def test_the_repositorys_rules_come_first_then_what_it_ignores():
    config = Config(
        domain="a.example",
        rules=(
            Rule(
                paths=("src/payment/**", "!src/payment/legacy/**"),
                tier=Tier.DATABASE,
                name="ours",
                reason="Because.",
            ),
            Rule(paths=("*.md",), tier=Tier.FRONTEND),
        ),
        ignore=("generated/", "*.tf"),
    )
    assert rule_of("src/payment/a.py", config) == ("database", "ours")
    assert rule_of("src/payment/legacy/a.py", config) == ("full", "sensitive")
    assert rule_of("README.md", config) == ("frontend", "*.md")
    assert rule_of("generated/payment.py", config) == ("none", "ignore")
    assert rule_of("infra/main.tf", config) == ("none", "ignore")


def test_what_no_rule_matches_gets_the_tier_that_the_configuration_names():
    config = Config(domain="a.example", default_tier=Tier.LIGHTWEIGHT)
    assert rule_of("what.ever", config) == ("lightweight", "unmatched")


def test_capabilities_are_those_that_the_configuration_gives_the_tier():
    config = Config(domain="a.example", tiers={Tier.FULL: TierSettings(capabilities=("cdn",))})
    assert verdict("infra/main.tf", config=config).capabilities == ("cdn",)


@pytest.mark.parametrize("label", ["eod/tier: full", "eod/tier:full", "EOD/Tier: Full", " eod/tier: full "])
def test_a_label_forces_its_tier(label):
    found = verdict("README.md", labels=("bug", label))
    assert (found.tier, found.forced_by, found.notes) == (Tier.FULL, label, ())
    assert found.evidence[0].tier is Tier.NONE


def test_a_label_that_lowers_the_tier_says_what_it_overrules():
    found = verdict("infra/main.tf", labels=("eod/tier: none",))
    assert found.tier is Tier.NONE
    assert any("ask for tier full" in note for note in found.notes)


def test_of_two_labels_the_stricter_one_counts_and_it_is_said():
    labels = ("eod/tier: full", "eod/tier: frontend")
    for order in (labels, labels[::-1]):
        found = verdict("README.md", labels=order)
        assert (found.tier, found.forced_by) == (Tier.FULL, "eod/tier: full")
        assert any("contradict" in note for note in found.notes)


@pytest.mark.parametrize("label", ["eod/tier: huge", "eod/tier: ", "eod/tier: \n# <b>x"])
def test_a_label_that_names_no_tier_is_noted_and_ignored(label):
    found = verdict("README.md", labels=(label,))
    assert (found.tier, found.forced_by) == (Tier.NONE, None)
    assert "names no tier" in found.notes[0]
    assert "\n" not in found.notes[0]


def test_the_labels_prefix_is_configurable():
    from eod.config import Labels

    config = Config(domain="a.example", labels=Labels(prefix="size/"))
    assert verdict("README.md", config=config, labels=("size/full", "eod/tier: database")).tier is Tier.FULL


def test_an_input_beats_labels():
    found = verdict("README.md", labels=("eod/tier: full",), forced="database")
    assert (found.tier, found.forced_by) == (Tier.DATABASE, "input tier")


def test_an_empty_input_forces_nothing():
    assert verdict("README.md", forced="").forced_by is None


def test_an_input_that_names_no_tier_is_refused():
    with pytest.raises(UsageError, match="no tier `huge`") as caught:
        verdict("README.md", forced="huge")
    assert caught.value.exit_code is ExitCode.USAGE


def test_every_one_of_very_many_files_is_classified():
    paths = [f"src/module_{number}/file_{number}.py" for number in range(3500)]
    found = verdict(*paths, "zz/main.tf")
    assert len(found.evidence) == 3501
    assert found.tier is Tier.FULL


raw_paths = st.binary(min_size=1, max_size=30).filter(lambda raw: b"\0" not in raw)
known_paths = st.sampled_from(
    ["README.md", "src/a.py", "db/migrate/1.rb", "infra/main.tf", "src/payment.py", "a.tsx", "x.y"]
)
paths = known_paths | raw_paths.map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@settings(deadline=None)
@given(st.lists(paths, max_size=6), paths)
def test_one_more_file_never_lowers_the_tier_nor_changes_other_evidence(some, one_more):
    before, after = verdict(*some), verdict(*some, one_more)
    assert after.tier.rank >= before.tier.rank
    assert set(before.evidence) <= set(after.evidence)


@settings(deadline=None)
@given(st.lists(paths, max_size=8), st.randoms())
def test_the_order_of_the_files_does_not_matter(some, chance: random.Random):
    shuffled = list(some)
    chance.shuffle(shuffled)
    assert verdict(*some) == verdict(*shuffled)


@settings(deadline=None)
@given(st.lists(paths, max_size=4), st.lists(st.text(max_size=30) | st.just("eod/tier: full"), max_size=3))
def test_the_document_is_json_whatever_the_paths_and_labels_are(some, labels):
    found = verdict(*some, labels=tuple(labels))
    text = to_json(found)
    text.encode("utf-8")
    document = json.loads(text)
    assert document == to_document(found)
    assert list(document) == ["tier", "capabilities", "evidence", "forced_by"]
    assert all(list(each) == ["path", "tier", "rule", "reason"] for each in document["evidence"])
    assert len(document["evidence"]) == len(some)


def test_undecodable_bytes_of_a_path_stay_visible():
    found = verdict(b"src/caf\xe9.py".decode("utf-8", "surrogateescape"))
    assert json.loads(to_json(found))["evidence"][0]["path"] == "src/caf\\xe9.py"


def test_a_label_that_is_no_unicode_is_made_readable():
    found = verdict("a.md", labels=("eod/tier: full\ud800",))
    assert found.forced_by is None
    config = Config(domain="a.example", rules=(Rule(paths=("*.md",), tier=Tier.FULL, reason="\ud800"),))
    assert json.loads(to_json(verdict("a.md", config=config)))["evidence"][0]["reason"] == "\\ud800"


@pytest.mark.parametrize("path", ["docs\n/../main.tf", "x\n.md\nmain.tf", "a.md\n"])
def test_a_line_break_in_a_path_is_no_end_of_the_path(path):
    assert rule_of(path)[1] != "docs"
