import json
import os
import time

import pytest

from eod.errors import PlanFailedError, TerraformError, TerraformUsageError
from tests.terraform.fake import MODULE, play

pytestmark = pytest.mark.process

PROVIDER = "registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64/terraform-provider-aws"


class Initialised:
    """A workspace that was initialised once, with a provider behind a link and two modules."""

    def __init__(self, fake, tmp_path) -> None:
        self.fake = fake
        (fake.root / "modules" / "queue").mkdir(parents=True)
        self.module = fake.root / "modules" / "queue" / "main.tf"
        self.module.write_text('variable "name" {}\n')
        self.source = fake.root / "queue.tf"
        self.source.write_text('module "queue" {\n  source = "./modules/queue" # ours\n}\n')
        (fake.root / ".terraform.lock.hcl").write_text("# locked\n")
        self.mirror = tmp_path / "mirror"
        self.provider = self.mirror / "terraform-provider-aws"
        self.mirror.mkdir()
        self.provider.write_text("a program")
        data = fake.place / "data"
        link = data / "providers" / PROVIDER.rpartition("/")[0]
        link.parent.mkdir(parents=True)
        link.symlink_to(self.mirror)
        self.downloaded = data / "modules" / "bucket" / "main.tf"
        self.downloaded.parent.mkdir(parents=True)
        self.downloaded.write_text('variable "name" {}\n')
        modules = [{"Key": "", "Dir": "."}, {"Key": "queue", "Dir": "modules/queue"}]
        self.manifest = data / "modules" / "modules.json"
        self.manifest.write_text(json.dumps({"Modules": modules}))
        time.sleep(0.05)  # What was written in the tick in which init began counts as written meanwhile.
        self.workspace = fake.workspace()
        self.workspace.plan()

    def inits(self):
        """How often another plan runs init."""
        before = len(self.fake.calls("init"))
        self.workspace.plan()
        return len(self.fake.calls("init")) - before


@pytest.fixture
def ready(fake, tmp_path):
    return Initialised(fake, tmp_path)


def test_where_nothing_changed_init_is_not_run_again(ready):
    assert ready.inits() == 0
    assert ready.inits() == 0
    assert ready.fake.commands().count("plan") == 3


def test_apply_and_destroy_profit_too(ready):
    ready.workspace.apply(ready.workspace.plan(), lambda _progress: None)
    ready.workspace.destroy(lambda _progress: None)
    assert len(ready.fake.calls("init")) == 1


def _exchange_provider(r):
    r.provider.write_text("b program")
    os.utime(r.provider, ns=(1, 1))


def _touch_provider(ready):
    ready.provider.write_text("another program")


