"""Addresses in answers: relative to the base that the client used, so that it can follow them."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.state import Comment, Issue, Repository


@dataclass(frozen=True, slots=True)
class Urls:
    """`api` is the REST base (with or without `/api/v3`), `web` the server's root; neither ends in a slash."""

    api: str
    web: str

    def user(self, login: str) -> str:
        return f"{self.api}/users/{login}"

    def repository(self, repository: Repository) -> str:
        return f"{self.api}/repos/{repository.full_name}"

    def repository_web(self, repository: Repository) -> str:
        return f"{self.web}/{repository.full_name}"

    def issue(self, issue: Issue) -> str:
        return f"{self.repository(issue.repository)}/issues/{issue.number}"

    def comment(self, comment: Comment) -> str:
        return f"{self.repository(comment.issue.repository)}/issues/comments/{comment.id}"
