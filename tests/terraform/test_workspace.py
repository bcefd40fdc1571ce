import fcntl
import json
import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from eod.errors import (
    ApplyFailedError,
    CancelledError,
    ExitCode,
    PlanFailedError,
    StateDamagedError,
    StateLockedError,
    TerraformError,
    TerraformUsageError,
    UnapprovedChangeError,
    UsageError,
)
from eod.model.cloud import Item
from eod.model.lock import machine_of
from eod.model.plan import Creation, ResourceProgress
from eod.terraform import drain, saver, tail
from eod.terraform.planning import CUT
from eod.terraform.running import start_of
from tests.terraform.fake import BACKEND, EMPTY_STATE, STATE, TAGS, play
from tests.terraform.support import document, stream

pytestmark = pytest.mark.process


def nothing(_progress):
    pass


def failing(text, address=""):
    """An apply that fails with one diagnostic, after one resource was created."""
    created = stream("apply_ok").decode().splitlines()[:9]
    diagnostic = {"severity": "error", "summary": text, "address": address}
    return {
        "stdout": "\n".join([*created, json.dumps({"type": "diagnostic", "diagnostic": diagnostic})]) + "\n",
        "code": 1,
    }


def outputs_only(**outputs):
    """A plan that changes these outputs and nothing else; `None` is known only after the apply."""
    plan = json.loads(document("plan_small"))
    plan["resource_changes"] = []
    plan["output_changes"] = {
        name: {"actions": ["update"], "before": "old", "after": value, "after_unknown": value is None}
        for name, value in outputs.items()
    }
    return plan


NOT_RELEASED = failing("Error releasing the state lock")
LOCKED_AT = datetime(2026, 11, 23, 12, 9, 16, tzinfo=UTC)
"""The time of the lock in `plan_locked`."""


def bound_to(fake):
    return {
        "environment": "pr-12",
        "root": fake.root,
        "commit": "abc123",
        "backend": BACKEND,
        "variables": {"pr_number": 12},
        "tags": TAGS,
    }


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


