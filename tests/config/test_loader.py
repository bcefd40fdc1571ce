from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config.loader import MINIMAL, load
from eod.config.tiers import known_capabilities, resolve_tier
from eod.errors import ConfigError, ExitCode
from eod.model.tier import Tier

HEAD = "domain: preview.example.com\n"


def problems(text):
    """What `load` says about `text`: one `file:line: sentence` for each problem."""
    with pytest.raises(ConfigError) as caught:
        load(dedent(text), "eod.yml")
    error = caught.value
    assert error.exit_code is ExitCode.USAGE
    if error.detail:
        return error.detail.splitlines()
    return [f"{error.where}: {error.what} {error.fix}"]


def only(text):
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_a_domain_is_enough():
    config = load(HEAD, "eod.yml")
    assert config.name == "pr-{number}"
    assert config.terraform is None


def test_the_minimal_example_is_a_valid_file():
    config = load(MINIMAL, "eod.yml")
    assert config.terraform is not None
    assert config.terraform.directory == "infra/preview"


@pytest.mark.parametrize("text", ["", "\n", "# a comment\n", "---\n", "null\n"])
def test_an_empty_file_is_answered_with_an_example(text):
    with pytest.raises(ConfigError) as caught:
        load(text, ".github/eod.yml")
    assert "domain" in str(caught.value)
    assert ".github/eod.yml:1" in str(caught.value)


@pytest.mark.parametrize("text", ["- a\n", "just words\n", "42\n"])
def test_a_file_that_is_no_mapping_is_refused(text):
    with pytest.raises(ConfigError, match="must be a mapping"):
        load(text, "eod.yml")


