"""Opening, editing, merging and reopening pull requests; labels."""

from __future__ import annotations

from http import HTTPStatus

from standins.github import errors
from standins.github.operations import branches, events
from standins.github.operations.accounts import Actor
from standins.github.state import Hub, Issue, Label, LabelEvent, Pull, Repository


def open_issue(hub: Hub, repository: Repository, title: str, body: str | None, actor: Actor) -> Issue:
    issue = Issue(
        id=hub.new_id("issue"),
        number=_take_number(repository, None),
        repository=repository,
        title=title,
        body=body,
        user=actor.account,
        created_at=hub.now(),
        updated_at=hub.now(),
    )
    repository.issues[issue.number] = issue
    return issue


def open_pull(
    hub: Hub,
    repository: Repository,
    *,
    title: str,
    body: str | None,
    head_repository: Repository,
    head_ref: str,
    base_ref: str,
    draft: bool,
    actor: Actor,
    number: int | None = None,
) -> Pull:
    head, base = branches.tip(head_repository, head_ref), branches.tip(repository, base_ref)
    if head is None:
        raise errors.invalid("PullRequest", "head", "head is invalid", code="invalid")
    if base is None:
        raise errors.invalid("PullRequest", "base", "base is invalid", code="invalid")
    _refuse_a_second(repository, head_repository, head_ref, base_ref)
    if head_repository is not repository:
        repository.store.take(head_repository.store, head)
    if not repository.store.count(f"{base}..{head}"):
        raise errors.invalid("PullRequest", "head", f"No commits between {base_ref} and {head_ref}")
    pull = Pull(
        id=hub.new_id("issue"),
        pull_id=hub.new_id("pull"),
        number=_take_number(repository, number),
        repository=repository,
        title=title,
        body=body,
        user=actor.account,
        draft=draft,
        head_owner=head_repository.owner,
        head_repository=head_repository,
        head_ref=head_ref,
        head_sha=head,
        base_ref=base_ref,
        base_sha=base,
        created_at=hub.now(),
        updated_at=hub.now(),
    )
    branches.refresh(hub, pull)
    repository.issues[pull.number] = pull
    _tell(hub, pull, "opened", actor)
    return pull


def _refuse_a_second(repository: Repository, head_repository: Repository, head: str, base: str) -> None:
    for other in repository.pulls:
        ends = (other.head_repository, other.head_ref, other.base_ref)
        if other.state == "open" and ends == (head_repository, head, base):
            message = f"A pull request already exists for {head_repository.owner.login}:{head}."
            raise errors.invalid("PullRequest", "head", message)


def _take_number(repository: Repository, wanted: int | None) -> int:
    number = wanted if wanted is not None else repository.next_number
    if number in repository.issues:
        raise errors.invalid("Issue", "number", f"#{number} is taken")
    repository.next_number = max(repository.next_number, number + 1)
    return number


def reopen(hub: Hub, pull: Pull, actor: Actor) -> None:
    if pull.merged:
        raise errors.invalid("PullRequest", "state", "state cannot be changed. The pull request was merged.")
    head = branches.tip(pull.head_repository, pull.head_ref) if pull.head_repository else None
    if head is None:
        message = f"state cannot be changed. The {pull.head_ref} branch has been deleted."
        raise errors.invalid("PullRequest", "state", message)
    pull.state, pull.closed_at, pull.closed_by = "open", None, None
    pull.head_sha, pull.updated_at = head, hub.now()
    branches.refresh(hub, pull)
    _tell(hub, pull, "reopened", actor)


def set_state(hub: Hub, issue: Issue, state: str, actor: Actor) -> None:
    """Open or closed; a pull request's change is an event."""
    if state == issue.state:
        return
    if isinstance(issue, Pull):
        if state == "closed":
            branches.close(hub, issue, actor)
        else:
            reopen(hub, issue, actor)
        return
    issue.state = state
    issue.closed_at = hub.now() if state == "closed" else None
    issue.closed_by = actor.account if state == "closed" else None
    issue.state_reason = "completed" if state == "closed" else "reopened"