class TestPlan:
    def test_a_plan_is_summed_up_and_bound(self, fake):
        plan = fake.workspace().plan()
        assert plan.summary.line == "2 to add, 0 to change, 0 to destroy"
        assert plan.gates == {"terraform_data.db", "terraform_data.cdn"}
        assert plan.terraform_version == "1.11.4"
        assert len(plan.digest) == 64
        assert Path(plan.path).read_text() == "a plan"

    def test_a_plan_of_any_length_is_read_whole(self, fake, monkeypatch):
        # `show -json` prints one line, and thousands of resources are more than any line of a stream may be.
        monkeypatch.setattr(tail, "LINE_LIMIT", 1_000)
        monkeypatch.setattr(tail, "CHUNK", 100)
        fake.plays(state_pull=[{"stdout": STATE.replace('"x"', f'"{"x" * 5_000}"')}])
        workspace = fake.workspace()
        assert len(document("plan_small")) > 2 * tail.LINE_LIMIT
        assert workspace.plan().summary.adds == 2
        assert workspace.unknown((QUEUE,)) == (QUEUE,)

    def test_what_plan_json_leaves_out_is_asked_for_only_where_there_is_any(self, fake):
        assert fake.workspace().plan().graph
        assert fake.calls("graph") == []
        (fake.root / "more.tf").write_text("locals { a = 1 }\noutput o { value = local.a }\n")
        edge = '"[root] terraform_data.cdn (expand)" -> "[root] local.a (expand)"\n'
        edge += '"[root] local.a (expand)" -> "[root] terraform_data.db (expand)"\n'
        fake.plays(graph=[{"stdout": edge}])
        graph = fake.workspace().plan().graph
        assert [node.name for node in graph if node.after] == ["terraform_data.cdn"]

    def test_a_graph_that_cannot_be_had_is_no_failure(self, fake):
        (fake.root / "more.tf").write_text("output o { value = local.a }\n")
        fake.plays(graph=[{"code": 1, "stdout": "Error"}])
        assert fake.workspace().plan().summary.adds == 2

    def test_terraform_is_asked_in_the_right_words(self, fake):
        fake.workspace(parallelism=7, lock_timeout_seconds=30).plan()
        (init,), (plan,) = fake.calls("init"), fake.calls("plan")
        assert init["arguments"][:4] == ["init", "-json", "-input=false", "-reconfigure"]
        assert {
            "-json",
            "-input=false",
            "-detailed-exitcode",
            "-lock-timeout=30s",
            "-parallelism=7",
            f"-out={fake.place}/plan.tfplan",
            f"-var-file={fake.place}/variables.tfvars.json",
        } <= set(plan["arguments"])
        assert plan["cwd"] == str(fake.root)

    def test_only_declared_variables_are_passed_and_none_on_the_command_line(self, fake):
        fake.workspace().plan()
        assert json.loads((fake.place / "variables.tfvars.json").read_text()) == {
            "pr_number": 12,
            "secret": "hush",
        }
        assert "hush" not in json.dumps([call["arguments"] for call in fake.calls()])
        assert json.loads((fake.place / "backend.tfbackend.json").read_text()) == {
            "key": "eod/acme/shop/pr-12.tfstate",
            "bucket": "states",
        }

    def test_what_may_hold_secrets_is_for_nobody_else(self, fake):
        plan = fake.workspace().plan()
        assert private(fake.place)
        assert private(Path(plan.path))
        assert private(fake.place / "variables.tfvars.json")
        assert private(fake.place / "backend.tfbackend.json")
        assert not (fake.place / "stream.jsonl").exists()

    def test_another_environments_resources_are_not_destroyed_by_a_second_try_either(self, fake):
        another = {"environment.on-demand/name": "pr-13"}
        resource = {"mode": "managed", "type": "aws_sqs_queue", "name": "jobs"}
        state = {"version": 4, "resources": [{**resource, "instances": [{"attributes": {"tags": another}}]}]}
        fake.plays(state_pull=[{"stdout": json.dumps(state)}])
        for _ in range(2):
            with pytest.raises(TerraformUsageError, match="1 resource of another environment") as refused:
                fake.workspace().destroy(nothing)
            assert refused.value.where == "aws_sqs_queue.jobs"
        assert fake.calls("apply") == []

    def test_a_state_that_cannot_be_decoded_is_still_destroyed(self, fake):
        fake.plays(
            state_pull=[{"stdout": '{"resources": 7}'}, {"stdout": EMPTY_STATE}], apply=[play("destroy_ok")]
        )
        fake.workspace().destroy(nothing)
        assert len(fake.calls("apply")) == 1

    def test_tags_are_the_same_for_plan_apply_and_destroy(self, fake):
        workspace = fake.workspace()
        workspace.apply(workspace.plan(), nothing)
        workspace.destroy(nothing)
        changing = [call for call in fake.calls() if call["command"] in {"plan", "apply"}]
        assert len(changing) == 3
        for call in changing:
            assert call["environ"]["TF_AWS_DEFAULT_TAGS_environment.on-demand/name"] == "pr-12"
            assert call["environ"]["TF_DATA_DIR"] == str(fake.place / "data")
            assert "GITHUB_ENV" not in call["environ"]

    def test_environments_do_not_share_a_data_directory(self, fake):
        fake.workspace("pr-12").plan()
        fake.workspace("pr-13").plan()
        assert len({call["environ"]["TF_DATA_DIR"] for call in fake.calls("plan")}) == 2

    def test_a_failed_plan_says_where(self, fake):
        fake.plays(plan=[play("plan_missing_variable", code=1)])
        with pytest.raises(PlanFailedError, match="could not make a plan") as failed:
            fake.workspace().plan()
        assert failed.value.where == "infra/main.tf:4"
        assert 'variable "need" is not set' in failed.value.detail
        assert len(fake.calls("plan")) == 1

    def test_a_lock_is_told_with_its_holder_and_not_tried_again(self, fake):
        fake.plays(plan=[play("plan_locked", code=1)])
        with pytest.raises(StateLockedError, match="runner@host for apply") as locked:
            fake.workspace().plan()
        assert "force-unlock" in locked.value.fix
        assert len(fake.calls("plan")) == 1

    def test_a_lock_that_vanished_is_tried_again(self, fake):
        vanished = failing("Error acquiring the state lock: resource temporarily unavailable")
        fake.plays(plan=[vanished, vanished, play("plan_ok", code=2)])
        assert fake.workspace().plan().summary.adds == 2
        assert sum(fake.clock.waits) >= 10

    def test_text_for_people_is_cut(self, fake):
        plan = fake.workspace(text_limit=100).plan()
        assert plan.text.startswith("Terraform will perform")
        assert len(plan.text) < 200
        assert plan.text.endswith("(the rest is cut)")

    def test_it_is_cut_between_lines_so_that_no_secret_is_cut_in_two_and_not_known_any_more(self, fake):
        whole = fake.workspace().plan().text
        for limit in (40, 75, 100, 130):
            shown = fake.workspace(text_limit=limit).plan().text.removesuffix(CUT)
            assert all(line in whole.splitlines() for line in shown.splitlines())

    def test_a_text_that_nobody_wants_is_not_made(self, fake):
        assert fake.workspace(text_limit=0).plan().text == ""
        assert fake.calls("show text") == []

    def test_a_plan_file_that_cannot_be_read_is_no_plan(self, fake):
        fake.plays(show=[{"code": 1, "stderr": "zip: not a valid zip file"}])
        with pytest.raises(TerraformError, match="cannot be read") as failed:
            fake.workspace().plan()
        assert "zip" in failed.value.detail

    def test_a_disk_that_filled_while_the_plan_was_shown_is_told(self, fake, monkeypatch):
        # Terraform ends with 0 although what it printed is cut off.
        fake.plays(show=[{"stdout": document("plan_small").decode()[:900]}])
        with pytest.raises(TerraformError, match="cannot be read"):
            fake.workspace().plan()
        free = shutil.disk_usage(fake.directory)._replace(free=4096)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
        with pytest.raises(TerraformError, match="The disk is full") as failed:
            fake.workspace().plan()
        assert failed.value.where == str(fake.place)
        assert "Free space" in failed.value.fix

    @pytest.mark.parametrize(
        ("operation", "summary", "detail"),
        [
            ("init", "Failed to install provider", "write /cache/x: no space left on device"),
            ("plan", "Failed to write plan file", "write /x/plan.tfplan: no space left on device."),
        ],
    )
    def test_a_full_disk_is_told_and_not_tried_again(self, fake, operation, summary, detail):
        diagnostic = {"severity": "error", "summary": summary, "detail": detail}
        full = {"stdout": json.dumps({"type": "diagnostic", "diagnostic": diagnostic}) + "\n", "code": 1}
        fake.plays(**{operation: [full]})
        with pytest.raises(TerraformError) as failed:
            fake.workspace().plan()
        assert failed.value.why == "The runner's disk is full."
        assert "Free space" in failed.value.fix
        assert detail in failed.value.detail
        assert len(fake.calls(operation)) == 1

    def test_a_plan_that_would_delete_another_environments_resource_does_not_stay(self, fake):
        tags = {"tags": {"environment.on-demand/name": "pr-13"}}
        change = {"actions": ["delete"], "before": tags, "after": None}
        described = {"address": "aws_sqs_queue.q", "type": "aws_sqs_queue", "change": change}
        shown = {"format_version": "1.2", "resource_changes": [described]}
        fake.plays(show=[{"stdout": json.dumps(shown)}])
        with pytest.raises(TerraformUsageError, match="another environment") as refused:
            fake.workspace().plan()
        assert refused.value.exit_code is ExitCode.USAGE
        assert not (fake.place / "plan.tfplan").exists()
        assert fake.calls("apply") == []

    def test_a_stream_of_another_version_is_refused(self, fake):
        line = '{"type":"version","terraform":"3.0.0","ui":"2.0"}\n'
        fake.plays(plan=[{"stdout": line, "code": 2}])
        with pytest.raises(TerraformError, match=r"version 2\.0"):
            fake.workspace().plan()

    def test_noise_between_lines_is_survived(self, fake):
        noisy = stream("plan_ok").decode().replace("\n", "\nprovider: something\n")
        fake.plays(plan=[{"stdout": noisy, "code": 2}])
        assert fake.workspace().plan().summary.adds == 2


