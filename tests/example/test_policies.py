import pytest
import yaml

from standins.argocd.kustomize import build
from tests.example.quotas import Body

PREVIEWS = {"matchLabels": {"app.kubernetes.io/name": "preview"}}


@pytest.fixture
def policies(example) -> dict[str, Body]:
    """Policy and binding of each name."""
    files = {str(path.relative_to(example)): path.read_bytes() for path in example.rglob("*.yaml")}
    found: dict[str, Body] = {}
    for item in build(files, "policies"):
        short = item["kind"].removeprefix("ValidatingAdmissionPolicy") or "Policy"
        found.setdefault(item["metadata"]["name"], {})[short] = item["spec"]
    return found


def test_every_file_of_the_folder_is_installed(example, policies):
    listed = yaml.safe_load((example / "policies/kustomization.yaml").read_text("utf-8"))["resources"]
    assert sorted(listed) == sorted(
        path.name for path in (example / "policies").glob("*.yaml") if path.name != "kustomization.yaml"
    )
    assert len(policies) == len(listed)


def test_every_policy_denies_and_only_in_previews(policies):
    for name, pair in policies.items():
        assert pair["Binding"]["policyName"] == name
        assert pair["Binding"]["validationActions"] == ["Deny"]
        (selector,) = pair["Binding"]["matchResources"].values()
        assert selector == PREVIEWS, name
        assert pair["Policy"]["failurePolicy"] == "Fail"


def test_every_refusal_says_why(policies):
    for name, pair in policies.items():
        for validation in pair["Policy"]["validations"]:
            assert validation.get("message") or validation.get("messageExpression"), name


def test_a_pull_request_cannot_allow_itself_a_public_address(policies):
    for name in ("preview-no-public-service", "preview-no-public-ingress"):
        (allowed,) = (v for v in policies[name]["Policy"]["variables"] if v["name"] == "allowed")
        assert "namespaceObject.metadata.annotations" in allowed["expression"]
        assert "has(object" not in allowed["expression"]
        assert all(
            v["expression"].startswith("variables.allowed") for v in policies[name]["Policy"]["validations"]
        )


def test_a_namespace_cannot_slip_away_by_dropping_its_label(policies):
    # An object selector matches the object before the change as well; a namespace selector does not.
    assert list(policies["preview-namespace-labels"]["Binding"]["matchResources"]) == ["objectSelector"]