def edit(hub: Hub, issue: Issue, *, title: str | None, body: str | None, actor: Actor) -> None:
    if title is None and body is None:
        return
    issue.title = title if title is not None else issue.title
    issue.body = body if body is not None else issue.body
    issue.updated_at = hub.now()
    if isinstance(issue, Pull):
        _tell(hub, issue, "edited", actor)


def set_draft(hub: Hub, pull: Pull, draft: bool, actor: Actor) -> None:
    pull.draft, pull.updated_at = draft, hub.now()
    _tell(hub, pull, "converted_to_draft" if draft else "ready_for_review", actor)


def change_base(hub: Hub, pull: Pull, base_ref: str, actor: Actor) -> None:
    if branches.tip(pull.repository, base_ref) is None:
        raise errors.invalid("PullRequest", "base", "base is invalid", code="invalid")
    pull.base_ref, pull.updated_at = base_ref, hub.now()
    branches.refresh(hub, pull)
    _tell(hub, pull, "edited", actor)


def merge(hub: Hub, pull: Pull, actor: Actor, *, method: str = "merge", title: str | None = None) -> str:
    """Merge or squash into the base branch; the new tip."""
    if pull.state != "open" or pull.draft or not pull.mergeable:
        raise errors.ApiError(HTTPStatus.METHOD_NOT_ALLOWED, "Pull Request is not mergeable")
    if method == "rebase":
        message = "Rebase merges are not allowed on this repository."
        raise errors.ApiError(HTTPStatus.METHOD_NOT_ALLOWED, message)
    home = pull.repository
    base = branches.tip(home, pull.base_ref) or pull.base_sha
    tree = home.store.merge_tree(base, pull.head_sha)
    if tree is None:
        raise errors.ApiError(HTTPStatus.METHOD_NOT_ALLOWED, "Pull Request is not mergeable")
    source = f"{pull.head_owner.login}/{pull.head_ref}"
    headline = title or f"Merge pull request #{pull.number} from {source}"
    parents = [base] if method == "squash" else [base, pull.head_sha]
    sha = home.store.commit_tree(
        tree, parents, f"{headline}\n\n{pull.title}", branches.person(actor.account), hub.now()
    )
    home.store.update_ref(f"refs/heads/{pull.base_ref}", sha, base)
    branches.close(hub, pull, actor, merge_commit=sha)
    branches.sync(hub, home, actor)
    return sha


def find_label(repository: Repository, name: str) -> Label | None:
    return repository.labels.get(name.lower())


def create_label(
    hub: Hub, repository: Repository, name: str, color: str = "ededed", description: str | None = None
) -> Label:
    if find_label(repository, name) is not None:
        raise errors.invalid("Label", "name", "name already exists", code="already_exists")
    label = Label(id=hub.new_id("label"), name=name, color=color, description=description)
    repository.labels[name.lower()] = label
    return label


def add_labels(hub: Hub, issue: Issue, names: list[str], actor: Actor) -> None:
    """Labels that the repository does not have are made, as GitHub does; each new one is an event."""
    for name in names:
        label = find_label(issue.repository, name) or create_label(hub, issue.repository, name)
        if label in issue.labels:
            continue
        issue.labels.append(label)
        _remember(hub, issue, "labeled", label, actor)
        if isinstance(issue, Pull):
            _tell(hub, issue, "labeled", actor, label=label)


def remove_label(hub: Hub, issue: Issue, name: str, actor: Actor) -> None:
    label = find_label(issue.repository, name)
    if label is None or label not in issue.labels:
        raise errors.ApiError(HTTPStatus.NOT_FOUND, "Label does not exist")
    issue.labels.remove(label)
    _remember(hub, issue, "unlabeled", label, actor)
    if isinstance(issue, Pull):
        _tell(hub, issue, "unlabeled", actor, label=label)


def _remember(hub: Hub, issue: Issue, event: str, label: Label, actor: Actor) -> None:
    issue.updated_at = hub.now()
    issue.history.append(
        LabelEvent(
            id=hub.new_id("issue event"),
            event=event,
            actor=actor.account,
            app=actor.app,
            label=label,
            created_at=hub.now(),
        )
    )


def _tell(hub: Hub, pull: Pull, action: str, actor: Actor, *, label: Label | None = None) -> None:
    payload = events.pull_request(hub, pull, action, actor, label=label)
    events.record(hub, "pull_request", payload, pull, actor)
