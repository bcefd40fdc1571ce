"""One repository from the Python side: commits, pull requests, and what others wrote on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from standins.github import runner
from standins.github.operations import branches, comments, deployments, events, pulls, runs
from standins.github.operations import repositories as repository_operations
from standins.github.operations.accounts import Actor, account
from standins.github.render import checks as render_checks
from standins.github.render import deployments as render_deployments
from standins.github.render import issues as render_issues
from standins.github.render import pulls as render_pulls
from standins.github.state import Hub, Issue, Json, Pull, Repository, Review, WorkflowRun

Files = Mapping[str, str | bytes | None]


class RepositoryControl:
    """People's hands on a repository: each method takes the login of who acts."""

    def __init__(self, hub: Hub, record: Repository) -> None:
        self._hub = hub
        self.record = record

    # where it is

    @property
    def full_name(self) -> str:
        return self.record.full_name

    @property
    def path(self) -> Path:
        """The bare repository on disk, for git over `file://`."""
        return self.record.store.path

    @property
    def clone_url(self) -> str:
        return f"{self._hub.url}/{self.full_name}.git"

    def clone_url_with(self, token: str) -> str:
        """The same with credentials in it, as a test's git wants them."""
        return self.clone_url.replace("://", f"://x-access-token:{token}@", 1)

    def sha(self, revision: str) -> str:
        """The commit that a branch, tag, ref or id means.

        Raises:
            KeyError: there is no such thing.
        """
        found = self.record.store.resolve(revision)
        if found is None:
            raise KeyError(revision)
        return found

    # commits

    def push(
        self,
        branch: str,
        files: Files,
        *,
        message: str = "Change",
        author: str = "octocat",
        base: str | None = None,
        force: bool = False,
    ) -> str:
        """A commit on a branch, with all that a push brings about; the new commit.

        A new branch starts from `base` (the default branch). `force` starts an old branch from `base` again. A
        file whose content is None is removed.
        """
        with self._acting(author) as actor:
            known = branches.tip(self.record, branch)
            start = base or self.record.default_branch
            parent = known if known is not None and not force else self.record.store.resolve(start)
            sha = self.record.store.write_commit(
                f"refs/heads/{branch}",
                parent,
                files,
                message,
                author=branches.person(actor.account),
                when=self._hub.now(),
            )
            branches.sync(self._hub, self.record, actor)
        return sha

    def delete_branch(self, branch: str, *, author: str = "octocat") -> None:
        """Its open pull requests close, as on GitHub."""
        with self._acting(author) as actor:
            self.record.store.delete_ref(f"refs/heads/{branch}")
            branches.sync(self._hub, self.record, actor)

    def sync(self, *, author: str = "octocat") -> None:
        """Take note of refs that somebody moved on disk."""
        with self._acting(author) as actor:
            branches.sync(self._hub, self.record, actor)

    # pull requests

    def open_pull(
        self,
        head: str,
        *,
        title: str = "",
        body: str | None = None,
        base: str | None = None,
        author: str = "octocat",
        number: int | None = None,
        draft: bool = False,
        fork: RepositoryControl | None = None,
        labels: tuple[str, ...] = (),
    ) -> int:
        """Open a pull request from a branch (of `fork`, if given); its number."""
        with self._acting(author) as actor:
            pull = pulls.open_pull(
                self._hub,
                self.record,
                title=title or head,
                body=body,
                head_repository=(fork or self).record,
                head_ref=head,
                base_ref=base or self.record.default_branch,
                draft=draft,
                actor=actor,
                number=number,
            )
            pulls.add_labels(self._hub, pull, list(labels), actor)
            return pull.number

    def open_issue(self, title: str, *, body: str | None = None, author: str = "octocat") -> int:
        with self._acting(author) as actor:
            return pulls.open_issue(self._hub, self.record, title, body, actor).number

    def close(self, number: int, *, merged: bool = False, author: str = "octocat") -> None:
        with self._acting(author) as actor:
            if merged:
                pulls.merge(self._hub, self._pull(number), actor)
            else:
                pulls.set_state(self._hub, self._issue(number), "closed", actor)

    def reopen(self, number: int, *, author: str = "octocat") -> None:
        with self._acting(author) as actor:
            pulls.set_state(self._hub, self._issue(number), "open", actor)

    def set_draft(self, number: int, draft: bool, *, author: str = "octocat") -> None:
        with self._acting(author) as actor:
            pulls.set_draft(self._hub, self._pull(number), draft, actor)

    def label(self, number: int, *names: str, author: str = "octocat") -> None:
        with self._acting(author) as actor:
            pulls.add_labels(self._hub, self._issue(number), list(names), actor)

    def unlabel(self, number: int, name: str, *, author: str = "octocat") -> None:
        with self._acting(author) as actor:
            pulls.remove_label(self._hub, self._issue(number), name, actor)

    def comment(self, number: int, body: str, *, author: str = "octocat") -> int:
        with self._acting(author) as actor:
            return comments.create(self._hub, self._issue(number), body, actor).id

    def review(self, number: int, state: str, *, body: str = "", author: str = "octocat") -> int:
        """A review: APPROVED, CHANGES_REQUESTED or COMMENTED."""
        with self._acting(author) as actor:
            pull = self._pull(number)
            review = Review(
                id=self._hub.new_id("review"),
                user=actor.account,
                state=state,
                body=body,
                commit_id=pull.head_sha,
                submitted_at=self._hub.now(),
            )
            pull.reviews.append(review)
            return review.id

    # people and settings

    def add_collaborator(self, login: str, role: str = "write") -> None:
        """Give a user a role: read, triage, write, maintain or admin."""
        with self._hub.lock:
            account(self._hub, login)
            self.record.collaborators[login.lower()] = role

    def fork(self, owner: str) -> RepositoryControl:
        with self._hub.lock:
            return RepositoryControl(self._hub, repository_operations.fork(self._hub, self.record, owner))

    def delete(self) -> None:
        """Pull requests that came from it keep no head repository."""
        with self._hub.lock:
            repository_operations.delete(self._hub, self.record)

    def set_workflow_permissions(self, default: str, *, approve_reviews: bool = False) -> None:
        with self._hub.lock:
            self.record.workflow_permissions = default
            self.record.workflows_approve_reviews = approve_reviews

    # workflow runs

    def start_run(
        self,
        event: str = "pull_request",
        *,
        number: int | None = None,
        workflow: str = ".github/workflows/preview.yml",
        name: str = "Preview",
        author: str = "octocat",
    ) -> int:
        """A run that is in progress, for a pull request or on the default branch; `GITHUB_RUN_ID`."""
        with self._acting(author) as actor:
            pull = self._pull(number) if number is not None else None
            branch = pull.head_ref if pull else self.record.default_branch
            run = runs.start(
                self._hub,
                self.record,
                event=event,
                head_sha=pull.head_sha if pull else self.sha(branch),
                head_branch=branch,
                path=workflow,
                name=name,
                actor=actor,
                pull=pull,
            )
            return run.id

    def finish_run(self, run_id: int, conclusion: str = "success") -> None:
        with self._hub.lock:
            runs.finish(self._hub, self._run(run_id), conclusion)

    # what an event tells

    def event_payload(
        self, number: int, action: str, *, label: str | None = None, author: str = "octocat"
    ) -> Json:
        """A `pull_request` payload as of now; `label` for labeled and unlabeled.

        The payloads of what really happened, as it was then, are in `GitHub.events`.
        """
        with self._acting(author) as actor:
            pull = self._pull(number)
            one = pulls.find_label(self.record, label) if label else None
            before = pull.head_sha if action == "synchronize" else None
            return events.pull_request(self._hub, pull, action, actor, label=one, before=before)

    def comment_payload(self, comment_id: int, action: str = "created", *, author: str | None = None) -> Json:
        """An `issue_comment` payload."""
        with self._hub.lock:
            comment = self.record.comments[comment_id]
            actor = Actor(account(self._hub, author)) if author else Actor(comment.user, comment.app)
            was = comment.body if action == "edited" else None
            return events.issue_comment(self._hub, comment, action, actor, was=was)

    def schedule_payload(self, cron: str, *, workflow: str = ".github/workflows/sweep.yml") -> Json:
        with self._hub.lock:
            return events.schedule(self._hub, self.record, cron, workflow)

    def dispatch_payload(
        self,
        inputs: dict[str, str] | None = None,
        *,
        workflow: str = ".github/workflows/sweep.yml",
        ref: str | None = None,
        author: str = "octocat",
    ) -> Json:
        """A `workflow_dispatch` payload; `ref` is a full ref."""
        with self._acting(author) as actor:
            full = ref or f"refs/heads/{self.record.default_branch}"
            return events.workflow_dispatch(self._hub, self.record, workflow, inputs=inputs, ref=full, actor=actor)

    def runner_environment(self, name: str, payload: Json, *, run_id: int | None = None) -> dict[str, str]:
        """The `GITHUB_*` variables of a job that this event starts; see `start_run` for `run_id`.

        `GITHUB_EVENT_PATH`, the other files and the token are for the caller to add.
        """
        with self._hub.lock:
            run = self._run(run_id) if run_id is not None else None
            return runner.variables(self._hub, self.record, name, payload, run)

    # what was left behind, as the REST API tells it

    def pull(self, number: int) -> Json:
        with self._hub.lock:
            return render_pulls.pull(self._pull(number), events.urls(self._hub))

    def comments(self, number: int) -> list[Json]:
        with self._hub.lock:
            return [render_issues.comment(one, events.urls(self._hub)) for one in self._issue(number).comments]

    def labels(self, number: int) -> list[str]:
        with self._hub.lock:
            return [label.name for label in self._issue(number).labels]

    def deployments(self, environment: str | None = None) -> list[Json]:
        """Oldest first."""
        with self._hub.lock:
            return [
                render_deployments.deployment(one, self.record, events.urls(self._hub))
                for one in self.record.deployments.values()
                if environment in (None, one.environment)
            ]

    def deployment_statuses(self, deployment_id: int) -> list[Json]:
        """Oldest first."""
        with self._hub.lock:
            of = self.record.deployments[deployment_id]
            return [
                render_deployments.deployment_status(one, of, self.record, events.urls(self._hub))
                for one in of.statuses
            ]

    def deployment_state(self, deployment_id: int) -> str:
        """The latest status, or pending."""
        with self._hub.lock:
            return deployments.state_of(self.record.deployments[deployment_id])

    def active_deployments(self) -> list[Json]:
        """Those whose latest status is not inactive: what an environment that is gone must not leave."""
        with self._hub.lock:
            return [one for one in self.deployments() if self.deployment_state(one["id"]) != "inactive"]

    def environments(self) -> list[str]:
        with self._hub.lock:
            return [one.name for one in self.record.environments.values()]

    def check_runs(self) -> list[Json]:
        with self._hub.lock:
            return [
                render_checks.check_run(one, self.record, events.urls(self._hub))
                for one in self.record.check_runs.values()
            ]

    # inside

    @contextmanager
    def _acting(self, login: str) -> Iterator[Actor]:
        with self._hub.lock:
            yield Actor(account(self._hub, login))

    def _issue(self, number: int) -> Issue:
        return self.record.issues[number]

    def _pull(self, number: int) -> Pull:
        found = self.record.issues[number]
        if not isinstance(found, Pull):
            raise KeyError(f"#{number} is an issue, not a pull request")
        return found

    def _run(self, run_id: int) -> WorkflowRun:
        return self.record.runs[run_id]

    def __repr__(self) -> str:
        return f"<repository {self.full_name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RepositoryControl) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)
