"""The namespace's guardrails."""

from typing import Annotated

from msgspec import Meta, field

from eod.config.schema.values import Quantity, Section, Text


class Guardrails(Section, frozen=True):
    """Limits of the namespace. Quantities as Kubernetes writes them."""

    cpu: Annotated[Quantity, Meta(description="CPU of all pods together.")] = "2"
    memory: Annotated[Quantity, Meta(description="Memory of all pods together.")] = "4Gi"
    container_cpu: Annotated[Quantity, Meta(description="CPU limit of a container that names none.")] = "250m"
    container_memory: Annotated[Quantity, Meta(description="Memory limit of a container that names none.")] = (
        "256Mi"
    )
    network_policy: Annotated[bool, Meta(description="Deny traffic from other namespaces.")] = True
    allow_from: Annotated[
        tuple[Text, ...], Meta(description="Namespaces that may reach it, for instance the ingress controller's.")
    ] = ("ingress-nginx", "istio-system", "kube-system")
    allow_from_cidrs: Annotated[
        tuple[Text, ...],
        Meta(
            description="Address ranges that may reach it besides: subnets of load balancers whose targets are "
            "pods (AWS target type `ip`), which come from no namespace."
        ),
    ] = ()
    annotations: Annotated[
        dict[str, str],
        Meta(description="Further annotations of the namespace, for the team's admission policies."),
    ] = field(default_factory=dict)
    istio: Annotated[bool, Meta(description="Label the namespace for sidecar injection.")] = False
