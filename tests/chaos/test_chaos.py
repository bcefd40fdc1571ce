"""Whatever is killed, nothing is lost: real Terraform and AWS provider, faults before moto, kills by a seed.

`EOD_CHAOS_ROUNDS` says how many rounds, 5 where it says nothing, `EOD_CHAOS_SEED` which ones,
and `EOD_CHAOS_AT_ONCE` how many at a time. Each round's seed is printed; given as `EOD_CHAOS_SEED` it comes first.
"""

import os
import shutil
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from standins.moto.faults import FaultLayer
from standins.moto.locks import make_lock_table
from standins.moto.provider_mirror import cli_configuration, find_mirror, find_provider
from standins.moto.server import moto_server
from tests.chaos.rounds import Ground, calibrate, next_number, play

pytestmark = [pytest.mark.live]

SHORT = 5
ROUNDS = int(os.environ.get("EOD_CHAOS_ROUNDS") or SHORT)
SEED = int(os.environ.get("EOD_CHAOS_SEED") or time.time())
AT_ONCE = int(os.environ.get("EOD_CHAOS_AT_ONCE") or 2)
UNHURRIED_COLLECTOR = {"GOGC": "off", "GOMEMLIMIT": "1200MiB"}
"""A third of what one command costs is garbage collection while the provider's schema is read."""


@pytest.fixture(scope="module")
def grounds(tmp_path_factory):
    """One for each round that is played side by side: the fault layers' dice are their own."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    made = []
    configuration = tmp_path_factory.mktemp("cli") / "terraform.rc"
    mirror = find_mirror()
    configuration.write_text(cli_configuration(mirror, override=find_provider(mirror)) or "")
    with moto_server() as aws:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "EOD_"))
        }
        environment = {
            **inherited,
            **aws.environment(),
            **UNHURRIED_COLLECTOR,
            "TF_CLI_CONFIG_FILE": str(configuration),
        }
        make_lock_table(aws.client("dynamodb"))
        for number in range(AT_ONCE):
            faults = FaultLayer(aws.endpoint, SEED + number)
            directory = tmp_path_factory.mktemp(f"ground-{number}")
            bucket = f"states-{number}"
            location = {"LocationConstraint": aws.region}
            aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
            made.append(
                Ground(
                    aws=aws,
                    faults=faults,
                    directory=directory,
                    environment=environment,
                    bucket=bucket,
                )
            )
        calibrate(made[0])
        for ground in made[1:]:
            ground.before, ground.usual_seconds = made[0].before, made[0].usual_seconds
        yield made
        for ground in made:
            ground.faults.close()


def test_whatever_is_killed_nothing_is_left_and_nothing_is_stuck(grounds, capfd):
    failures: list[list[str]] = []
    numbers = iter(range(ROUNDS))
    taking = threading.Lock()

    def tell(line: str) -> None:
        with capfd.disabled():
            print(f"\n{line}", end="", flush=True)

    def rounds(ground: Ground) -> None:
        while True:
            with taking:
                number = next(numbers, None)
            if number is None:
                return
            pull_request = next_number()
            failed = play(ground, pull_request, SEED + number)
            failures.extend([failed] if failed else [])
            _tidy(ground.directory, pull_request, told="\n".join(failed))
            tell(f"round {number + 1} of {ROUNDS}, seed {SEED + number}: {failed[1] if failed else 'ok'}")

    started = time.monotonic()
    usual, with_queues = grounds[0].usual_seconds
    undisturbed = f"{usual:.0f} s undisturbed, {with_queues:.0f} s with queues"
    tell(f"chaos: {ROUNDS} rounds, EOD_CHAOS_SEED={SEED}, {undisturbed}")
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(rounds, grounds))
    told: Counter[str] = sum((ground.faults.told for ground in grounds), Counter())
    tell(f"{ROUNDS} rounds in {(time.monotonic() - started) / 60:.1f} minutes, {len(failures)} failed")
    tell(f"{told.total()} faults: {', '.join(f'{number} {kind}' for kind, number in told.most_common())}")
    assert not failures, "\n\n".join("\n".join(failed) for failed in failures)


def _tidy(directory: Path, number: int, *, told: str) -> None:
    """What failed is kept as it was found, for whoever looks at it later."""
    if told:
        (directory / f"failed-{number}").write_text(told)
        return
    for job in directory.glob(f"job-{number}-*"):
        shutil.rmtree(job, ignore_errors=True)
