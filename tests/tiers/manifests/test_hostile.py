"""Whatever a file holds, there is an answer, and soon."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eod.model.tier import Tier
from eod.tiers.manifests import ask, ask_place
from eod.tiers.manifests.differences import differences
from eod.tiers.manifests.dockerfile import final_base, instructions
from eod.tiers.manifests.documents import read, split
from eod.tiers.manifests.templates import without_actions
from eod.tiers.manifests.yamldata import MAX_DEPTH, MAX_VALUES, NotYamlError, documents
from tests.runaway import RUNAWAY_SECONDS
from tests.tiers.builders import case_of, evidence_of
from tests.tiers.manifests.test_helm import CHART, HELMFILE, VALUES
from tests.tiers.manifests.test_images import CLOUDFORMATION, COMPOSE, SERVERLESS
from tests.tiers.manifests.test_kubernetes import ARGO, DATABASE, DEPLOYMENT, FLUX, JOB
from tests.tiers.manifests.test_kustomization import BODY, HEAD

NAMES = [
    "a.yaml",
    "a.json",
    "Chart.yaml",
    "c/values.yaml",
    "docker-compose.yml",
    "Dockerfile",
    "kustomization.yaml",
    "c/templates/_h.tpl",
    "helmfile.yaml",
    "serverless.yml",
    "Procfile",
    "a.rego",
]
HEADS = [
    b"",
    b"apiVersion: v1\nkind: Secret\n",
    b"services:\n",
    b"FROM a\nRUN <<E\n",
    b"Resources:\n a: {Type: AWS::X::Y}\n",
    b"apiVersion: argoproj.io/v1\nkind: Application\nspec:\n",
]
words = st.sampled_from(
    [
        b"a",
        b": ",
        b"- ",
        b"\n",
        b"  ",
        b"{{ x }}",
        b"{{",
        b"}}",
        b"{%",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!t ",
        b"[",
        b"{",
        b"'",
        b'"',
        b"|\n",
        b"image",
        b"kind: Deployment",
        b"apiVersion: apps/v1",
        b"spec",
        b"\\",
        b"---\n",
        b"\xff",
        b"\0",
        b"items",
        b"resources:",
        b"patches:",
        b"dependencies:",
        b"source:",
        b"helm:",
        b"values:",
        b"parameters:",
        b"name: a.b",
    ]
)
texts = st.lists(words | st.binary(max_size=4), max_size=25).map(b"".join)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.sampled_from(HEADS), texts | st.none(), texts | st.none())
def test_any_bytes_are_judged_or_left_to_others(name, head, old, new):
    before = {} if old is None else {name: head + old}
    after = {} if new is None else {name: head + new}
    case = case_of({"c/Chart.yaml": "name: c", **before}, {"c/Chart.yaml": "name: c", **after})
    for file in case.files:
        for opinion in (ask(file, case), ask_place(file, case)):
            if opinion is not None:
                assert opinion.reason.endswith(".")
                assert "\n" not in opinion.reason


PARAMETERS = """
apiVersion: argoproj.io/v1
kind: Application
metadata: {name: a}
spec:
  sources:
    - chart: a
      targetRevision: '1'
      helm: {parameters: [{name: a.b, value: c}], values: 'a: 1'}
