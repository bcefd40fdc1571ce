"""What else is known when objects are compared."""

from collections.abc import Callable

from eod.tiers.manifests.objects import KubernetesObject

Elsewhere = Callable[[KubernetesObject], KubernetesObject | None]
"""The same object in another file of the change: where it was moved from, or to."""


class Context:
    """What else is known when objects are compared.

    Args:
        came_from: Where an object that is new in this file was before.
        went_to: Where an object that is gone from this file is now.
        knows_image: Whether an image runs already.
        changed_path: Whether a path, relative to the file, belongs to this change.
        same_chart: Whether the file belongs to a chart, and did so before: where in it does not matter.
        kustomization: Whether the file is one that Kustomize reads by its name.
    """

    def __init__(
        self,
        *,
        came_from: Elsewhere = lambda _: None,
        went_to: Elsewhere = lambda _: None,
        knows_image: Callable[[str], bool] = lambda _: False,
        changed_path: Callable[[str], bool] = lambda _: False,
        same_chart: bool = False,
        kustomization: bool = True,
    ) -> None:
        self.came_from = came_from
        self.went_to = went_to
        self.knows_image = knows_image
        self.changed_path = changed_path
        self.same_chart = same_chart
        self.kustomization = kustomization
