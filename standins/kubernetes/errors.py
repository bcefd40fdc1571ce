"""What the API answers when it refuses: `Status` objects with the codes and reasons of the real one."""

from typing import Any


class StatusError(Exception):
    """A refusal, carrying the `Status` that the client gets."""

    def __init__(self, code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        if self.details:
            body["details"] = self.details
        return body | {"code": self.code}


def _details(resource: str, name: str, **more: Any) -> dict[str, Any]:
    plural, _, group = resource.partition(".")
    details = {"name": name, "group": group, "kind": plural, **more}
    return {key: value for key, value in details.items() if value}


def not_found(resource: str, name: str) -> StatusError:
    """404: no such object. `resource` is `plural.group`, or `plural` for the core group."""
    return StatusError(404, "NotFound", f'{resource} "{name}" not found', _details(resource, name))


def no_such_path() -> StatusError:
    """404: no such resource type or path."""
    return StatusError(404, "NotFound", "the server could not find the requested resource")


def already_exists(resource: str, name: str) -> StatusError:
    """409: created twice."""
    return StatusError(409, "AlreadyExists", f'{resource} "{name}" already exists', _details(resource, name))


def conflict(resource: str, name: str, why: str, causes: list[dict[str, str]] | None = None) -> StatusError:
    """409: the object has moved on, or another manager owns a field."""
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return StatusError(409, "Conflict", message, _details(resource, name, causes=causes))


STALE = "the object has been modified; please apply your changes to the latest version and try again"


def apply_conflict(causes: list[dict[str, str]]) -> StatusError:
    """409: a server-side apply would take fields from other managers."""
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
        return StatusError(409, "Conflict", message, {"causes": causes})
    fields: dict[str, list[str]] = {}
    for cause in causes:
        fields.setdefault(cause["message"].replace("conflict with", "conflicts with"), []).append(cause["field"])
    parts = [f"{owner}:\n" + "\n".join(f"- {path}" for path in paths) for owner, paths in sorted(fields.items())]
    message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(parts)
    return StatusError(409, "Conflict", message, {"causes": causes})


def invalid(kind: str, group: str, name: str, causes: list[tuple[str, str, str]]) -> StatusError:
    """422: the object is well-formed but not valid. Each cause is (reason, field, message)."""
    qualified = f"{kind}.{group}" if group else kind
    texts = [f"{field}: {message}" for _, field, message in causes]
    text = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
    details = {
        "name": name,
        "group": group,
        "kind": kind,
        "causes": [{"reason": reason, "message": message, "field": field} for reason, field, message in causes],
    }
    details = {key: value for key, value in details.items() if value}
    return StatusError(422, "Invalid", f'{qualified} "{name}" is invalid: {text}', details)


def forbidden(resource: str, name: str, why: str, causes: list[dict[str, str]] | None = None) -> StatusError:
    """403: admission refuses."""
    return StatusError(
        403, "Forbidden", f'{resource} "{name}" is forbidden: {why}', _details(resource, name, causes=causes)
    )


def bad_request(message: str) -> StatusError:
    """400: the request makes no sense."""
    return StatusError(400, "BadRequest", message)


def expired(message: str) -> StatusError:
    """410: the resource version is too old to continue from."""
    return StatusError(410, "Expired", message)


def unsupported_media_type(accepted: tuple[str, ...]) -> StatusError:
    """415: a patch of a kind that this resource does not take."""
    return StatusError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}",
    )


def method_not_allowed() -> StatusError:
    """405: the resource has no such verb."""
    return StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def unavailable(message: str) -> StatusError:
    """503: an aggregated API has nobody behind it."""
    return StatusError(503, "ServiceUnavailable", message)
