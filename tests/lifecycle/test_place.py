from datetime import timedelta

import pytest
from msgspec import structs

from eod.config import ArgoCd, Aws, Guardrails, Terraform, TierSettings
from eod.config.tiers import known_capabilities, resolve_tier
from eod.lifecycle.place import (
    Facts,
    application_of,
    backend_of,
    expected_revision,
    label_value,
    namespace_of,
    place_of,
    placeholders,
    tags_of,
    variables_of,
)
from eod.model.tier import Tier, Verdict
from tests.lifecycle.builders import CONFIG, NOW, pull

TERRAFORM = Terraform(directory="infra", backend={"bucket": "states", "use_lockfile": True}, variables={"size": 3})


def given(config):
    place = place_of(config, "acme/shop", 7)
    return place, placeholders(config, place, owner="ada", tier="full", head_sha="a" * 40, head_ref="x")


def variables(config, tier=Tier.DATABASE, **facts):
    place, values = given(config)
    settings = resolve_tier(config, tier)
    verdict = Verdict(tier=tier, capabilities=settings.capabilities or ())
    known = known_capabilities(config)
    all_facts = Facts(**{"pull": pull(7), "verdict": verdict, "image_tag": "", "capabilities": known, **facts})
    return variables_of(config, settings, place, all_facts, values)


def test_every_variable_of_the_contract_is_there():
    config = structs.replace(CONFIG, terraform=TERRAFORM, shared={"database-endpoint": "db.example.com"})
    given_variables = variables(config)
    expected = {
        "pr_number": 7,
        "namespace": "pr-7",
        "domain": "preview.example.com",
        "hostname": "pr-7.preview.example.com",
        "image_tag": "a" * 40,
        "tier": "database",
        "enable_database": True,
        "enable_cdn": False,
        "ttl_hours": 24,
        "github_user": "ada",
        "pr_url": "https://github.com/acme/shop/pull/7",
        "shared_database_endpoint": "db.example.com",
        "size": 3,
    }
    assert {name: given_variables[name] for name in expected} == expected


def test_the_teams_own_variables_win_and_a_tiers_win_over_those():
    config = structs.replace(
        CONFIG,
        terraform=structs.replace(TERRAFORM, variables={"image_tag": "{head_sha}-arm", "size": 3}),
        tiers={Tier.DATABASE: TierSettings(variables={"size": 9})},
    )
    given_variables = variables(config)
    assert given_variables["image_tag"] == "a" * 40 + "-arm"
    assert given_variables["size"] == 9


def test_each_environment_has_a_state_of_its_own():
    config = structs.replace(CONFIG, terraform=TERRAFORM)
    assert backend_of(config, given(config)[1]) == {
        "key": "eod/acme/shop/pr-7.tfstate",
        "bucket": "states",
        "use_lockfile": "true",
    }


def test_tags_do_not_change_from_push_to_push():
    config = structs.replace(CONFIG, aws=Aws(tags={"team": "{owner}"}))
    place, values = given(config)
    later = {**values, "head_sha": "c" * 40}
    tags = tags_of(config, place, owner="ada", values=values)
    assert tags == tags_of(config, place, owner="ada", values=later)
    assert tags["environment.on-demand/name"] == "pr-7"
    assert tags["team"] == "ada"


def test_an_owner_becomes_a_legal_tag():
    place, values = given(CONFIG)
    assert tags_of(CONFIG, place, owner="dependabot[bot]", values=values)["environment.on-demand/owner"] == (
        "dependabot-bot"
    )


def spec(config=CONFIG, owner="ada"):
    return namespace_of(
        config,
        place_of(config, "acme/shop", 7),
        owner=owner,
        pr_url="https://github.com/acme/shop/pull/7",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=24),
        ttl_hours=24,
        tier="full",
    )


def test_the_namespace_carries_what_policies_and_people_look_for():
    namespace = spec(structs.replace(CONFIG, guardrails=Guardrails(istio=True)))
    assert namespace.labels["app.kubernetes.io/name"] == "preview"
    assert namespace.labels["app.kubernetes.io/instance"] == "pr-7"
    assert namespace.labels["environment.on-demand/ttl"] == "24h"
    assert namespace.labels["istio-injection"] == "enabled"
    assert namespace.annotations["environment.on-demand/created-at"] == "2026-05-01T12:00:00Z"
    assert namespace.annotations["environment.on-demand/pr-url"].endswith("/7")
    assert "istio-injection" not in spec().labels


@pytest.mark.parametrize(
    ("login", "label"),
    [("ada", "ada"), ("dependabot[bot]", "dependabot-bot"), ("a" * 80, "a" * 63), ("-x-", "x"), ("", "")],
)
def test_an_owner_becomes_a_legal_label(login, label):
    assert label_value(login) == label
    assert spec(owner=login).labels["environment.on-demand/owner"] == label


def application(**argocd):
    config = structs.replace(CONFIG, argocd=ArgoCd(**argocd))
    place, values = given(config)
    return application_of(
        config, place, clone_url="https://github.com/acme/shop.git", head_sha="a" * 40, values=values
    )


def test_without_a_source_this_repository_is_deployed_at_the_pull_requests_head():
    source = application().source
    assert source == {"repoURL": "https://github.com/acme/shop.git", "path": "deploy", "targetRevision": "a" * 40}
    assert expected_revision(application()) == "a" * 40


def test_a_source_elsewhere_is_filled_in_and_its_revision_is_not_ours():
    found = application(
        source={
            "repoURL": "https://charts.example.com",
            "chart": "shop",
            "targetRevision": "1.2.3",
            "helm": {"parameters": [{"name": "host", "value": "{hostname}"}]},
        }
    )
    assert found.source["helm"] == {"parameters": [{"name": "host", "value": "pr-7.preview.example.com"}]}
    assert "path" not in found.source
    assert expected_revision(found) == ""
