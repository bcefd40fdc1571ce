"""A tree of kustomizations that uses everything the renderer knows."""

BASE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {a: b}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      initContainers: [{name: init, image: busybox}]
      containers:
      - name: app
        image: registry:5000/team/app:1
        env: [{name: A, value: "1"}, {name: S, valueFrom: {secretKeyRef: {name: creds, key: a}}}]
        envFrom: [{configMapRef: {name: settings}}]
        ports: [{containerPort: 80}]
        volumeMounts: [{name: v, mountPath: /v}]
      volumes: [{name: v, configMap: {name: settings}}]
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: x, labelSelector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: x.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {x: y}}}]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects:
- {kind: ServiceAccount, name: web, namespace: other}
- {kind: ServiceAccount, name: default, namespace: x}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: viewer}
rules: []
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec: {hosts: [x.example.com], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: cron}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: c, image: "registry:5000/team/app:1@sha256:aaaa"}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: some}
"""

GENERATED = """
resources: [../base]
namespace: pr-1
namePrefix: p-
nameSuffix: -s
commonAnnotations: {note: "1"}
configMapGenerator:
- name: settings
  literals: [A=1, "B='two words'", 'C=<a&b>']
  files: [files/a.txt, other=files/a.txt]
  envs: [files/x.env]
  options: {labels: {l: "1"}}
- name: fixed
  literals: [A=ü]
  options: {disableNameSuffixHash: true, immutable: true}
secretGenerator:
- {name: creds, literals: [a=secret], type: Opaque}
generatorOptions: {annotations: {gen: "yes"}}
images:
- {name: registry:5000/team/app, newName: other/app, newTag: v2}
- {name: busybox, digest: sha256:bbbb}
replicas: [{name: web, count: 4}]
"""

OVERLAY = """
resources: [../generated]
components: [../component]
commonLabels: {owner: me}
patches:
- target: {kind: Deployment, name: web}
  patch: |-
    - op: add
      path: /spec/template/spec/containers/0/env/-
      value: {name: B, value: "2"}
    - op: replace
      path: /spec/replicas
      value: 9
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
          - {name: app, env: [{name: NEW, value: x}, {name: A, value: changed}], ports: [{containerPort: 90}]}
          - {name: side, image: "side:1"}
          volumes: [{name: w, emptyDir: {}}]
- patch: |-
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: web}
    spec: {hosts: [y.example.com]}
- path: remove.yaml
- target: {kind: Service|Ingress, labelSelector: "!nothing"}
  patch: |-
    kind: any
    metadata:
      name: ignored
      annotations: {patched: "yes"}
configMapGenerator:
- {name: settings, behavior: merge, literals: [Z=26]}
images: [{name: other/app, newTag: v3}]
"""

LABELLED = """
resources: [../base]
labels:
- {pairs: {a: "1"}, includeSelectors: true}
- {pairs: {b: "2"}}
"""

FILES = {
    "base/all.yaml": BASE,
    "base/kustomization.yaml": "resources: [all.yaml]",
    "generated/kustomization.yaml": GENERATED,
    "generated/files/a.txt": "hello\nworld\n",
    "generated/files/x.env": "# c\nX=1\n\nY=a=b\n",
    "overlay/kustomization.yaml": OVERLAY,
    "overlay/remove.yaml": "{$patch: delete, apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}",
    "component/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        'labels: [{pairs: {comp: "1"}, includeTemplates: true}]\n'
    ),
    "labelled/kustomization.yaml": LABELLED,
}