class TestInit:
    def test_a_download_that_fails_is_tried_again(self, fake):
        fake.plays(init=[play("init_no_registry", code=1), play("init_ok")])
        fake.workspace().plan()
        assert len(fake.calls("init")) == 2
        assert "could not be downloaded" in fake.said[0]

    def test_missing_credentials_are_told_at_once(self, fake):
        fake.plays(init=[play("init_no_credentials", code=1)])
        with pytest.raises(TerraformError, match="could not be initialised") as failed:
            fake.workspace().plan()
        assert "no valid credentials" in failed.value.why
        assert fake.commands() == ["init"]

    def test_a_committed_lock_file_is_not_changed(self, fake):
        (fake.root / ".terraform.lock.hcl").write_text("")
        fake.workspace().plan()
        assert "-lockfile=readonly" in fake.calls("init")[0]["arguments"]

    def test_a_lock_file_that_lacks_something_is_told_and_passed_by(self, fake):
        (fake.root / ".terraform.lock.hcl").write_text("")
        detail = "Changes were detected, but the\nlock file is read-only. To use them"
        diagnostic = {"severity": "error", "summary": "Provider dependency changes detected", "detail": detail}
        incomplete = json.dumps({"type": "diagnostic", "diagnostic": diagnostic})
        fake.plays(init=[{"stdout": incomplete, "code": 1}, play("init_ok")])
        fake.workspace().plan()
        assert ["-lockfile=readonly" in call["arguments"] for call in fake.calls("init")] == [True, False]
        assert ".terraform.lock.hcl" in fake.said[0]

    def test_a_shared_plugin_cache_is_taken_in_turns(self, fake, tmp_path):
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

    def test_who_is_asked_to_stop_does_not_wait_for_the_plugin_cache(self, fake, tmp_path):
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

    def test_a_plugin_cache_that_cannot_be_is_told(self, fake, tmp_path):
        (tmp_path / "file").write_text("")
        workspace = fake.workspace()
        workspace._session.environ["TF_PLUGIN_CACHE_DIR"] = str(tmp_path / "file" / "cache")
        with pytest.raises(TerraformError, match="plugin cache"):
            workspace.plan()

    def test_a_module_without_backend_gets_a_state_of_its_own_where_that_is_wanted(self, fake):
        (fake.root / "main.tf.json").write_text('{"variable": {"pr_number": {}}}')
        with pytest.raises(UsageError, match="no backend"):
            fake.workspace()
        fake.workspace(allow_local_state=True).plan()
        path = json.loads((fake.place / "backend.tfbackend.json").read_text())["path"]
        assert path == str(fake.root / "eod/acme/shop/pr-12.tfstate")
        override = json.loads((fake.root / "eod_backend_override.tf.json").read_text())
        assert override == {"terraform": {"backend": {"local": {}}}}


