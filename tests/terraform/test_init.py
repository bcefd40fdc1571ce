import fcntl
import json
import os

import pytest

from eod.errors import CancelledError, TerraformError, UsageError
from tests.terraform.fake import play

pytestmark = pytest.mark.process


def test_a_download_that_fails_is_tried_again(fake):
    fake.plays(init=[play("init_no_registry", code=1), play("init_ok")])
    fake.workspace().plan()
    assert len(fake.calls("init")) == 2
    assert "could not be downloaded" in fake.said[0]


def test_missing_credentials_are_told_at_once(fake):
    fake.plays(init=[play("init_no_credentials", code=1)])
    with pytest.raises(TerraformError, match="could not be initialised") as failed:
        fake.workspace().plan()
    assert "no valid credentials" in failed.value.why
    assert fake.commands() == ["init"]


def test_a_committed_lock_file_is_not_changed(fake):
    (fake.root / ".terraform.lock.hcl").write_text("")
    fake.workspace().plan()
    assert "-lockfile=readonly" in fake.calls("init")[0]["arguments"]


def test_a_lock_file_that_lacks_something_is_told_and_passed_by(fake):
    (fake.root / ".terraform.lock.hcl").write_text("")
    detail = "Changes were detected, but the\nlock file is read-only. To use them"
    diagnostic = {"severity": "error", "summary": "Provider dependency changes detected", "detail": detail}
    incomplete = json.dumps({"type": "diagnostic", "diagnostic": diagnostic})
    fake.plays(init=[{"stdout": incomplete, "code": 1}, play("init_ok")])
    fake.workspace().plan()
    assert ["-lockfile=readonly" in call["arguments"] for call in fake.calls("init")] == [True, False]
    assert ".terraform.lock.hcl" in fake.said[0]


def test_a_shared_plugin_cache_is_taken_in_turns(fake, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    workspace = fake.workspace()
    workspace._session.environ["TF_PLUGIN_CACHE_DIR"] = str(cache)
    other = os.open(cache / ".eod-init.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    wait = fake.clock.wait

    def released_after_a_while(seconds):
        wait(seconds)
        assert fake.calls("init") == []
        if len(fake.clock.waits) == 3:
            os.close(other)

    fake.clock.wait = released_after_a_while
    workspace.plan()
    assert len(fake.clock.waits) == 3
    assert len(fake.calls("init")) == 1


def test_who_is_asked_to_stop_does_not_wait_for_the_plugin_cache(fake, tmp_path):
    workspace = fake.workspace()
    workspace._session.environ["TF_PLUGIN_CACHE_DIR"] = str(tmp_path)
    other = os.open(tmp_path / ".eod-init.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    wait = fake.clock.wait

    def asked_to_stop(seconds):
        wait(seconds)
        workspace.interrupt()

    fake.clock.wait = asked_to_stop
    with pytest.raises(CancelledError, match="plugin cache"):
        workspace.plan()
    os.close(other)
    assert fake.commands() == []


def test_a_plugin_cache_that_cannot_be_is_told(fake, tmp_path):
    (tmp_path / "file").write_text("")
    workspace = fake.workspace()
    workspace._session.environ["TF_PLUGIN_CACHE_DIR"] = str(tmp_path / "file" / "cache")
    with pytest.raises(TerraformError, match="plugin cache"):
        workspace.plan()


def test_a_module_without_backend_gets_a_state_of_its_own_where_that_is_wanted(fake):
    (fake.root / "main.tf.json").write_text('{"variable": {"pr_number": {}}}')
    with pytest.raises(UsageError, match="no backend"):
        fake.workspace()
    fake.workspace(allow_local_state=True).plan()
    path = json.loads((fake.place / "backend.tfbackend.json").read_text())["path"]
    assert path == str(fake.root / "eod/acme/shop/pr-12.tfstate")
    override = json.loads((fake.root / "eod_backend_override.tf.json").read_text())
    assert override == {"terraform": {"backend": {"local": {}}}}
