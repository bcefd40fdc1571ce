import pytest

from tests.terraform.fake import Fake


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path)