class TestApply:
    def test_exactly_the_plan_is_applied_and_then_it_is_gone(self, fake):
        workspace = fake.workspace()
        plan = workspace.plan()
        seen: list[ResourceProgress] = []
        result = workspace.apply(plan, seen.append)
        assert (result.added, result.changed, result.destroyed, result.attempts) == (2, 0, 0, 1)
        assert result.outputs == {"m": {"a": 1}, "n": 12}
        assert [(p.address, p.state) for p in seen] == [
            ("terraform_data.db", "started"),
            ("terraform_data.db", "complete"),
            ("terraform_data.cdn", "started"),
            ("terraform_data.cdn", "complete"),
        ]
        assert fake.calls("apply")[0]["arguments"][-1] == plan.path
        assert not Path(plan.path).exists()

    def test_data_sources_that_are_looked_up_are_no_progress(self, fake):
        address = "data.aws_caller_identity.current"
        hook = {"resource": {"addr": address, "resource_type": "aws_caller_identity"}, "action": "read"}
        looked_up = [
            json.dumps({"type": "apply_start", "hook": hook}),
            json.dumps({"type": "apply_complete", "hook": {**hook, "elapsed_seconds": 0}}),
        ]
        first, *others = stream("apply_ok").decode().splitlines()
        fake.plays(apply=[{"stdout": "\n".join([first, *looked_up, *others]) + "\n"}])
        workspace = fake.workspace()
        seen: list[ResourceProgress] = []
        result = workspace.apply(workspace.plan(), seen.append)
        assert result.added == 2
        assert {progress.address for progress in seen} == {"terraform_data.db", "terraform_data.cdn"}

    @pytest.mark.parametrize(
        "change", [{"environment": "pr-13"}, {"commit": "def"}, {"variables": {}}, {"tags": {"a": "b"}}]
    )
    def test_a_plan_for_something_else_is_refused(self, fake, change):
        plan = fake.workspace().plan()
        bound = {
            "environment": "pr-12",
            "commit": "abc123",
            "variables": {"pr_number": 12, "secret": "hush"},
            "tags": {"environment.on-demand/name": "pr-12"},
            "backend": {"key": "pr-12/pr-13"},
        }
        other = fake.runner().workspace(**{**bound, **change}, root=fake.root)
        with pytest.raises(ApplyFailedError, match="made for something else"):
            other.apply(plan, nothing)
        assert fake.calls("apply") == []

    def test_a_fault_that_passes_is_tried_again_with_a_new_plan(self, fake):
        rest = json.loads(document("plan_small"))
        rest["resource_changes"][1]["change"]["actions"] = ["no-op"]
        shown = {"stdout": document("plan_small").decode()}
        fake.plays(
            apply=[failing("Throttling: Rate exceeded"), play("apply_ok")],
            show=[shown, {"stdout": json.dumps(rest)}],
        )
        workspace = fake.workspace()
        result = workspace.apply(workspace.plan(), nothing)
        assert result.attempts == 2
        assert result.retried == ("throttled: The cloud's API throttles this account.",)
        assert result.added == 3
        assert [c for c in fake.commands() if "show" not in c] == ["init", "plan", "apply", "plan", "apply"]
        first, second = fake.calls("apply")
        assert "-parallelism=20" in first["arguments"]
        assert "-parallelism=10" in second["arguments"]

    def test_nothing_is_applied_that_was_not_approved(self, fake):
        more = json.loads(document("plan_small"))
        more["resource_changes"].append(
            {"address": "terraform_data.other", "type": "terraform_data", "change": {"actions": ["delete"]}}
        )
        shown = {"stdout": document("plan_small").decode()}
        fake.plays(apply=[failing("Saved plan is stale")], show=[shown, {"stdout": json.dumps(more)}])
        workspace = fake.workspace()
        plan = workspace.plan()
        with pytest.raises(UnapprovedChangeError, match="1 things that were not approved") as failed:
            workspace.apply(plan, nothing)
        assert failed.value.detail == "terraform_data.other: delete"
        assert failed.value.exit_code == ExitCode.WAITING_FOR_APPROVAL
        assert len(fake.calls("apply")) == 1
        assert not Path(plan.path).exists()

    def test_an_approved_resource_is_not_made_otherwise_than_approved(self, fake):
        approved, other = (json.loads(document("plan_small")) for _ in range(2))
        for plan, password in ((approved, "correct horse"), (other, "battery staple")):
            change = plan["resource_changes"][0]["change"]
            change["after"] = {"size": 1, "password": password}
            change["after_sensitive"] = {"password": True}
        fake.plays(
            apply=[failing("Saved plan is stale")],
            show=[{"stdout": json.dumps(approved)}, {"stdout": json.dumps(other)}],
        )
        workspace = fake.workspace()
        plan = workspace.plan()
        assert "horse" not in str(plan)
        with pytest.raises(UnapprovedChangeError) as failed:
            workspace.apply(plan, nothing)
        address = approved["resource_changes"][0]["address"]
        assert failed.value.detail == f"{address}: password"
        assert len(fake.calls("apply")) == 1

    def test_a_plan_of_nothing_but_outputs_is_applied(self, fake):
        shown = {"stdout": json.dumps(outputs_only(url="https://new"))}
        fake.plays(show=[shown], apply=[play("apply_ok")])
        workspace = fake.workspace()
        plan = workspace.plan()
        assert not plan.summary.empty
        assert plan.changes == ()
        assert workspace.apply(plan, nothing).outputs == {"m": {"a": 1}, "n": 12}
        assert len(fake.calls("apply")) == 1

    @pytest.mark.parametrize(
        ("approved", "planned", "more"),
        [
            ({"url": "https://a"}, {"url": "https://a"}, ""),
            ({"url": None}, {"url": "https://a"}, ""),
            ({"url": "https://a", "other": "b"}, {"url": "https://a"}, ""),
            ({"url": "https://a"}, {"url": "https://b"}, "output.url: value"),
            ({"url": "https://a"}, {"url": "https://a", "late": "x"}, "output.late: value"),
        ],
    )
    def test_an_output_of_a_second_plan_was_approved_or_not_known(self, fake, approved, planned, more):
        fake.plays(
            apply=[failing("Saved plan is stale"), play("apply_ok")],
            show=[{"stdout": json.dumps(outputs_only(**one))} for one in (approved, planned)],
        )
        workspace = fake.workspace()
        plan = workspace.plan()
        if not more:
            assert workspace.apply(plan, nothing).attempts == 2
            return
        with pytest.raises(UnapprovedChangeError) as failed:
            workspace.apply(plan, nothing)
        assert failed.value.detail == more
        assert len(fake.calls("apply")) == 1

    def test_a_plan_file_that_is_not_the_one_that_was_shown_is_refused(self, fake):
        workspace = fake.workspace()
        plan = workspace.plan()
        Path(plan.path).write_text("another plan")
        with pytest.raises(ApplyFailedError, match="not the one that was shown"):
            workspace.apply(plan, nothing)
        assert fake.calls("apply") == []

    def test_a_stale_plan_is_made_anew(self, fake):
        fake.plays(apply=[play("apply_stale", code=1), play("apply_ok")])
        workspace = fake.workspace()
        result = workspace.apply(workspace.plan(), nothing)
        assert (result.attempts, result.added) == (2, 2)

    def test_a_permanent_fault_ends_it_at_once(self, fake):
        fake.plays(apply=[failing("creating: AccessDenied: no", "terraform_data.cdn")])
        workspace = fake.workspace()
        plan = workspace.plan()
        with pytest.raises(ApplyFailedError, match="1 added, 0 changed, 0 destroyed") as failed:
            workspace.apply(plan, nothing)
        assert failed.value.why == "The credentials may not do this."
        assert failed.value.where == "terraform_data.cdn"
        assert len(fake.calls("apply")) == 1
        assert not Path(plan.path).exists()

    def test_a_killed_terraform_is_not_tried_again(self, fake):
        fake.plays(apply=[{"stdout": stream("apply_ok").decode()[:4000], "kill": True}])
        workspace = fake.workspace()
        plan = workspace.plan()
        with pytest.raises(ApplyFailedError) as failed:
            workspace.apply(plan, nothing)
        assert "SIGKILL" in failed.value.why
        assert len(fake.calls("apply")) == 1

    def test_it_is_known_who_runs_and_forgotten_afterwards(self, fake):
        workspace = fake.workspace()
        plan = workspace.plan()
        seen: list[dict[str, object]] = []

        def look(_progress):
            seen.append(json.loads((fake.place / "running.json").read_text()))

        workspace.apply(plan, look)
        running = seen[0]
        call = fake.calls("apply")[0]
        assert (running["pid"], running["operation"], running["environment"]) == (call["pid"], "apply", "pr-12")
        assert call["group"] == call["pid"]
        assert start_of(call["pid"]) == ""
        assert not (fake.place / "running.json").exists()

    def test_an_error_of_a_listener_does_not_leave_terraform_behind(self, fake):
        workspace = fake.workspace()
        plan = workspace.plan()

        def broken(_progress):
            raise ValueError("the listener's own")

        with pytest.raises(ValueError, match="own"):
            workspace.apply(plan, broken)
        assert start_of(fake.calls("apply")[0]["pid"]) == ""
        assert not (fake.place / "running.json").exists()
        assert not Path(plan.path).exists()