"""
SAMPLES = [
    ("k.yaml", DEPLOYMENT),
    ("k.yaml", DATABASE),
    ("k.yaml", JOB),
    ("a.yaml", ARGO),
    ("a.yaml", FLUX),
    ("helmfile.yaml", HELMFILE),
    ("Chart.yaml", CHART),
    ("c/values.yaml", VALUES),
    ("compose.yaml", COMPOSE),
    ("kustomization.yaml", HEAD + BODY),
    (
        "kustomization.yaml",
        HEAD + "patches: [{target: {kind: Ingress}, patch: '[{op: add, path: /a/b, value: 1}]'}]",
    ),
    ("kustomization.yaml", HEAD + "helmCharts: [{name: a, version: 1}]\nsecretGenerator: [{name: a}]"),
    ("s.yaml", CLOUDFORMATION),
    ("serverless.yml", SERVERLESS),
    ("p.yaml", "[{op: add, path: /spec/a, value: {b: 1}}]"),
    ("a.yaml", ARGO.replace("chart: web", "chart: web\n    kustomize: {}").replace("source:", "sources:")),
    ("a.yaml", PARAMETERS),
    ("a.yaml", FLUX + "  postRenderers: [{kustomize: {patches: [{target: {kind: Role}, patch: 'a: {b: 1}'}]}}]"),
    ("a.yaml", "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}]"),
]
JUNK: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 7, "", "a", "a:b", "{{ x }}", [], {}, [1], ["a"], [{}], {"a": 1}, [[]], {"name": []}]
)


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from places(each, (*path, key))


def with_junk(value, path, junk):
    if not path:
        return junk
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = with_junk(value[path[0]], path[1:], junk)
    return changed


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(SAMPLES), st.data())
def test_any_shape_of_data_is_judged(sample, data):
    name, text = sample
    (old,) = documents(text)
    new = old
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(list(places(new))))
        new = with_junk(new, place, data.draw(JUNK))
    texts = [text, json.dumps(new)]
    if data.draw(st.booleans()):
        texts.reverse()
    case = case_of({name: texts[0]}, {name: texts[1]})
    for file in case.files:
        ask(file, case)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
shapes = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name"]), inner, max_size=2),
    max_leaves=12,
)


def exact(value):
    """`value` so that `True` and `1` are not equal."""
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    return [exact(each) for each in value] if isinstance(value, list) else (type(value), value)


@settings(max_examples=300)
@given(values | shapes, values | shapes)
def test_what_is_not_equal_has_a_difference(old, new):
    found = list(differences(old, new))
    if exact(old) == exact(new):
        assert found == []
    elif not found:
        # Lists of named things in another order are the same.
        assert "name" in repr(old)


@given(st.text(alphabet="ab:{}% \n'\"-#", max_size=60))
def test_any_template_is_read(text):
    assert without_actions(text).text.count("\n") <= text.count("\n")
    read(text)


@given(st.text(alphabet="FROM aRUN\\\n<<E#=$", max_size=80))
def test_any_dockerfile_is_read(text):
    final_base(instructions(text))


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 15)
)
MERGES = "a: &a {" + ",".join(f"k{n}: 1" for n in range(1000)) + "}\n"


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &a [*a]",
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "a:\n" + "- a\n" * (MAX_VALUES + 1),
        MERGES + "".join(f"b{n}: {{<<: *a}}\n" for n in range(900)),
    ],
    ids=["aliases", "itself", "flow", "flow-maps", "blocks", "keys", "deep", "long", "merges"],
)
def test_a_bomb_is_put_out_and_said(text):
    start = time.monotonic()
    with pytest.raises(NotYamlError):
        documents(text)
    found = evidence_of("k8s/web.yaml", DEPLOYMENT, f"apiVersion: v1\nkind: ConfigMap\n{text}")
    assert time.monotonic() - start < RUNAWAY_SECONDS
    assert (found.tier, found.rule) == (Tier.FULL, "unreadable-manifest")


def test_large_files_are_bounded():
    start = time.monotonic()
    huge = b"apiVersion: v1\nkind: ConfigMap\n" + b"a" * (9 << 20)
    assert evidence_of("k8s/a.yaml", None, huge).tier is Tier.FULL
    long_text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n" + "    line\n" * 300_000
    assert evidence_of("k8s/a.yaml", long_text, f"{long_text}    more\n").tier is Tier.LIGHTWEIGHT
    many = "---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{n}}}\n" for n in range(5_000))
    assert evidence_of("k8s/a.yaml", None, many).tier is not Tier.NONE
    assert evidence_of("Dockerfile", "RUN a\n" * 50_000, "RUN b\n" * 50_000).tier is Tier.LIGHTWEIGHT
    assert evidence_of("c/values.yaml", "a: 1", "{{" * 400_000).tier is Tier.FULL
    assert time.monotonic() - start < RUNAWAY_SECONDS


def test_duplicate_keys_are_all_compared():
    text = "apiVersion: v1\nkind: Service\nspec:\n  type: ClusterIP\n  type: ClusterIP\nmetadata: {name: a}\n"
    changed = text.replace("ClusterIP\nmeta", "LoadBalancer\nmeta")
    assert evidence_of("s.yaml", text, changed).tier is Tier.FULL


def test_a_document_is_split_only_at_its_mark():
    assert len(split("a: 1\n---\nb: 2\n--- # c\nd: |\n  ---\n  x\n")) == 3


def test_quoting_that_changes_the_value_is_a_difference():
    assert documents('a: "8080"') != documents("a: 8080")
    assert documents("a: !Ref x") != documents("a: !Sub x")
    assert documents("a: 'x'") == documents("a: x")