def test_every_problem_is_reported_at_once_with_its_line():
    found = problems(
        """\
        domain: Preview.Example.Com
        nam: x
        terraform:
          directory: infra
          paralelism: 3
          lock-timeout-seconds: soon
        argocd:
          mode: aplication
        ttl:
          hours: 0
        """
    )
    assert [line.split(": ")[0] for line in found] == [
        "eod.yml:1", "eod.yml:2", "eod.yml:5", "eod.yml:6", "eod.yml:8", "eod.yml:10",
    ]  # fmt: skip
    assert "Expected a domain in lower case" in found[0]
    assert "Did you mean `name`?" in found[1]
    assert "Did you mean `parallelism`?" in found[2]
    assert "Expected a whole number from 0 to 3600, found the text `soon`" in found[3]
    assert "Did you mean `application`?" in found[4]
    assert "Expected a number over 0 and of at most 8760, found the number 0" in found[5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tiers: {heavy: {}}", "Unknown key `heavy`. Known here: `none`, `lightweight`"),
        ("terraform: {}", "`terraform`: The key `directory` is missing. Add a text that is not empty."),
        ("terraform: {directory: x, state_key: 'a/{environment}'}", "Did you mean `state-key`?"),
        ("rules: [{paths: [], tier: full}]", "`rules[0].paths`: Expected a list that is not empty"),
        ("rules: [{paths: [a], tier: ful}]", "`rules[0].tier`: Expected one of `none`"),
        ("rules: {paths: [a]}", "`rules`: Expected a list of which each is a mapping"),
        ("readiness: {status: 200}", "Write a list: [200]."),
        ("readiness: {status: [20]}", "`readiness.status[0]`: Expected a whole number from 100 to 599"),
        ("readiness: {path: health}", "Expected a path that begins with `/`"),
        ("guardrails: {istio: yes}", "Expected true or false, found the text `yes`. Write `true`."),
        ("guardrails: {memory: lots}", "Expected a quantity as Kubernetes writes it"),
        ("aws: {tags: {a: true}}", 'Put it in quotes: "true".'),
        ("labels: full", "Expected a mapping of keys to values, found the text `full`"),
        ("github: [comment]", "found a list"),
        ("limits: {sweep-share: 1.5}", "found the number 1.5"),
        ("default-tier: {a: b}", "found a mapping"),
        ("argocd: {project: ''}", "found an empty text"),
        ("argocd: {project: null}", "found nothing"),
        ("tiers: {full: {capabilities: [Data Base]}}", "Expected a capability's name in lower case"),
        ('aws: {region: "\\0"}', "cannot hold the character NUL"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_what_was_expected(text, said):
    line = only(HEAD + text)
    assert line.startswith("eod.yml:2: ")
    assert said in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: preview", "must contain `{number}`"),
        ("name: '{number}-{number}'", "must contain `{number}`, once"),
        ("name: 'pr-{number}-{owner}'", "no other placeholder"),
        ("name: PR-{number}", "which is no DNS label"),
        (f"name: {'x' * 60}-{{number}}", "at most 63 are allowed"),
        ("terraform: {directory: /infra}", "is an absolute path"),
        ("terraform: {directory: ~/infra}", "is an absolute path"),
        ("terraform: {directory: infra/../../x}", "leaves the repository"),
        ("terraform: {directory: infra, state-key: shared}", "must contain `{environment}`"),
        ("terraform: {directory: infra, backend: {key: shared}}", "must contain `{environment}`"),
        ("terraform: {directory: infra, variables: {1a: b}}", "is no name of a Terraform variable"),
        ("argocd: {mode: applicationset}", "needs `application-set`"),
        ("argocd: {application-set: previews}", "Set `mode: applicationset`"),
        ("argocd: {name: web}", "every environment would share one Application"),
        ("argocd: {source: {repo-url: x}}", "Did you mean `repoURL`?"),
        ("argocd: {source: {path: ../x}}", "leaves the repository"),
        ("github: {environment: preview}", "every environment would share one Deployment"),
        ("aws: {cdn: {bucket: b, prefix: /}}", "every environment would share one purge"),
        ("aws: {cdn: {shared-distribution: d, invalidation-path: /*}}", "share one invalidation"),
        ("guardrails: {cpu: 0}", "no pod could start"),
        ("guardrails: {allow-from-cidrs: [10.0.0.1/8]}", "has host bits set"),
        ("guardrails: {allow-from-cidrs: [10.0.0.0/8, elb]}", "`elb` is no range of addresses"),
        ("guardrails: {allow-from-cidrs: ['0.0.0.0/0']}", "lets in everybody"),
        ("guardrails: {container-memory: 8Gi}", "A container's default of 8Gi is more than the namespace's 4Gi"),
        ("ttl: {warn-hours: 24}", "Write fewer hours than `ttl.hours`"),
        ("tiers: {frontend: {ttl-hours: 1}}", "Write more hours than `ttl.warn-hours`"),
        ("tiers: {none: {terraform: false}}", "Tier `none` gets nothing"),
        ("tiers: {full: {terraform: true}}", "there is no `terraform` section"),
        ("rules: [{paths: ['!'], tier: full}]", "is no pattern of `.gitignore`"),
        ("ignore: ['# nothing']", "is no pattern of `.gitignore`"),
        ("records: {branch: 'a b'}", "is no name of a branch"),
        ("records: {branch: refs/heads/x}", "is no name of a branch"),
        ("records: {directory: .}", "need a folder of their own"),
        ("records: {directory: ../x}", "leaves the repository"),
    ],
)
def test_a_value_that_cannot_work_is_refused(text, said):
    line = only(HEAD + text)
    assert line.startswith("eod.yml:2: ")
    assert said in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aws: {tags: {a: '{numbr}'}}", "Did you mean `{number}`?"),
        ("terraform: {directory: x, variables: {a: {b: ['{nope}']}}}", "Known here: `{number}`"),
        ("github: {environment: 'p/{environment}/{tier}'}", "Known here: `{environment}`, `{name}`"),
        ("records: {directory: 'x/{tier}'}", "is not filled in here"),
    ],
)
def test_placeholders_are_checked_where_they_stand(text, said):
    assert said in only(HEAD + text)


