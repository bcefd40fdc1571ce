import pytest

from tests.tiers.builders import evidence_of, tier_of
from tests.tiers.manifests.test_kubernetes import DEPLOYMENT

CHART = """
apiVersion: v2
name: shop
description: A shop
version: 1.0.0
appVersion: "3.1"
dependencies:
  - {name: common, version: 2.1.0, repository: "oci://example.com"}
  - {name: postgresql, version: 15.1.0, repository: "oci://example.com"}
"""
BESIDE = {"deploy/shop/Chart.yaml": CHART}


def verdict(path, old, new, beside=None):
    found = evidence_of(path, old, new, beside=beside or {})
    return str(found.tier), found.rule


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("A shop", "Another shop", "none"),
        ("version: 1.0.0", "version: 1.0.1", "lightweight"),
        ('"3.1"', '"3.2"', "lightweight"),
        ("version: 2.1.0", "version: 3.0.0", "lightweight"),
        ("version: 15.1.0", "version: 15.2.0", "lightweight"),
        ("version: 15.1.0", "version: 16.0.0", "database"),
        ("dependencies:\n", "dependencies:\n  - {name: redis, version: 1.0.0}\n", "database"),
        ("dependencies:\n", "dependencies:\n  - {name: kafka, version: 1.0.0}\n", "full"),
        ("dependencies:\n", "dependencies:\n  - {name: grafana, version: 1.0.0}\n", "full"),
        ("dependencies:\n", "dependencies:\n  - {name: app-template, version: 1.0.0}\n", "lightweight"),
        ('  - {name: postgresql, version: 15.1.0, repository: "oci://example.com"}\n', "", "database"),
    ],
)
def test_what_changes_in_a_chart(old, new, tier):
    assert old in CHART
    assert tier_of("deploy/shop/Chart.yaml", CHART, CHART.replace(old, new)) == tier


def test_a_new_chart_is_a_new_service():
    assert verdict("deploy/shop/Chart.yaml", None, CHART) == ("full", "new-service")
    assert verdict("deploy/shop/Chart.yaml", CHART, None) == ("full", "removed-service")
    assert tier_of("deploy/lib/Chart.yaml", None, "name: lib\ntype: library\n") == "lightweight"


VALUES = """
replicaCount: 1
image: {repository: acme/shop, tag: "1.0"}
service: {type: ClusterIP, port: 80}
ingress: {enabled: false, hosts: []}
serviceAccount: {create: true}
resources: {}
postgresql:
  enabled: true
  image: {tag: 15.1.0-debian-r1}
  primary: {resources: {}}
rabbitmq: {enabled: false}
env: {LOG_LEVEL: info, OAUTH_CLIENT: x}
"""


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ('tag: "1.0"', 'tag: "1.1"', "lightweight"),
        ("replicaCount: 1", "replicaCount: 2", "lightweight"),
        ("port: 80", "port: 81", "lightweight"),
        ("resources: {}\npost", "resources: {limits: {cpu: 1}}\npost", "lightweight"),
        ("LOG_LEVEL: info", "LOG_LEVEL: debug", "lightweight"),
        ("primary: {resources: {}}", "primary: {resources: {limits: {cpu: 1}}}", "lightweight"),
        ("15.1.0-debian-r1", "15.1.0-debian-r2", "lightweight"),
        ("15.1.0-debian-r1", "16.0.0-debian-r1", "database"),
        ("enabled: true\n  image", "enabled: false\n  image", "database"),
        ("primary: {", "primary: {persistence: {size: 9Gi}, ", "database"),
        ("rabbitmq: {enabled: false}", "rabbitmq: {enabled: true}", "full"),
        ("ingress: {enabled: false", "ingress: {enabled: true", "full"),
        ("hosts: []", "hosts: [a.example]", "full"),
        ("type: ClusterIP", "type: LoadBalancer", "full"),
        ("create: true", "create: false", "full"),
        ("OAUTH_CLIENT: x", "OAUTH_CLIENT: y", "full"),
        ("resources: {}\n", "resources: {}\nnetworkPolicy: {enabled: true}\n", "full"),
        ("resources: {}\n", "resources: {}\npodSecurityContext: {fsGroup: 1}\n", "full"),
        ("replicaCount: 1", "replicaCount: 1\npaymentService: {resources: {limits: {cpu: 2}}}", "lightweight"),
        ("replicaCount: 1", "replicaCount: 1\nalertmanager: {config: {route: {receiver: x}}}", "lightweight"),
        ("replicaCount: 1", "# how many\nreplicaCount: 1", "none"),
    ],
)
@pytest.mark.parametrize("name", ["values.yaml", "values-staging.yml", "shop-values.yaml"])
def test_what_changes_in_values(name, old, new, tier):
    assert old in VALUES
    assert tier_of(f"deploy/shop/{name}", VALUES, VALUES.replace(old, new)) == tier


