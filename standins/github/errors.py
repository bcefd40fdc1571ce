"""The refusals that GitHub answers with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class ApiError(Exception):
    """An answer that is not a success: its status, GitHub's message, and headers that go with it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
        documentation: str = "https://docs.github.com/rest",
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}
        self.documentation = documentation

    def body(self) -> dict[str, Any]:
        extra = {"errors": self.errors} if self.errors is not None else {}
        return {
            "message": self.message,
            **extra,
            "documentation_url": self.documentation,
            "status": str(self.status),
        }


def not_found() -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "Not Found")


def bad_credentials() -> ApiError:
    return ApiError(HTTPStatus.UNAUTHORIZED, "Bad credentials")


def requires_authentication() -> ApiError:
    return ApiError(HTTPStatus.UNAUTHORIZED, "Requires authentication")


def not_for_integrations(accepted: str = "") -> ApiError:
    headers = {"x-accepted-github-permissions": accepted} if accepted else {}
    return ApiError(HTTPStatus.FORBIDDEN, "Resource not accessible by integration", headers=headers)


def invalid(resource: str, field: str, message: str, *, code: str = "custom") -> ApiError:
    """422 with one reason, as GitHub words a failed validation."""
    error = {"resource": resource, "code": code, "field": field, "message": message}
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", errors=[error])


def missing_field(resource: str, field: str) -> ApiError:
    error = {"resource": resource, "code": "missing_field", "field": field}
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", errors=[error])


def unprocessable(message: str) -> ApiError:
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
