"""The parts that are built from Go modules: which packages, under which names, with which stamps."""

from pathlib import Path

import msgspec

from testbed.errors import TestbedError

MODULES = Path(__file__).parent / "go"
"""One Go module for each part; its go.mod and go.sum pin everything that goes into the part."""

KUBERNETES_VERSION = "v1.36.3"
ARGOCD_VERSION = "v3.2.3"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A Go module of ours and what is built from it.

    Attributes:
        name: The module's folder under `testbed/go`.
        programs: Name of the executable → Go package that it is built from.
        stamps: Linker variables (`-X`) → value; some programs refuse to work without a version.
        aliases: Further names for an executable that looks at its own name to know its role.
        keep: Files of `keep_from`'s own folder that are wanted beside the executables.
        keep_from: A Go module among the part's dependencies.
    """

    name: str
    programs: dict[str, str]
    stamps: dict[str, str] = {}
    aliases: dict[str, str] = {}
    keep: tuple[str, ...] = ()
    keep_from: str = ""

    @property
    def module(self) -> Path:
        """The folder that holds the part's go.mod."""
        return MODULES / self.name


ARGOCD_MODULE = "github.com/argoproj/argo-cd/v3"
ARGOCD_ROLES = (
    "argocd-application-controller",
    "argocd-applicationset-controller",
    "argocd-repo-server",
    "argocd-server",
)

PARTS: tuple[Part, ...] = (
    Part(name="actionlint", programs={"actionlint": "github.com/rhysd/actionlint/cmd/actionlint"}),
    Part(name="kustomize", programs={"kustomize": "sigs.k8s.io/kustomize/kustomize/v5"}),
    Part(name="kwok", programs={"kwok": "sigs.k8s.io/kwok/cmd/kwok"}),
    Part(
        name="tofu",
        programs={"tofu": "github.com/opentofu/opentofu/cmd/tofu"},
        # Unstamped it calls itself a development build, which is older than the release for `required_version`.
        stamps={"github.com/opentofu/opentofu/version.dev": "no"},
    ),
    Part(
        name="kubernetes",
        programs={
            "etcd": "go.etcd.io/etcd/server/v3",
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
        },
        # Clients parse the server's version; the one that an unstamped build reports cannot be parsed.
        stamps={"k8s.io/component-base/version.gitVersion": KUBERNETES_VERSION},
    ),
    Part(
        name="argocd",
        programs={"argocd": f"{ARGOCD_MODULE}/cmd"},
        stamps={f"{ARGOCD_MODULE}/common.version": ARGOCD_VERSION.removeprefix("v")},
        aliases=dict.fromkeys(ARGOCD_ROLES, "argocd"),
        keep=("manifests/install.yaml",),
        keep_from=ARGOCD_MODULE,
    ),
)

OLDEST: tuple[Part, ...] = (
    Part(
        name="terraform_oldest",
        programs={"terraform-1.9": "github.com/hashicorp/terraform"},
        stamps={"github.com/hashicorp/terraform/version.dev": "no"},
    ),
    Part(
        name="tofu_oldest",
        programs={"tofu-1.10": "github.com/opentofu/opentofu/cmd/tofu"},
        stamps={"github.com/opentofu/opentofu/version.dev": "no"},
    ),
)
"""The oldest engines that are supported, built only when asked for by name (`make oldest`)."""

_OF_THE_CLUSTER = frozenset({"argocd", "kubernetes", "kustomize", "kwok"})
CLUSTER: tuple[Part, ...] = tuple(part for part in PARTS if part.name in _OF_THE_CLUSTER)
"""Those that run as a cluster; the others are tools that a test asks for by name."""


def part_of(program: str) -> Part:
    """The part that an executable belongs to.

    Raises:
        TestbedError: No part builds such an executable.
    """
    for part in (*PARTS, *OLDEST):
        if program in part.programs or program in part.aliases:
            return part
    known = ", ".join(sorted(name for part in (*PARTS, *OLDEST) for name in part.programs))
    raise TestbedError(f"no part of the testbed builds {program!r}; known: {known}")