def test_doubled_braces_and_other_braces_are_no_placeholders():
    config = load(HEAD + "shared: {a: '{{foo}}', b: '{\"x\": {}}', c: '{{ .Values.x }}'}", "eod.yml")
    assert config.shared["b"] == '{"x": {}}'


def test_a_pattern_that_ends_in_a_line_break_does_not_pass():
    assert "with a line break" in only("domain: |\n  preview.example.com\n")


def test_numbers_are_taken_as_texts_the_way_they_are_written():
    text = HEAD + "guardrails: {cpu: 2, container-cpu: 0.50}\naws: {tags: {cost-center: 0123, version: 1.10}}\n"
    config = load(text, "eod.yml")
    assert config.guardrails.cpu == "2"
    assert config.guardrails.container_cpu == "0.50"
    assert config.aws.tags == {"cost-center": "0123", "version": "1.10"}


def test_sections_left_empty_mean_their_defaults():
    config = load(HEAD + "argocd:\nrules:\nterraform:\nlabels:\n", "eod.yml")
    assert config == load(HEAD, "eod.yml")


def test_backend_settings_keep_their_types():
    text = HEAD + "terraform: {directory: x, backend: {bucket: b, encrypt: true, retries: 3, version: 1.5}}"
    config = load(text, "eod.yml")
    assert config.terraform is not None
    assert config.terraform.backend == {"bucket": "b", "encrypt": True, "retries": 3, "version": "1.5"}


def test_the_rest_of_a_file_is_judged_although_the_domain_is_missing():
    found = problems("name: preview\nterraform: {directory: /x}\n")
    assert len(found) == 3
    assert "The key `domain` is missing" in found[0]


def test_resolving_a_tier_takes_the_built_in_table_and_the_files_changes():
    config = load(
        MINIMAL
        + "ttl: {hours: 12}\ntiers: {database: {capabilities: [database], cost-per-day: 7, ttl-hours: 48}}\n",
        "eod.yml",
    )
    none, light, full = (resolve_tier(config, tier) for tier in (Tier.NONE, Tier.LIGHTWEIGHT, Tier.FULL))
    database = resolve_tier(config, Tier.DATABASE)
    assert (none.capabilities, none.terraform, none.cost_per_day) == ((), False, 0)
    assert (light.capabilities, light.terraform, light.ttl_hours, light.cost_per_day) == ((), False, 12, 10)
    assert (database.capabilities, database.terraform, database.ttl_hours) == (("database",), True, 48)
    assert database.cost_per_day == 7
    assert full.capabilities == ("dns", "load_balancer", "database", "queue", "storage", "cdn")
    assert known_capabilities(config) == frozenset(full.capabilities)


def test_without_a_terraform_section_no_tier_runs_terraform():
    config = load(HEAD, "eod.yml")
    assert not any(resolve_tier(config, tier).terraform for tier in Tier)


def test_each_tier_gets_what_the_lighter_ones_get():
    config = load(MINIMAL, "eod.yml")
    for lighter, heavier in zip(list(Tier), list(Tier)[1:], strict=False):
        assert set(resolve_tier(config, lighter).capabilities or ()) <= set(
            resolve_tier(config, heavier).capabilities or ()
        )


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_configuration_or_an_explanation(text):
    where = "eod.yml:"
    try:
        load(text, "eod.yml")
    except ConfigError as error:
        where = error.where
    assert where.startswith("eod.yml:")


keys = st.sampled_from(
    ["domain", "name", "terraform", "directory", "argocd", "mode", "ttl", "hours", "rules", "x"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("a.example.com"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(keys, values, max_size=6))
def test_any_mapping_gives_a_configuration_or_an_explanation(mapping):
    import yaml

    text = yaml.safe_dump(mapping, allow_unicode=True)
    where = "eod.yml:"
    try:
        load(text, "eod.yml")
    except ConfigError as error:
        where = error.where
    assert where.startswith("eod.yml:")


def test_a_section_is_not_blamed_for_the_values_that_it_lost():
    assert "argocd.mode" in only(HEAD + "argocd: {mode: aplicationset, application-set: previews}")
