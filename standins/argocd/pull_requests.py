"""The pull-request generator: open pull requests as template parameters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import requests

from standins.argocd.documents import ManifestError, require
from standins.kubernetes.objects import Object

_PAGE: Final = 100
_TIMEOUT_SECONDS: Final = 30


class ListingError(Exception):
    """The pull requests could not be listed; nothing may be concluded from that."""


def parameters(generator: Object, *, token: str | None, go_template: bool) -> list[dict[str, Any]]:
    """The parameters of each open pull request.

    Raises:
        ListingError: GitHub did not answer, or refused.
        ManifestError: The generator holds something that is not known.
    """
    require({"github", "requeueAfterSeconds", "filters", "values", "template"}, generator, "pullRequest")
    if generator.get("values") or generator.get("template"):
        raise ManifestError("pullRequest: values and template are not supported here")
    github = generator.get("github")
    if not github:
        raise ManifestError("pullRequest: only github is supported here")
    require({"owner", "repo", "api", "labels", "tokenRef", "appSecretName"}, github, "pullRequest.github")
    wanted = set(github.get("labels") or [])
    found = []
    for pull in _open_pulls(github, token):
        labels = [label["name"] for label in pull.get("labels") or []]
        if wanted <= set(labels) and _passes(pull, generator.get("filters") or []):
            found.append(_parameters(pull, labels, go_template=go_template))
    return found


def _open_pulls(github: Object, token: str | None) -> Iterator[Object]:
    base = (github.get("api") or "https://api.github.com").rstrip("/")
    if not base.startswith("https://api.github.com"):
        base = f"{base.removesuffix('/api/v3')}/api/v3"
    url: str | None = f"{base}/repos/{github['owner']}/{github['repo']}/pulls?per_page={_PAGE}"
    headers = {"Accept": "application/vnd.github.v3+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    where = f"error listing pull requests for {github['owner']}/{github['repo']}"
    with requests.Session() as session:
        session.trust_env = False
        while url:
            try:
                answer = session.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
                if answer.status_code != requests.codes.ok:
                    raise ListingError(f"{where}: GET {url}: {answer.status_code} {answer.reason}")
                yield from answer.json()
            except (requests.RequestException, ValueError) as error:
                raise ListingError(f"{where}: {error}") from error
            url = answer.links.get("next", {}).get("url")


def _passes(pull: Object, filters: list[Object]) -> bool:
    if not filters:
        return True
    return any(_passes_one(pull, item) for item in filters)


def _passes_one(pull: Object, item: Object) -> bool:
    require({"branchMatch", "targetBranchMatch", "titleMatch"}, item, "pullRequest.filters")
    texts = {
        "branchMatch": pull["head"]["ref"],
        "targetBranchMatch": pull["base"]["ref"],
        "titleMatch": pull["title"],
    }
    return all(re.search(item[key], text) for key, text in texts.items() if item.get(key))


def _parameters(pull: Object, labels: list[str], *, go_template: bool) -> dict[str, Any]:
    sha = pull["head"]["sha"]
    found: dict[str, Any] = {
        "number": str(pull["number"]),
        "title": pull["title"],
        "branch": pull["head"]["ref"],
        "branch_slug": slug(pull["head"]["ref"]),
        "target_branch": pull["base"]["ref"],
        "target_branch_slug": slug(pull["base"]["ref"]),
        "head_sha": sha,
        "head_short_sha": sha[:8],
        "head_short_sha_7": sha[:7],
        "author": pull["user"]["login"],
    }
    if go_template:
        found["labels"] = labels
    return found


def slug(text: str, limit: int = 50) -> str:
    """A branch name as part of a name: lower case letters, digits and dashes, cut at a word."""
    plain = unicodedata.normalize("NFKD", text.replace("_", "-")).encode("ascii", "ignore").decode().lower()
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word
        if len(longer) > limit:
            return made or longer[:limit]
        made = longer
    return made