def unsaved_by_a_killed_run(fake, root=None):
    """What is left when we are killed and Terraform then cannot save its state."""
    root = root or fake.root
    claim = {"pid": 1, "start": "0", "environment": "pr-12", "operation": "apply", "binary": "x"}
    claim |= {"root": str(root), "started_at": "2026-11-23T12:00:00Z"}
    fake.place.mkdir(parents=True)
    (fake.place / "running.json").write_text(json.dumps(claim))
    (root / "errored.tfstate").write_text("{}")


class TestUnsavedState:
    def test_it_is_saved_before_anything_is_planned(self, fake):
        unsaved_by_a_killed_run(fake)
        fake.workspace().plan()
        assert [c for c in fake.commands() if "show" not in c] == ["init", "state push", "plan"]
        assert fake.calls("state push")[0]["arguments"][-1] == str(fake.place / "errored.tfstate")
        assert not list(fake.directory.rglob("errored.tfstate"))
        assert "saving it now" in fake.said[0]

    def test_nothing_is_planned_while_it_cannot_be_saved(self, fake):
        unsaved_by_a_killed_run(fake)
        fake.plays(state_push=[{"code": 1, "stderr": "cannot import state with serial 2 over newer state"}])
        with pytest.raises(TerraformError, match="cannot be saved now either") as failed:
            fake.workspace().plan()
        assert "serial 2" in failed.value.detail
        assert (fake.place / "errored.tfstate").exists()
        assert len(fake.calls("state push")) == 1
        assert fake.calls("plan") == []

    def test_it_is_found_in_the_checkout_that_the_killed_run_worked_in(self, fake):
        earlier = fake.directory / "checkouts" / "abc123-1" / "infra"
        earlier.mkdir(parents=True)
        unsaved_by_a_killed_run(fake, earlier)
        fake.workspace().plan()
        assert len(fake.calls("state push")) == 1
        assert not list(fake.directory.rglob("errored.tfstate"))

    @pytest.mark.parametrize("make", [
        lambda path: path.write_text("{}"),
        lambda path: path.symlink_to("main.tf.json"),
        lambda path: path.symlink_to("nowhere"),
    ])  # fmt: skip
    def test_one_that_was_committed_is_nobodys_and_never_pushed(self, fake, make):
        # Into the state of a new environment it could be pushed, and the plan would destroy what it lists.
        make(fake.root / "errored.tfstate")
        workspace = fake.workspace()
        workspace.apply(workspace.plan(), nothing)
        fake.workspace().plan()
        assert fake.calls("state push") == []
        assert not (fake.place / "errored.tfstate").exists()
        assert "part of the commit" in fake.said[0]

    def test_after_an_apply_it_is_saved_at_once_and_the_rest_is_done(self, fake):
        left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
        fake.plays(apply=[{**failing("Failed to save state"), **left}, play("apply_ok")])
        workspace = fake.workspace()
        result = workspace.apply(workspace.plan(), nothing)
        assert result.attempts == 2
        assert len(fake.calls("state push")) == 1

    def test_a_backend_that_does_not_take_it_is_asked_again(self, fake):
        left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
        refused = {"code": 1, "stderr": "Failed to persist state: HTTP error: 503"}
        fake.plays(
            apply=[{**failing("Failed to save state"), **left}, play("apply_ok")],
            state_push=[refused, refused, {}],
        )
        workspace = fake.workspace()
        assert workspace.apply(workspace.plan(), nothing).attempts == 2
        assert len(fake.calls("state push")) == 3
        assert not (fake.place / "running.json").exists()

    def test_an_earlier_one_that_the_backend_does_not_take_is_pushed_again(self, fake):
        unsaved_by_a_killed_run(fake)
        fake.plays(state_push=[{"code": 1, "stderr": "Failed to persist state: HTTP error: 503"}, {}])
        assert fake.workspace().plan().summary.adds == 2
        assert len(fake.calls("state push")) == 2

    def test_the_drain_step_saves_what_the_run_could_not(self, fake):
        left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
        fake.plays(apply=[{**failing("Failed to save state"), **left}], state_push=[*[{"code": 1}] * 4, {}])
        workspace = fake.workspace()
        plan = workspace.plan()
        with pytest.raises(ApplyFailedError):
            workspace.apply(plan, nothing)
        save = saver({}, interrupts=fake.interrupts, clock=fake.clock)
        (report,) = drain(fake.state, clock=fake.clock, save=save)
        assert report.unsaved == ""
        assert not list(fake.directory.rglob("errored.tfstate"))
        assert drain(fake.state, clock=fake.clock) == ()

    def test_if_it_cannot_be_saved_the_apply_has_failed(self, fake):
        left = {"files": {str(fake.root / "errored.tfstate"): "{}"}}
        fake.plays(apply=[{**failing("Failed to save state"), **left}], state_push=[{"code": 1}])
        workspace = fake.workspace()
        plan = workspace.plan()
        with pytest.raises(ApplyFailedError) as failed:
            workspace.apply(plan, nothing)
        assert "could not write the state" in failed.value.why
        assert (fake.place / "errored.tfstate").exists()
        assert not (fake.root / "errored.tfstate").exists()

    def test_another_environments_is_left_alone(self, fake):
        # Two environments of one commit share the module's directory: pushing this would mix their states.
        other = fake.state / "pr-13"
        other.mkdir(parents=True)
        claim = {"pid": 1, "start": "0", "environment": "pr-13", "operation": "apply", "binary": "x"}
        claim |= {"root": str(fake.root), "started_at": "2026-11-23T12:00:00Z"}
        (other / "running.json").write_text(json.dumps(claim))
        (fake.root / "errored.tfstate").write_text("{}")
        fake.workspace().plan()
        assert fake.calls("state push") == []
        assert (fake.root / "errored.tfstate").exists()