CHANGES = {
    "a module's source": lambda r: r.source.write_text('module "queue" {\n  source = "./modules/other"\n}\n'),
    "a file of a local module": lambda r: r.module.write_text('variable "title" {}\n'),
    "a new file": lambda r: (r.fake.root / "more.tf").write_text(""),
    "a new test": lambda r: ((r.fake.root / "tests").mkdir(), (r.fake.root / "tests/a.tftest.hcl").write_text("")),
    "a file less": lambda r: r.source.unlink(),
    "the lock file": lambda r: (r.fake.root / ".terraform.lock.hcl").write_text("# other\n"),
    "the manifest": lambda r: r.manifest.write_text('{"Modules": []}'),
    "a downloaded module": lambda r: r.downloaded.write_text("# other\n"),
    "no provider binary": lambda r: r.provider.unlink(),
    "another provider binary": _touch_provider,
    "a provider binary of the same size and time": _exchange_provider,
    "no link to a provider": lambda r: (r.fake.place / "data/providers" / PROVIDER).parent.unlink(),
    "no record of the backend": lambda r: (r.fake.place / "data/terraform.tfstate").unlink(),
    "a local module less": lambda r: (r.module.unlink(), r.module.parent.rmdir()),
    "the environment": lambda r: r.workspace._session.environ.update(TF_CLI_ARGS_init="-upgrade"),
    "the engine": lambda r: r.fake.binary.write_text(r.fake.binary.read_text() + "\n"),
    "a link to nowhere": lambda r: (r.fake.root / "gone.tf").symlink_to("nowhere"),
    "a damaged manifest": lambda r: r.manifest.write_text("{"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_init_reads_or_left_forces_it_where_it_changed(ready, change):
    change(ready)
    assert ready.inits() == 1


def test_another_backend_forces_it(fake):
    fake.workspace().plan()
    fake.workspace(environment="pr-12").plan()
    assert len(fake.calls("init")) == 1
    other = fake.runner().workspace(
        environment="pr-12",
        root=fake.root,
        commit="abc123",
        backend={"key": "eod/pr-12.tfstate", "bucket": "others"},
        variables={},
        tags={},
    )
    other.plan()
    assert len(fake.calls("init")) == 2


def test_the_cli_configuration_forces_it(ready, tmp_path):
    file = tmp_path / "cli.tfrc"
    file.write_text("disable_checkpoint = true\n")
    ready.workspace._session.environ["TF_CLI_CONFIG_FILE"] = str(file)
    assert ready.inits() == 1
    assert ready.inits() == 0
    file.write_text("")
    assert ready.inits() == 1


@pytest.mark.parametrize(
    "source",
    ["= var.where", '= "./modules/${var.which}"', "= local.source", "/* x */ = var.where", "=\n var.where"],
)
def test_a_source_that_is_computed_is_never_taken_for_granted(ready, source):
    ready.source.write_text(f'module "queue" {{\n  source {source}\n}}\n')
    time.sleep(0.05)
    assert [ready.inits(), ready.inits()] == [1, 1]


def test_what_changed_while_init_ran_is_not_taken_for_granted(ready):
    ready.fake.plays(init=[play("init_ok", files={str(ready.source): "# other\n"})])
    ready.source.write_text("# one\n")
    assert [ready.inits(), ready.inits()] == [1, 1]


def test_after_an_init_that_failed_it_is_run_again(ready):
    ready.source.write_text("# changed\n")
    ready.fake.plays(init=[play("init_no_credentials", code=1)])
    for _ in range(2):
        with pytest.raises(TerraformError):
            ready.workspace.plan()
    assert len(ready.fake.calls("init")) == 3


def test_after_a_plan_that_failed_it_is_run_again(ready):
    ready.fake.plays(plan=[play("plan_missing_variable", code=1)])
    with pytest.raises(PlanFailedError):
        ready.workspace.plan()
    assert len(ready.fake.calls("init")) == 1
    ready.fake.plays()
    assert ready.inits() == 1


def test_a_check_always_asks(ready):
    ready.workspace.check()
    assert len(ready.fake.calls("init")) == 2


@pytest.mark.parametrize(
    "recorded",
    [
        {"config": {"key": "eod/main.tfstate", "bucket": "states"}},
        {"type": "local", "config": {"path": "shared.tfstate"}},
        {"type": "local", "config": {"path": None}},
    ],
)
def test_a_module_that_fixes_its_state_elsewhere_is_refused_before_it_is_planned(fake, recorded):
    fake.plays(init=[play("init_ok", backend=recorded)])
    workspace = fake.workspace()
    for number in (1, 2):
        with pytest.raises(TerraformUsageError, match="would not keep its state where pr-12's belongs") as refused:
            workspace.plan()
        assert refused.value.exit_code == 2
        assert len(fake.calls("init")) == number
    with pytest.raises(TerraformUsageError):
        workspace.destroy(lambda _progress: None)
    assert fake.calls("plan") == fake.calls("apply") == fake.calls("state push") == []


def test_a_module_whose_backend_only_terraform_sees_is_refused(fake):
    # Our reader takes the first file's block; what was recorded is no s3.
    assert MODULE["terraform"] == {"backend": {"s3": {}}}
    fake.plays(init=[play("init_ok", backend={"type": "gcs", "config": {"prefix": "eod/main"}})])
    with pytest.raises(TerraformUsageError, match="`prefix = eod/main` of a backend `gcs`"):
        fake.workspace().plan()
