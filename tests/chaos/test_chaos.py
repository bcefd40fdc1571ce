"""Whatever is killed, nothing is lost: real Terraform and AWS provider, faults before moto, kills by a seed.

`EOD_CHAOS_ROUNDS` says how many rounds, 5 where it says nothing, `EOD_CHAOS_SEED` which ones,
and `EOD_CHAOS_AT_ONCE` how many at a time. Each round's seed is printed; given as `EOD_CHAOS_SEED` it comes first.
"""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from standins.moto.faults import FaultLayer
from standins.moto.provider_mirror import cli_configuration, find_mirror
from standins.moto.server import moto_server
from tests.chaos.rounds import Ground, calibrate, next_number, play

pytestmark = [pytest.mark.live]

SHORT = 5
ROUNDS = int(os.environ.get("EOD_CHAOS_ROUNDS") or SHORT)
SEED = int(os.environ.get("EOD_CHAOS_SEED") or time.time())
AT_ONCE = int(os.environ.get("EOD_CHAOS_AT_ONCE") or 2)


@pytest.fixture(scope="module")
def grounds(tmp_path_factory):
    """One for each round that is played side by side: the fault layers' dice are their own."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    made = []
    configuration = tmp_path_factory.mktemp("cli") / "terraform.rc"
    configuration.write_text(cli_configuration(find_mirror()) or "")
    with moto_server() as aws:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "EOD_"))
        }
        environment = {**inherited, **aws.environment(), "TF_CLI_CONFIG_FILE": str(configuration)}
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
                    queues=ROUNDS > SHORT,
                )
            )
        calibrate(made[0], next_number())
        for ground in made[1:]:
            ground.before, ground.usual_seconds = made[0].before, made[0].usual_seconds
        yield made
        for ground in made:
            ground.faults.close()


def test_whatever_is_killed_nothing_is_left_and_nothing_is_stuck(grounds, capfd):
    def rounds(lane: int) -> list[list[str]]:
        problems = []
        for number in range(lane, ROUNDS, AT_ONCE):
            failed = play(grounds[lane], next_number(), SEED + number)
            with capfd.disabled():
                print(
                    f"\nround {number + 1} of {ROUNDS}, seed {SEED + number}: {failed[1] if failed else 'ok'}",
                    end="",
                )
            problems += [failed] if failed else []
            if not failed:
                _tidy(grounds[lane].directory)
        return problems

    with capfd.disabled():
        print(
            f"\nchaos: {ROUNDS} rounds, EOD_CHAOS_SEED={SEED}, {grounds[0].usual_seconds:.0f} s undisturbed",
            end="",
        )
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        failures = [failed for lane in pool.map(rounds, range(AT_ONCE)) for failed in lane]
    with capfd.disabled():
        print(f"\nfaults: {dict(sum((ground.faults.told for ground in grounds[1:]), grounds[0].faults.told))}")
    assert not failures, "\n\n".join("\n".join(failed) for failed in failures)


def _tidy(directory: Path) -> None:
    for job in directory.glob("job-*"):
        shutil.rmtree(job, ignore_errors=True)