class TestDestroy:
    def test_a_backend_that_does_not_answer_once_is_asked_again(self, fake):
        away = {"code": 1, "stderr": "Failed to refresh state: HTTP remote state endpoint returned 503"}
        fake.plays(apply=[play("destroy_ok")], state_pull=[away, {"stdout": STATE}, away, {"stdout": EMPTY_STATE}])
        assert fake.workspace().destroy(nothing).destroyed == 2
        refused = {"code": 1, "stderr": "Error: AccessDenied: not authorized to perform: s3:GetObject"}
        fake.plays(state_pull=[refused])
        with pytest.raises(TerraformError, match="cannot be read"):
            fake.workspace().destroy(nothing)
        assert len(fake.calls("state pull")) == 5

    def test_everything_in_the_state_goes(self, fake):
        fake.plays(apply=[play("destroy_ok")])
        result = fake.workspace().destroy(nothing)
        assert result.destroyed == 2
        arguments = set(fake.calls("apply")[0]["arguments"])
        assert {"-destroy", "-auto-approve", f"-var-file={fake.place}/variables.tfvars.json"} <= arguments

    @pytest.mark.parametrize("state", ["", EMPTY_STATE, '{"version": 4}'])
    def test_an_empty_state_is_a_success_without_a_plan(self, fake, state):
        fake.plays(state_pull=[{"stdout": state}])
        result = fake.workspace().destroy(nothing)
        assert result.destroyed == 0
        assert fake.commands() == ["init", "state pull"]

    def test_a_state_that_nobody_can_read_is_not_empty(self, fake):
        fake.plays(
            state_pull=[{"stdout": "not JSON"}, {"stdout": EMPTY_STATE}],
            apply=[play("destroy_ok")],
        )
        assert fake.workspace().destroy(nothing).destroyed == 2

    def test_a_state_that_is_not_empty_afterwards_is_no_success(self, fake):
        fake.plays(state_pull=[{"stdout": STATE}], apply=[play("destroy_ok")])
        with pytest.raises(ApplyFailedError, match="state is still not empty"):
            fake.workspace().destroy(nothing)

    @pytest.mark.parametrize("command", ["init", "state_pull"])
    def test_a_damaged_state_is_told_apart_for_a_teardown_that_does_without(self, fake, command):
        said = (
            "Failed to refresh state: 2 problems:\n\n- Unsupported state file format: The state file could not\n"
            "be parsed as JSON: syntax error at byte offset 22."
        )
        if command == "init":
            diagnostic = {"severity": "error", "summary": "Error refreshing state", "detail": said}
            answer = {"stdout": json.dumps({"type": "diagnostic", "diagnostic": diagnostic}), "code": 1}
        else:
            answer = {"stderr": said, "code": 1}
        fake.plays(**{command: [answer]})
        with pytest.raises(StateDamagedError, match="damaged"):
            fake.workspace().destroy(nothing)
        assert fake.calls("apply") == []

    def test_a_state_of_a_newer_terraform_is_not_damaged(self, fake):
        said = "Unsupported state file format: The state file uses format version 9, which is not supported"
        fake.plays(state_pull=[{"stderr": said, "code": 1}])
        with pytest.raises(TerraformError, match="cannot be read") as failed:
            fake.workspace().destroy(nothing)
        assert not isinstance(failed.value, StateDamagedError)

    def test_a_state_that_cannot_be_had_is_told(self, fake):
        fake.plays(state_pull=[{"code": 1, "stderr": "AccessDenied"}])
        with pytest.raises(TerraformError, match="state cannot be read"):
            fake.workspace().destroy(nothing)

    def test_what_passes_is_tried_again(self, fake):
        blocked = failing("deleting EC2 Subnet: api error DependencyViolation: has dependencies")
        fake.plays(apply=[blocked, blocked, play("destroy_ok")])
        result = fake.workspace().destroy(nothing)
        assert result.attempts == 3
        assert len(result.retried) == 2
        assert fake.calls("plan") == []

    def test_what_does_not_pass_is_told(self, fake):
        fake.plays(apply=[failing("BucketNotEmpty: The bucket you tried to delete is not empty")])
        with pytest.raises(ApplyFailedError) as failed:
            fake.workspace().destroy(nothing)
        assert "force_destroy" in failed.value.fix


