import subprocess

import pytest
import yaml

from standins.argocd.documents import ManifestError
from standins.argocd.kustomize import build
from standins.argocd.kustomize.images import parse_image_override
from standins.argocd.manifests import render
from tests.standins.argocd.kustomizations import FILES

TREE = {path: text.encode() for path, text in FILES.items()}


def _by_identity(values):
    return {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]): item for item in values}


def _one(values, kind):
    (found,) = [item for item in values if item["kind"] == kind]
    return found


@pytest.mark.live
@pytest.mark.parametrize("folder", ["base", "generated", "overlay", "labelled"])
def test_it_renders_what_kustomize_renders(tmp_path, folder):
    from testbed.build import ensure_program
    from testbed.parts import part_of

    for path, content in TREE.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    program = ensure_program("kustomize", part_of("kustomize"), say=lambda _: None)
    done = subprocess.run([program, "build", tmp_path / folder], capture_output=True, text=True, check=True)
    assert _by_identity(build(TREE, folder)) == _by_identity(yaml.safe_load_all(done.stdout))


def test_an_overlay_adds_up():
    built = build(TREE, "overlay")
    deployment = _one(built, "Deployment")
    assert deployment["metadata"]["name"] == "p-web-s"
    assert deployment["metadata"]["namespace"] == "pr-1"
    assert deployment["spec"]["replicas"] == 9
    assert deployment["spec"]["selector"] == {"matchLabels": {"app": "web", "owner": "me"}}
    pod = deployment["spec"]["template"]["spec"]
    assert [item["image"] for item in pod["containers"]] == ["other/app:v3", "side:1"]
    assert pod["initContainers"][0]["image"] == "busybox@sha256:bbbb"
    names = {item["metadata"]["name"] for item in built if item["kind"] == "ConfigMap"}
    reference = pod["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert reference in names
    assert reference.startswith("p-settings-s-")
    assert not [item for item in built if item["kind"] == "ServiceAccount"]


def test_names_of_generated_content_have_kustomizes_hash():
    files = {"kustomization.yaml": b"configMapGenerator: [{name: cm, literals: [a=b]}]"}
    assert build(files, "")[0]["metadata"]["name"] == "cm-4h2mbtbbt6"
    files = {"kustomization.yaml": b"secretGenerator: [{name: creds, literals: [a=secret]}]"}
    assert build(files, "")[0]["metadata"]["name"] == "creds-58g57gc4ft"


@pytest.mark.parametrize(
    ("kustomization", "complaint"),
    [
        ("helmCharts: []", "not supported by this renderer: helmCharts"),
        ("replacements: []", "not supported by this renderer: replacements"),
        ("resources: [missing.yaml]", "no such file or directory"),
        ("resources: [../../etc/passwd]", "leads out of the repository"),
        ("resources: ['https://example.com/x.yaml']", "remote resources are not supported"),
        ("resources: [a.yaml, a.yaml]", "already registered id"),
        ("resources: [broken.yaml]", "broken.yaml"),
        ("resources: [nameless.yaml]", "has no metadata.name"),
        ("resources: [a.yaml]\nimages: [{name: x, tagSuffix: y}]", "tagSuffix"),
        ("resources: [a.yaml]\nlabels: [{pairs: {a: b}, fields: []}]", "fields"),
        ("resources: [a.yaml]\npatches: [{path: none.yaml}]", "no such file"),
        ("resources: [a.yaml]\npatches: [{patch: '[]'}]", "target"),
        (
            "resources: [a.yaml]\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: a}}'}]",
            "no resource matches",
        ),
        (
            "resources: [a.yaml]\npatches: [{target: {kind: ConfigMap}, patch: '[{op: remove, path: /none}]'}]",
            "ConfigMap a",
        ),
        ("resources: [a.yaml]\nreplicas: [{name: none, count: 1}]", "does not match"),
        ("configMapGenerator: [{name: a, behavior: merge}]", "no ConfigMap to merge"),
        ("configMapGenerator: [{name: a, literals: [b]}]", "key=value"),
        ("[]", "is not an object"),
        ("a: [", "kustomization.yaml"),
    ],
)
def test_what_it_does_not_know_or_find_it_refuses(kustomization, complaint):
    files = {
        "app/kustomization.yaml": kustomization.encode(),
        "app/a.yaml": b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}",
        "app/broken.yaml": b"a: [",
        "app/nameless.yaml": b"{apiVersion: v1, kind: ConfigMap}",
    }
    with pytest.raises(ManifestError) as refused:
        build(files, "app")
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("nginx:2", {"name": "nginx", "newTag": "2"}),
        ("nginx=other/nginx:2", {"name": "nginx", "newName": "other/nginx", "newTag": "2"}),
        ("a:5000/b/c", {"name": "a:5000/b/c"}),
        ("a=b@sha256:c", {"name": "a", "newName": "b", "digest": "sha256:c"}),
    ],
)
def test_images_of_applications(text, entry):
    assert parse_image_override(text) == entry


def test_a_source_may_override():
    source = {
        "path": "labelled",
        "kustomize": {
            "namespace": "pr-2",
            "namePrefix": "x-",
            "images": ["registry:5000/team/app=mine:1"],
            "replicas": [{"name": "web", "count": 3}],
            "commonLabels": {"of": "pr"},
            "labelWithoutSelector": True,
            "commonAnnotations": {"why": "test"},
        },
    }
    deployment = _one(render(TREE, source).objects, "Deployment")
    assert (deployment["metadata"]["name"], deployment["metadata"]["namespace"]) == ("x-web", "pr-2")
    assert deployment["metadata"]["labels"] == {"a": "1", "b": "2", "of": "pr"}
    assert "of" not in deployment["spec"]["selector"]["matchLabels"]
    assert deployment["spec"]["replicas"] == 3
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "mine:1"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ({"path": "none"}, "none: app path does not exist"),
        ({"path": "base", "helm": {}}, "helm"),
        ({"path": "base", "chart": "x"}, "chart"),
        ({"path": "base", "kustomize": {"version": "v4"}}, "version"),
        ({"path": "generated/files", "directory": {"jsonnet": {}}}, "jsonnet"),
        ({"path": "../outside"}, "leads out of the repository"),
        ({"path": "labelled", "kustomize": {"commonAnnotations": {"a": "b"}, "commonLabels": {"c": "d"}}}, None),
    ],
)
def test_sources_that_are_not_known_are_refused(source, complaint):
    if complaint is None:
        assert render(TREE, source).source_type == "Kustomize"
        return
    with pytest.raises(ManifestError) as refused:
        render(TREE, source)
    assert complaint in str(refused.value)
