import pytest
from msgspec import structs

from eod.model.change import ChangeKind
from eod.tiers import manifests
from eod.tiers.case import Case
from tests.tiers.builders import CONFIG, MemoryRepository, case_of, change_set, evidence_of, judge, tier_of

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: acme/web:1.0
          args: ["--port=80"]
          env:
            - {name: LOG_LEVEL, value: info}
          resources: {limits: {memory: 64Mi}}
"""


def verdict(path, old, new, **options):
    found = evidence_of(path, old, new, **options)
    return str(found.tier), found.rule


@pytest.mark.parametrize(
    ("old", "new", "tier", "rule"),
    [
        ("acme/web:1.0", "acme/web:1.1", "lightweight", "image-version"),
        ("acme/web:1.0", "acme/other:1.0", "lightweight", "workload-settings"),
        ("replicas: 1", "replicas: 3", "lightweight", "workload-settings"),
        ("64Mi", "128Mi", "lightweight", "workload-settings"),
        ("value: info", "value: debug", "lightweight", "workload-settings"),
        ("--port=80", "--port=81", "lightweight", "workload-settings"),
        ("  labels: {app: web}\nspec", "  labels: {app: web, team: a}\nspec", "lightweight", "metadata"),
        (
            "  labels: {app: web}\nspec",
            "  annotations: {description: x}\n  labels: {app: web}\nspec",
            "none",
            "description",
        ),
        ("  labels: {app: web}\nspec", "  labels:\n    app: 'web'\nspec", "none", "formatting"),
        ("name: LOG_LEVEL", "name: JWT_SECRET", "full", "sensitive-setting"),
        ("--port=80", "--oidc-issuer=x", "full", "sensitive-setting"),
        ("    spec:\n", "    spec:\n      hostNetwork: true\n", "full", "pod-security"),
        ("    spec:\n", "    spec:\n      serviceAccountName: x\n", "full", "pod-security"),
        ("    spec:\n", "    spec:\n      securityContext: {runAsNonRoot: true}\n", "full", "pod-security"),
        (
            "value: info}",
            "value: info}\n            - {name: X, valueFrom: {secretKeyRef: {name: a, key: b}}}",
            "full",
            "secrets",
        ),
        ("acme/web:1.0", "postgres:16", "database", "database-engine"),
        ("acme/web:1.0", "rabbitmq:3", "full", "queue"),
        (
            "      labels: {app: web}\n    spec",
            "      labels: {app: web}\n      annotations: {sidecar.istio.io/inject: 'false'}\n    spec",
            "full",
            "meaningful-metadata",
        ),
        ("name: web\n  labels", "name: shop\n  labels", "lightweight", "workload-settings"),
    ],
)
def test_what_changes_in_a_workload(old, new, tier, rule):
    assert old in DEPLOYMENT
    assert verdict("k8s/web.yaml", DEPLOYMENT, DEPLOYMENT.replace(old, new, 1)) == (tier, rule)


def test_the_place_does_not_matter_and_the_reason_names_the_object_and_its_field():
    found = evidence_of("anywhere/at/all.yml", DEPLOYMENT, DEPLOYMENT.replace("replicas: 1", "replicas: 2"))
    assert found.reason == "Changes `spec.replicas` of `Deployment web`."


DATABASE = DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet").replace(
    "acme/web:1.0", "docker.io/postgres:15.2"
)


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("postgres:15.2", "postgres:16.0", "database"),
        ("postgres:15.2", "postgres:15.3", "database"),
        ("postgres:15.2", "postgres:15.2-alpine", "lightweight"),
        ("postgres:15.2", "postgres:15.2@sha256:abc", "lightweight"),
        ("value: info", "value: debug", "database"),
        ("--port=80", "-cmax_connections=9", "database"),
        ("64Mi", "128Mi", "lightweight"),
    ],
)
def test_what_changes_in_a_database(old, new, tier):
    assert tier_of("db.yaml", DATABASE, DATABASE.replace(old, new)) == tier


def manifest(version, kind, rest=""):
    return f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: x\n{rest}"


@pytest.mark.parametrize(
    ("version", "kind", "added", "changed"),
    [
        ("v1", "ConfigMap", "lightweight", "lightweight"),
        ("v1", "Secret", "full", "full"),
        ("v1", "Service", "full", "lightweight"),
        ("v1", "ServiceAccount", "full", "full"),
        ("v1", "Namespace", "lightweight", "lightweight"),
        ("v1", "PersistentVolumeClaim", "lightweight", "lightweight"),
        ("networking.k8s.io/v1", "Ingress", "full", "full"),
        ("networking.k8s.io/v1", "NetworkPolicy", "full", "full"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "full", "full"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "full", "full"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "full", "full"),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "full", "full"),
        ("kyverno.io/v1", "ClusterPolicy", "full", "full"),
        ("constraints.gatekeeper.sh/v1beta1", "K8sRequiredLabels", "full", "full"),
        ("security.istio.io/v1", "AuthorizationPolicy", "full", "full"),
        ("policy.linkerd.io/v1", "Server", "full", "full"),
        ("cert-manager.io/v1", "Certificate", "full", "full"),
        ("external-secrets.io/v1", "ExternalSecret", "full", "full"),
        ("postgresql.cnpg.io/v1", "Cluster", "database", "database"),
        ("kafka.strimzi.io/v1beta2", "KafkaTopic", "full", "full"),
        ("rds.services.k8s.aws/v1alpha1", "DBInstance", "database", "database"),
        ("s3.services.k8s.aws/v1alpha1", "Bucket", "full", "full"),
        ("rds.aws.upbound.io/v1beta1", "Instance", "database", "database"),
        ("sqs.aws.upbound.io/v1beta1", "Queue", "full", "full"),
        ("monitoring.coreos.com/v1", "PrometheusRule", "lightweight", "lightweight"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "lightweight", "lightweight"),
        ("argoproj.io/v1alpha1", "Application", "full", "lightweight"),
        ("argoproj.io/v1alpha1", "AppProject", "full", "full"),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease", "full", "lightweight"),
        ("source.toolkit.fluxcd.io/v1", "GitRepository", "lightweight", "lightweight"),
        ("chainsaw.kyverno.io/v1alpha1", "Test", "none", "none"),
        ("backstage.io/v1alpha1", "Component", "none", "none"),
        ("acme.example.com/v1", "Widget", "full", "lightweight"),
    ],
)
def test_what_a_kind_means(version, kind, added, changed):
    before, after = (manifest(version, kind, f"spec: {{size: {size}}}\n") for size in (1, 2))
    assert tier_of("a.yaml", None, before) == added
    assert tier_of("a.yaml", before, None) == added
    assert tier_of("a.yaml", before, after) == changed


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_new_workload_is_a_new_service_and_one_less_counts_too(kind):
    new = DEPLOYMENT.replace("kind: Deployment", f"kind: {kind}")
    assert verdict("k8s/web.yaml", None, new) == ("full", "new-service")
    assert verdict("k8s/web.yaml", new, None) == ("full", "removed-service")


JOB = manifest(
    "batch/v1",
    "CronJob",
    "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: 'acme/web:2'}]}}}}}",
)


def test_a_new_job_of_an_image_that_runs_already_is_lightweight():
    assert verdict("k8s/job.yaml", None, JOB, beside={"k8s/web.yaml": DEPLOYMENT}) == ("lightweight", "job")
    assert verdict("k8s/job.yaml", None, JOB) == ("full", "new-service")


def test_a_service_that_opens_to_the_world_is_full():
    inner = manifest("v1", "Service", "spec: {type: ClusterIP, ports: [{port: 80}]}\n")
    assert tier_of("s.yaml", inner, inner.replace("80", "81")) == "lightweight"
    assert verdict("s.yaml", inner, inner.replace("ClusterIP", "LoadBalancer")) == ("full", "network-route")


def test_some_config_maps_decide_who_may_do_what():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth}\ndata: {mapRoles: a}\n"
    for old, new in ((text, text.replace("Roles: a", "Roles: b")), (None, text), (text, None)):
        assert tier_of("cm.yaml", old, new) == "full"
    plain = text.replace("aws-auth", "app")
    assert tier_of("cm.yaml", plain, plain.replace("Roles: a", "Roles: b")) == "lightweight"
    assert tier_of("cm.yaml", plain, plain.replace("mapRoles: a", "OIDC_ISSUER: a")) == "full"


def test_only_the_descriptions_of_a_definition_are_read_by_people():
    crd = manifest(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec: {a: {description: x, type: string}}\n"
    )
    assert tier_of("crd.yaml", crd, crd.replace("description: x", "description: y")) == "none"
    assert tier_of("crd.yaml", crd, crd.replace("string", "integer")) == "full"


def test_documents_are_told_apart_by_identity_not_by_order():
    ingress = manifest("networking.k8s.io/v1", "Ingress", "spec: {a: 1}\n")
    assert tier_of("a.yaml", f"{DEPLOYMENT}---\n{ingress}", f"{ingress}---\n{DEPLOYMENT}") == "none"
    changed = f"{ingress}---\n{DEPLOYMENT.replace('replicas: 1', 'replicas: 2')}"
    assert tier_of("a.yaml", f"{DEPLOYMENT}---\n{ingress}", changed) == "lightweight"


def test_lists_and_json_are_read_too():
    item = '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"k": "%s"}}'
    plain = '{"apiVersion": "v1", "kind": "List", "items": [%s]}'
    assert tier_of("a.json", plain % (item % "x"), plain % (item % "y")) == "full"
    assert tier_of("a.json", plain % (item % "x"), (plain % (item % "x")).replace(", ", ",\n\t")) == "none"


def test_an_object_that_moves_to_another_file_is_no_new_service():
    found = judge(
        {"old.yaml": DEPLOYMENT, "rest.yaml": "a: 1"},
        {"new.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 2"), "rest.yaml": "a: 1"},
    )
    assert {str(each.tier) for each in found.evidence} == {"lightweight"}
    renamed = judge({"old.yaml": DEPLOYMENT}, {"new.yaml": DEPLOYMENT}, renames={"new.yaml": "old.yaml"})
    assert [(str(each.tier), each.rule) for each in renamed.evidence] == [("lightweight", "moved")]


def test_a_copy_is_as_new_as_any_other_file():
    changes = change_set({"a.yaml": DEPLOYMENT}, {"a.yaml": DEPLOYMENT, "b.yaml": DEPLOYMENT})
    (added,) = changes.files
    copied = structs.replace(added, kind=ChangeKind.COPIED, old_path="a.yaml", old_blob=added.new_blob)
    repository = MemoryRepository({"a.yaml": DEPLOYMENT}, {"b.yaml": DEPLOYMENT})
    case = Case(structs.replace(changes, files=(copied,)), CONFIG, repository)
    opinion = manifests.ask(case.files[0], case)
    assert opinion is not None
    assert (str(opinion.tier), opinion.rule) == ("full", "new-service")


def test_policies_that_move_may_be_deployed_elsewhere():
    policy = manifest("networking.k8s.io/v1", "NetworkPolicy", "spec: {podSelector: {}}\n")
    for renames in ({"b/p.yaml": "a/p.yaml"}, {}):
        found = judge({"a/p.yaml": policy}, {"b/p.yaml": policy}, renames=renames)
        assert {(str(each.tier), each.rule) for each in found.evidence} == {("full", "network-policy")}
    chart = {"c/Chart.yaml": "name: c\n"}
    before, after = {**chart, "c/templates/p.yaml": policy}, {**chart, "c/templates/q/p.yaml": policy}
    (evidence,) = judge(before, after, renames={"c/templates/q/p.yaml": "c/templates/p.yaml"}).evidence
    assert str(evidence.tier) == "lightweight"


def test_a_patch_is_no_new_service():
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n"
    assert verdict("overlays/a/patch.yaml", None, patch) == ("lightweight", "patch")
    secure = patch.replace("{replicas: 5}", "{template: {spec: {hostNetwork: true}}}")
    assert verdict("overlays/a/patch.yaml", None, secure) == ("full", "pod-security")


def test_what_cannot_be_read_is_full_and_says_why():
    broken = f"{DEPLOYMENT}\n  : [\n"
    found = evidence_of("k8s/web.yaml", DEPLOYMENT, broken)
    assert (str(found.tier), found.rule) == ("full", "unreadable-manifest")
    assert "line" in found.reason


def test_yaml_that_is_no_manifest_is_left_to_others():
    case = case_of({"config/app.yaml": "a: 1"}, {"config/app.yaml": "a: 2"})
    assert manifests.ask(case.files[0], case) is None


ARGO = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  project: default
  destination: {namespace: web}
  source:
    repoURL: https://example.com/charts
    chart: web
    targetRevision: 1.2.3
    helm:
      values: |
        replicaCount: 1
        ingress: {enabled: false}
"""
FLUX = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chart: {spec: {chart: postgresql, version: 15.1.0}}
  values:
    image: {repository: docker.io/postgres, tag: 16.1}
    securityContext: {runAsUser: 1}
"""


@pytest.mark.parametrize(
    ("text", "old", "new", "tier"),
    [
        (ARGO, "1.2.3", "1.3.0", "lightweight"),
        (ARGO, "replicaCount: 1", "replicaCount: 2", "lightweight"),
        (ARGO, "enabled: false", "enabled: true", "full"),
        (ARGO, "namespace: web", "namespace: other", "full"),
        (FLUX, "15.1.0", "15.2.0", "lightweight"),
        (FLUX, "15.1.0", "16.0.0", "database"),
        (FLUX, "tag: 16.1", "tag: 17.0", "database"),
        (FLUX, "runAsUser: 1", "runAsUser: 0", "full"),
    ],
)
def test_what_is_delivered_is_judged_by_what_it_holds(text, old, new, tier):
    assert old in text
    assert tier_of("apps/web.yaml", text, text.replace(old, new)) == tier


def test_a_new_element_of_a_generator_is_a_new_service():
    text = manifest(
        "argoproj.io/v1alpha1",
        "ApplicationSet",
        "spec:\n  generators:\n  - list:\n      elements:\n      - name: a\n",
    )
    assert verdict("apps.yaml", text, f"{text}      - name: b\n") == ("full", "new-service")