LOCKED = play("plan_locked", code=1)
LOCK_ID = "b7f82b0b-38f0-1b6b-f3d9-d30e729ed111"


class TestDeadLocks:
    def bound(self, fake, judge):
        return fake.runner().workspace(
            environment="pr-12",
            root=fake.root,
            commit="abc123",
            backend={"key": "pr-12"},
            variables={},
            tags={},
            ended=judge,
        )

    def test_the_lock_of_a_run_that_is_over_is_taken_away_and_that_is_told(self, fake):
        fake.plays(plan=[LOCKED, play("plan_ok", code=2)])
        asked = []

        def over(lock):
            asked.append(lock)
            return True

        workspace = self.bound(fake, over)
        assert workspace.plan().summary.adds == 2
        assert [lock.who for lock in asked] == ["runner@host"]
        assert fake.calls("force-unlock")[0]["arguments"] == ["force-unlock", "-force", LOCK_ID]
        assert workspace.repairs == ("The state's lock of 2026-11-23 12:09:16 was a finished run's: taken away.",)
        assert ["-lock-timeout=0s" in call["arguments"] for call in fake.calls("plan")] == [True, False]

    def test_the_lock_of_anybody_else_is_waited_for_and_left(self, fake):
        fake.plays(plan=[LOCKED])
        workspace = self.bound(fake, lambda _lock: False)
        with pytest.raises(StateLockedError):
            workspace.plan()
        assert fake.calls("force-unlock") == []
        assert "-lock-timeout=120s" in fake.calls("plan")[-1]["arguments"]
        assert workspace.repairs == ()

    def test_a_lock_that_moved_on_is_not_said_to_be_taken_away(self, fake):
        fake.plays(plan=[LOCKED, play("plan_ok", code=2)], **{"force-unlock": [{"code": 1}]})
        workspace = self.bound(fake, lambda _lock: True)
        assert workspace.plan().summary.adds == 2
        assert workspace.repairs == ()

    def test_an_identifier_that_is_none_is_given_to_nobody(self, fake):
        evil = str(LOCKED["stdout"]).replace(LOCK_ID, "-force;rm")
        fake.plays(plan=[{"stdout": evil, "code": 1}])
        with pytest.raises(StateLockedError):
            self.bound(fake, lambda _lock: True).plan()
        assert fake.calls("force-unlock") == []

    def test_an_unsaved_state_is_saved_past_a_dead_lock(self, fake):
        unsaved_by_a_killed_run(fake)
        detail = json.loads(str(LOCKED["stdout"]).splitlines()[-1])["diagnostic"]["detail"]
        fake.plays(state_push=[{"code": 1, "stderr": detail}, {}])
        workspace = self.bound(fake, lambda _lock: True)
        workspace.plan()
        assert len(fake.calls("state push")) == 2
        assert "could not save was saved" in workspace.repairs[-1]

    def test_a_plan_with_a_state_that_nobody_knows_of_takes_no_lock(self, fake):
        fake.runner().workspace(**bound_to(fake), fresh=True).plan()
        assert "-lock=false" in fake.calls("plan")[0]["arguments"]
        fake.runner().workspace(**bound_to(fake)).plan()
        assert "-lock=false" not in fake.calls("plan")[1]["arguments"]

    def test_a_lock_that_this_run_could_not_release_is_taken_away_and_the_work_done(self, fake):
        fake.plays(plan=[NOT_RELEASED, LOCKED, play("plan_ok", code=2)])
        workspace = self.of_this_run(fake)
        assert workspace.plan().summary.adds == 2
        assert fake.calls("force-unlock")[0]["arguments"] == ["force-unlock", "-force", LOCK_ID]
        assert "could not be released by this run" in workspace.repairs[-1]

    def test_a_lock_of_another_machine_stays_though_one_of_ours_was_not_released(self, fake):
        fake.plays(plan=[NOT_RELEASED, LOCKED])
        with pytest.raises(StateLockedError):
            self.of_this_run(fake, machine=machine_of("another")).plan()
        assert fake.calls("force-unlock") == []

    def test_a_lock_of_before_this_run_stays_though_one_of_ours_was_not_released(self, fake):
        fake.plays(plan=[NOT_RELEASED, LOCKED])
        workspace = self.of_this_run(fake, began=LOCKED_AT + timedelta(seconds=5))
        with pytest.raises(StateLockedError):
            workspace.plan()
        assert fake.calls("force-unlock") == []

    def test_an_apply_whose_lock_stayed_is_done_again_past_it(self, fake):
        fake.plays(
            plan=[play("plan_ok", code=2), LOCKED, play("plan_ok", code=2)],
            apply=[NOT_RELEASED, play("apply_ok")],
        )
        workspace = self.of_this_run(fake)
        asked = []
        workspace.apply(workspace.plan(), nothing, lambda: asked.append("head"))
        assert len(fake.calls("force-unlock")) == 1
        assert asked == ["head"]

    def test_a_destroy_whose_lock_stayed_is_done_again_past_it(self, fake):
        fake.plays(apply=[NOT_RELEASED, LOCKED, play("destroy_ok")])
        self.of_this_run(fake).destroy(nothing)
        assert len(fake.calls("force-unlock")) == 1

    @staticmethod
    def of_this_run(fake, machine="", began=LOCKED_AT):
        fake.clock.now = lambda: began
        runner = fake.runner()
        runner._machine = machine or machine_of("host")
        return runner.workspace(**bound_to(fake))

    def test_an_empty_state_may_be_locked_all_the_same(self, fake):
        fake.plays(state_pull=[{"stdout": EMPTY_STATE}], apply=[LOCKED, play("destroy_ok")])
        workspace = self.bound(fake, lambda _lock: True)
        workspace.destroy(nothing)
        assert len(fake.calls("force-unlock")) == 1


