from eod.model.kube import NamespaceSpec

LABELS = {
    "app.kubernetes.io/name": "preview",
    "app.kubernetes.io/instance": "pr-123",
    "app.kubernetes.io/managed-by": "eod-action",
    "environment.on-demand/owner": "octocat",
}
ANNOTATIONS = {"environment.on-demand/pr-url": "https://github.com/o/r/pull/123"}


def spec(*, name="pr-123", labels=None, annotations=None, **fields):
    return NamespaceSpec(
        name=name,
        labels={**LABELS, "app.kubernetes.io/instance": name, **(labels or {})},
        annotations={**ANNOTATIONS, **(annotations or {})},
        **fields,
    )
