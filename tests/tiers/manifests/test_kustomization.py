import pytest

from tests.tiers.builders import evidence_of, judge, tier_of
from tests.tiers.manifests.test_kubernetes import DEPLOYMENT

PATCHES = "namespace: web\npatches:\n"
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
BODY = """
namespace: web
resources:
  - web.yaml
  - https://example.com/base?ref=v1
images:
  - {name: acme/web, newTag: "1"}
  - {name: postgres, newTag: "15"}
configMapGenerator:
  - {name: a, literals: [A=1]}
"""


@pytest.mark.parametrize("head", [HEAD, ""])
@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ('newTag: "1"', 'newTag: "2"', "lightweight"),
        ('newTag: "15"', 'newTag: "16"', "database"),
        ("namespace: web", "namespace: web2", "lightweight"),
        ("A=1", "A=2", "lightweight"),
        ("ref=v1", "ref=v2", "lightweight"),
        ("  - web.yaml\n", "  - web.yaml\n  - ../redis\n", "full"),
        ("  - web.yaml\n", "", "full"),
        ("namespace: web", "namespace: web\nreplicas: [{name: web, count: 2}]", "lightweight"),
        ("namespace: web", "namespace: web\nsecretGenerator: [{name: s, files: [a]}]", "full"),
        ("namespace: web", "namespace: web\nhelmCharts: [{name: grafana, version: 1}]", "full"),
        (
            "namespace: web",
            "namespace: web\npatches:\n- patch: |\n    - {op: replace, path: /spec/replicas, value: 2}\n",
            "lightweight",
        ),
        (
            "namespace: web",
            f"{PATCHES}- target: {{kind: Ingress}}\n  patch: |\n    - {{op: add, path: /spec/a, value: 2}}\n",
            "full",
        ),
        (
            "namespace: web",
            f"{PATCHES}- patch: |\n    - {{op: add, path: /spec/template/spec/securityContext/a, value: 0}}\n",
            "full",
        ),
        (
            "namespace: web",
            f"{PATCHES}- patch: |\n    kind: Service\n    metadata: {{name: a}}\n    $patch: delete\n",
            "full",
        ),
    ],
)
def test_what_changes_in_a_kustomization(head, old, new, tier):
    assert old in BODY
    text = head + BODY
    assert tier_of("overlays/a/kustomization.yaml", text, text.replace(old, new, 1)) == tier


def test_a_resource_that_belongs_to_the_change_is_judged_by_its_own_file():
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    before = {"a/kustomization.yaml": f"{HEAD}resources: [web.yaml]\n", "a/web.yaml": DEPLOYMENT}
    after = {**before, "a/kustomization.yaml": f"{HEAD}resources: [web.yaml, cm.yaml]\n", "a/cm.yaml": config}
    assert str(judge(before, after).tier) == "lightweight"
    assert str(judge(after, before).tier) == "lightweight"


def test_a_patch_in_a_file_is_judged_by_what_it_touches():
    path = "overlays/a/patch.yaml"
    assert (
        tier_of(
            path,
            "- {op: replace, path: /spec/replicas, value: 1}",
            "- {op: replace, path: /spec/replicas, value: 2}",
        )
        == "lightweight"
    )
    assert tier_of(path, None, "- {op: add, path: /spec/template/spec/hostNetwork, value: true}") == "full"


def test_what_stands_beside_a_kustomization_is_tried_in_a_namespace():
    beside = {"a/kustomization.yaml": HEAD}
    found = evidence_of("a/config/app.toml", "a=1", "a=2", beside=beside)
    assert (str(found.tier), found.rule) == ("lightweight", "deployment")