QUEUE = Item(kind="sqs queue", id="arn:aws:sqs:eu-central-1:123456789012:pr-12-jobs")
TOPIC = Item(kind="sns topic", id="arn:aws:sns:eu-central-1:123456789012:pr-12-news")


class TestAdoption:
    def planned(self, fake):
        plan = json.loads(document("plan_small"))
        plan["resource_changes"] = [
            {
                "address": 'module.m.aws_sqs_queue.q["a b"]',
                "mode": "managed",
                "type": "aws_sqs_queue",
                "change": {"actions": ["create"], "after": {"name": "pr-12-jobs"}},
            }
        ]
        fake.plays(show=[{"stdout": json.dumps(plan)}])
        workspace = fake.workspace()
        return workspace, workspace.plan()

    def test_what_the_plan_names_is_imported_and_the_rest_is_not(self, fake):
        workspace, plan = self.planned(fake)
        assert workspace.adopt(plan, (QUEUE, TOPIC)) == (QUEUE,)
        (call,) = fake.calls("import")
        assert call["arguments"][-2:] == [
            'module.m.aws_sqs_queue.q["a b"]',
            "https://sqs.eu-central-1.amazonaws.com/123456789012/pr-12-jobs",
        ]
        assert "pr-12-jobs was in no state" in workspace.repairs[0]

    def test_an_import_that_fails_is_no_adoption(self, fake):
        workspace = fake.workspace()
        fake.plays(**{"import": [{"code": 1, "stderr": "Cannot import non-existent remote object"}]})
        plan = msgspec.structs.replace(
            workspace.plan(), creations=(Creation(address="a.b", type="aws_sqs_queue", name="pr-12-jobs"),)
        )
        assert workspace.adopt(plan, (QUEUE,)) == ()
        assert workspace.repairs == ()
        assert "non-existent" in fake.said[-1]

    def test_the_state_tells_what_it_knows(self, fake):
        known = {"mode": "managed", "type": "aws_sqs_queue", "instances": [{"attributes": {"arn": QUEUE.id}}]}
        fake.plays(state_pull=[{"stdout": json.dumps({"version": 4, "resources": [known]})}])
        assert fake.workspace().unknown((QUEUE, TOPIC)) == (TOPIC,)

    def test_of_a_state_that_nobody_can_read_nothing_is_said_to_be_unknown(self, fake):
        fake.plays(state_pull=[{"stdout": "not JSON"}])
        assert fake.workspace().unknown((QUEUE,)) == ()


class TestFrontDoor:
    def test_at_the_end_no_plan_is_left_on_the_machine(self, fake):
        runner = fake.runner()
        plan = runner.workspace(
            environment="pr-12",
            root=fake.root,
            commit="abc123",
            backend={"key": "pr-12"},
            variables={},
            tags={},
        ).plan()
        assert Path(plan.path).exists()
        runner.close()
        assert not Path(plan.path).exists()

    def test_variables_are_known_without_terraform(self, fake):
        assert fake.runner().declared_variables(fake.root) == {"pr_number", "secret"}
        assert fake.commands() == []

    def test_a_note_on_the_module_is_said_once(self, fake):
        (fake.root / "odd.tf.json").write_text("{")
        runner = fake.runner()
        runner.declared_variables(fake.root)
        runner.declared_variables(fake.root)
        assert len(fake.said) == 1

    @pytest.mark.parametrize("name", ["", "../pr-1", "a/b", "-x", "pr 1"])
    def test_a_name_that_leads_elsewhere_is_refused(self, fake, name):
        with pytest.raises(UsageError, match="name of an environment"):
            fake.workspace(name)

    def test_the_version_is_asked_once(self, fake):
        runner = fake.runner()
        assert runner.engine is runner.engine
