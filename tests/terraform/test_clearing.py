"""What is in the way and ours is cleared away before another try; nothing is repeated for what is not."""

import json

import pytest

from eod.errors import ApplyFailedError
from eod.model.fault import Clearing
from eod.terraform.faults import catalogue
from tests.terraform.fake import nothing, play

pytestmark = [pytest.mark.process]

NOT_EMPTY = "deleting S3 Bucket (pr-12): BucketNotEmpty: The bucket you tried to delete is not empty"
DENIED = "deleting IAM Role (pr-12): AccessDenied: not authorized to perform iam:DeleteRole"
HELD = "deleting EC2 Subnet: api error DependencyViolation: has dependencies"


def failing(*texts, address=""):
    """An apply or destroy that ends in these errors."""
    said = ({"severity": "error", "summary": text, "detail": "", "address": address} for text in texts)
    lines = [json.dumps({"type": "diagnostic", "diagnostic": one}) for one in said]
    return {"stdout": "\n".join(lines), "code": 1}


class Clearer:
    """Answers each call with the next sentence, then with none; keeps what it was asked for."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, what, *, unknown):
        self.asked.append((set(what), unknown(())))
        return (self.answers.pop(0),) if self.answers else ()


def workspace(fake, clearer, **changed):
    return fake.bare_workspace(fake.runner(**changed), clear=clearer)


def test_a_destroy_goes_on_when_what_was_in_its_way_is_cleared_away_and_that_is_told(fake):
    fake.plays(apply=[failing(NOT_EMPTY), play("destroy_ok")])
    clearer = Clearer("s3 bucket pr-12 still held objects: 3 deleted.")
    bound = workspace(fake, clearer)
    result = bound.destroy(nothing)
    assert clearer.asked == [({Clearing.CONTENTS}, ())]
    assert result.attempts == 2
    assert result.retries[0].startswith("Retried 1")
    assert bound.repairs == ("s3 bucket pr-12 still held objects: 3 deleted.",)
    assert bound.repairs[0] in fake.said


def test_where_nothing_could_be_cleared_away_nothing_is_tried_again(fake):
    fake.plays(apply=[failing(NOT_EMPTY)])
    with pytest.raises(ApplyFailedError) as failed:
        workspace(fake, Clearer()).destroy(nothing)
    assert "force_destroy" in failed.value.fix
    assert len(fake.calls("apply")) == 1


def test_what_fills_again_and_again_ends_the_run(fake):
    fake.plays(apply=[failing(NOT_EMPTY)])
    with pytest.raises(ApplyFailedError, match="failed") as failed:
        workspace(fake, Clearer(*"abcdefgh")).destroy(nothing)
    assert len(fake.calls("apply")) == 3
    assert "tried 3 times" in failed.value.why


def test_nothing_is_touched_where_the_run_ends_all_the_same(fake):
    fake.plays(apply=[failing(NOT_EMPTY, DENIED)])
    clearer = Clearer("a")
    with pytest.raises(ApplyFailedError):
        workspace(fake, clearer).destroy(nothing)
    assert clearer.asked == []
    assert len(fake.calls("apply")) == 1


def test_what_passes_by_itself_keeps_its_own_patience(fake):
    fake.plays(apply=[failing(HELD), failing(HELD), failing(HELD), failing(HELD), play("destroy_ok")])
    clearer = Clearer("network interface eni-1 was used by nothing any more: deleted.")
    assert workspace(fake, clearer).destroy(nothing).attempts == 5
    assert [what for what, _ in clearer.asked] == [{Clearing.STRAYS}] * 4


def test_an_apply_plans_again_after_something_was_cleared_away(fake):
    fake.plays(
        apply=[
            failing(
                "creating Secrets Manager Secret: already scheduled for deletion",
                address="aws_secretsmanager_secret.a",
            ),
            play("apply_ok"),
        ]
    )
    clearer = Clearer("secret pr-12/db was deleted and kept its name: deleted for good.")
    bound = workspace(fake, clearer)
    assert bound.apply(bound.plan(), nothing).attempts == 2
    assert clearer.asked == [({Clearing.DELETED}, ())]
    assert len(fake.calls("plan")) == 2


def test_every_class_of_rule_that_we_clear_for_says_what_to_do_where_we_cannot():
    ours = [rule for rule in catalogue() if rule.clears is not None]
    assert {rule.clears for rule in ours} == set(Clearing)
    assert all(rule.fix for rule in ours)