TEMPLATE = """{{- if .Values.enabled }}
{{- $name := include "shop.name" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector: {matchLabels: {app: {{ $name | quote }}}}
  template:
    spec:
      {{- with .Values.podSecurityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          {{- /* a comment
          of two lines */}}
          {{- if .Values.args }}
          args: {{ toYaml .Values.args | nindent 12 }}
          {{- end }}
{{- end }}
"""


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("a comment", "another comment", "none"),
        (".Values.image.tag | default .Chart.AppVersion", ".Values.image.tag", "lightweight"),
        ("replicas: {{ .Values.replicaCount }}", "replicas: {{ .Values.replicas }}", "lightweight"),
        ("{{- if .Values.args }}", "{{- if or .Values.args .Values.x }}", "lightweight"),
        ("{{- with .Values.podSecurityContext }}", "{{- with .Values.global.podSecurityContext }}", "full"),
        ("      containers:\n", "      serviceAccountName: {{ .Values.sa }}\n      containers:\n", "full"),
    ],
)
def test_what_changes_in_a_template(old, new, tier):
    assert old in TEMPLATE
    path = "deploy/shop/templates/deployment.yaml"
    assert tier_of(path, TEMPLATE, TEMPLATE.replace(old, new), beside=BESIDE) == tier


def test_the_condition_around_an_ingress_weighs_as_the_ingress_does():
    text = (
        "{{- if .Values.a }}\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\n{{- end }}\n"
    )
    path = "deploy/shop/templates/ingress.yaml"
    assert verdict(path, text, text.replace(".a", ".b"), BESIDE) == ("full", "template-logic")


def test_where_a_condition_ends_is_a_difference():
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  {{- if .Values.a }}\n  replicas: 1\n"
        "  {{- end }}\n  paused: true\n"
    )
    path = "deploy/shop/templates/deployment.yaml"
    later = text.replace("  {{- end }}\n  paused: true\n", "  paused: true\n  {{- end }}\n")
    assert verdict(path, text, later, BESIDE) == ("lightweight", "template-logic")
    indented = text.replace("  {{- end }}", "{{- end }}")
    assert verdict(path, text, indented, BESIDE) == ("none", "same-manifest")


def test_a_condition_in_a_document_of_its_own_counts():
    text = "{{- range .Values.a }}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: x}\n{{- end }}\n"
    path = "deploy/shop/templates/secret.yaml"
    assert verdict(path, text, f"{{{{- if .a }}}}\n{text}", BESIDE) == ("full", "template-logic")
    assert tier_of(path, text, f"# remark\n{text}", beside=BESIDE) == "none"


def test_a_kind_counts_where_its_version_comes_from_a_helper():
    text = '{{ $v := 1 }}\napiVersion: {{ include "x.version" . }}\nkind: %s\nmetadata: {name: x}\n'
    assert tier_of("c/templates/a.yaml", None, text % "Ingress") == "full"
    assert tier_of("c/templates/a.yaml", None, text % "HorizontalPodAutoscaler") == "lightweight"


@pytest.mark.parametrize(("kind", "tier"), [("Deployment", "lightweight"), ("Role", "full"), ("Strange", "full")])
def test_a_template_that_is_no_yaml_is_judged_by_its_lines(kind, tier):
    version = {"Deployment": "apps/v1", "Role": "rbac.authorization.k8s.io/v1"}.get(kind, "x/v1")
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n name: {{{{ .a }}}}\na: b: c\nport: 1\n"
    assert tier_of("c/templates/a.yaml", text, text.replace("port: 1", "port: 2")) == tier
    assert tier_of("c/templates/a.yaml", text, f"{text}securityContext: {{}}\n") == "full"


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("templates/_helpers.tpl", "lightweight"),
        ("templates/NOTES.txt", "none"),
        ("values.schema.json", "none"),
        (".helmignore", "none"),
        ("README.md.gotmpl", "none"),
        ("ci/test-values.yaml", "none"),
        ("artifacthub-repo.yml", "none"),
        ("dashboards/shop.json", "lightweight"),
        ("production.yaml", "lightweight"),
        ("env/prod.yaml", "lightweight"),
        ("files/nginx.conf", "lightweight"),
    ],
)
def test_the_other_files_of_a_chart(path, tier):
    assert tier_of(f"deploy/shop/{path}", "a: 1\n", "a: 2\n", beside=BESIDE) == tier


def test_values_may_be_the_name_of_a_file_of_objects():
    assert (
        tier_of("apps/web-values.yaml", DEPLOYMENT, DEPLOYMENT.replace("replicas: 1", "replicas: 2"))
        == "lightweight"
    )
    assert tier_of("apps/web-values.yaml", None, DEPLOYMENT) == "full"


HELMFILE = "releases:\n  - {name: web, chart: acme/web, version: 1.0.0}\n"


def test_what_changes_in_a_helmfile():
    assert tier_of("helmfile.yaml", HELMFILE, HELMFILE.replace("1.0.0", "1.1.0")) == "lightweight"
    assert tier_of("releases/a.yaml", HELMFILE, HELMFILE.replace("1.0.0", "1.1.0")) == "lightweight"
    assert tier_of("helmfile.yaml", HELMFILE, f"{HELMFILE}  - {{name: b, chart: acme/b, version: 1}}\n") == "full"
    assert (
        tier_of("helmfile.yaml", HELMFILE, f"{HELMFILE}  - {{name: b, chart: x/mysql, version: 1}}\n")
        == "database"
    )
