"""The engine that is struck may be named."""

from tests.engines import engine  # noqa: F401  # a fixture
