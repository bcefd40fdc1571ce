"""Every REST route that is answered."""

from __future__ import annotations

from standins.github.routes import (
    actions,
    checks,
    comments,
    commits,
    contents,
    deployments,
    issues,
    meta,
    pulls,
    refs,
    repositories,
)

ALL = [
    route
    for module in (
        meta,
        repositories,
        pulls,
        issues,
        comments,
        deployments,
        checks,
        commits,
        refs,
        contents,
        actions,
    )
    for route in module.routes
]
