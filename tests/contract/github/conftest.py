import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from githubkit import GitHub as Client
from githubkit import TokenAuthStrategy

from standins import github as standin

_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading the machine's takes longer than a test


@dataclass(frozen=True, kw_only=True)
class World:
    """A repository with something of everything in it."""

    github: standin.GitHub
    shop: standin.RepositoryControl
    pull: int
    comment: int
    deployment: int
    status: int
    check: int
    run: int
    app: "Client[TokenAuthStrategy]"
    admin: "Client[TokenAuthStrategy]"


def client(github: standin.GitHub, token: str) -> "Client[TokenAuthStrategy]":
    return Client(
        TokenAuthStrategy(token),
        base_url=github.api_url,
        ssl_verify=_NO_AUTHORITIES,
        auto_retry=False,
        http_cache=False,
        trust_env=False,
    )


@pytest.fixture
def world() -> Iterator[World]:
    """For a test that changes it."""
    with furnished() as made:
        yield made


@pytest.fixture(scope="module")
def standing() -> Iterator[World]:
    """For all tests that only read."""
    with furnished() as made:
        yield made


@contextmanager
def furnished() -> Iterator[World]:
    with standin.server() as github:
        shop = github.create_repository("acme", "shop", description="A shop")
        shop.push(
            "main", {"README.md": "# Shop\n", "src/cart.py": "a = 1\nb = 2\nc = 3\n", "logo.png": b"\x89PNG\0"}
        )
        shop.push(
            "pay",
            {"README.md": None, "docs/README.md": "# Shop\n", "src/pay.py": "pay = 1\n", "logo.png": b"\x89\0"},
        )
        shop.add_collaborator("octocat", "admin")
        github.add_team("acme", "platform", {"octocat"})
        pull = shop.open_pull("pay", title="Pay", body="Takes money.", labels=("eod/tier: full",))
        comment = shop.comment(pull, "/eod up")
        shop.review(pull, "APPROVED", body="Fine.")
        permissions = dict.fromkeys(
            ("contents", "pull_requests", "issues", "checks", "deployments", "actions"), "write"
        )
        grants = {**permissions, "statuses": "write", "administration": "write", "members": "read"}
        app = client(github, github.installation_token(permissions=grants, app="preview-bot"))
        run = shop.start_run(number=pull)
        sha = shop.sha("pay")
        check = app.rest.checks.create(
            "acme",
            "shop",
            data={
                "name": "preview",
                "head_sha": sha,
                "output": {
                    "title": "Plan",
                    "summary": "2 to add",
                    "annotations": [
                        {
                            "path": "src/pay.py",
                            "start_line": 1,
                            "end_line": 1,
                            "annotation_level": "notice",
                            "message": "Here.",
                        }
                    ],
                },
            },
        ).parsed_data.id
        deployment = app.rest.repos.create_deployment(
            "acme", "shop", data={"ref": sha, "environment": "pr-1", "required_contexts": []}
        ).json()["id"]
        status = app.rest.repos.create_deployment_status(
            "acme", "shop", deployment, data={"state": "success", "environment_url": "https://pr-1.example.com"}
        ).parsed_data.id
        app.rest.repos.create_commit_status("acme", "shop", sha, data={"state": "pending", "context": "ci"})
        app.rest.reactions.create_for_issue_comment("acme", "shop", comment, data={"content": "eyes"})
        yield World(
            github=github,
            shop=shop,
            pull=pull,
            comment=comment,
            deployment=deployment,
            status=status,
            check=check,
            run=run,
            app=app,
            admin=client(github, github.personal_token("octocat")),
        )
