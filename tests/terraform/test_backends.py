from pathlib import Path

import pytest

from eod.errors import UsageError
from eod.terraform.backends import backend_settings

ROOT = Path("/repo/infra")
KEY = "eod/acme/shop/pr-12.tfstate"


def settings(kind, given=None, *, environment="pr-12", allow_local=False):
    given = {"key": KEY} if given is None else given
    return backend_settings(kind, given, environment=environment, root=ROOT, allow_local=allow_local)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("s3", {"key": KEY}),
        ("azurerm", {"key": KEY}),
        ("oss", {"key": KEY}),
        ("gcs", {"prefix": "eod/acme/shop/pr-12"}),
        ("consul", {"path": KEY}),
        ("kubernetes", {"secret_suffix": "eod-acme-shop-pr-12"}),
        ("pg", {"schema_name": "eod_acme_shop_pr_12"}),
        ("a-new-one", {"key": KEY}),
    ],
)
def test_each_backend_has_its_own_word_for_the_states_key(kind, expected):
    assert settings(kind) == expected


def test_other_settings_are_passed_on():
    given = {"key": KEY, "bucket": "state", "use_lockfile": "true"}
    assert settings("s3", given) == given


def test_the_backends_own_word_wins():
    given = {"key": KEY, "prefix": "mine/pr-12"}
    assert settings("gcs", given) == {"prefix": "mine/pr-12"}


def test_addresses_of_the_http_backend_get_the_key_unless_they_name_the_environment():
    given = {"key": KEY, "address": "https://s/x/", "lock_address": "https://s/l", "username": "u"}
    assert settings("http", given) == {
        "address": f"https://s/x/{KEY}",
        "lock_address": f"https://s/l/{KEY}",
        "username": "u",
    }
    named = {"key": KEY, "address": "https://s/pr-12"}
    assert settings("http", named) == {"address": "https://s/pr-12"}


@pytest.mark.parametrize("key", ["state", "eod/pr-123.tfstate", "eod/pr-1.tfstate", "apr-12", ""])
def test_a_state_that_would_be_shared_is_refused(key):
    with pytest.raises(UsageError, match="does not name the environment") as refused:
        settings("s3", {"key": key})
    assert "pr-12" in refused.value.why
    assert "state-key" in refused.value.fix


def test_an_http_backend_without_an_address_is_refused():
    with pytest.raises(UsageError, match="address"):
        settings("http")


def test_a_module_without_a_backend_is_refused_with_the_fix():
    with pytest.raises(UsageError, match="no backend") as refused:
        settings(None)
    assert 'backend "s3"' in refused.value.fix
    assert "allow-local-state" in refused.value.fix
    assert refused.value.where == str(ROOT)
    with pytest.raises(UsageError, match="no backend"):
        settings("local")


def test_a_local_state_can_be_wanted():
    assert settings(None, allow_local=True) == {"path": str(ROOT / KEY)}
    assert settings("local", allow_local=True) == {"path": str(ROOT / KEY)}
    given = {"key": KEY, "path": "/mnt/state/pr-12"}
    assert settings("local", given) == {"path": "/mnt/state/pr-12"}
    with pytest.raises(UsageError, match="does not name"):
        settings("local", {"path": "/mnt/state"}, allow_local=True)


@pytest.mark.parametrize("kind", ["cloud", "remote"])
def test_workspaces_of_a_service_are_refused(kind):
    with pytest.raises(UsageError, match=kind):
        settings(kind)
