import pytest

from eod.hcl.parser import HclProcess


@pytest.fixture(scope="session")
def hcl():
    """The real parser; its process starts with the first document."""
    with HclProcess({}) as process:
        yield process
