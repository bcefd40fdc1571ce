import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.terraform.messages import MESSAGE_LIMIT, read_diagnostic, read_message, type_of

FRAMED = """\
aws_iam_role.app: Creation complete after 1s [id=app]
╷
│ Warning: Argument is deprecated
│
│   with aws_s3_bucket.b,
│   on main.tf line 1, in resource "aws_s3_bucket" "b":
╵
╷
│ Error: deleting CloudFront Distribution (E1): operation error
│ CloudFront: DeleteDistribution, not disabled
│
│   with module.cdn["a.b"].aws_cloudfront_distribution.cdn[0],
│   on cdn/main.tf line 3, in resource "aws_cloudfront_distribution" "cdn":
│    3: resource "aws_cloudfront_distribution" "cdn" { # skip_final_snapshot
│
╵
╷
│ Error: creating SQS Queue (q): Throttling
│
│   on main.tf line 12, in resource "aws_sqs_queue" "q":
╵
Error: Terraform exited with code 1.
"""


def test_each_error_is_taken_out_of_frames_and_warnings():
    message = read_message(FRAMED)
    first, second = message.said
    assert first.text == (
        "deleting CloudFront Distribution (E1): operation error CloudFront: DeleteDistribution, not disabled"
    )
    assert (first.resource_type, first.operation) == ("aws_cloudfront_distribution", "destroy")
    assert (second.text, second.resource_type) == ("creating SQS Queue (q): Throttling", "aws_sqs_queue")
    assert message.created_types == {"aws_iam_role"}


@pytest.mark.parametrize(
    "address",
    [
        "google_service_account.run",
        "module.three_tier_app.google_service_account.run",
        'module.apps["a.b"].module.run_app[0].google_service_account.run["x"]',
    ],
)
def test_what_was_created_is_its_type_and_not_its_module(address: str):
    message = read_message(f"{address}: Creation complete after 1s [id=a]\nError: creating: does not exist")
    assert message.created_types == {"google_service_account"}


def test_a_backend_says_its_cause_under_a_head_of_its_own():
    said = read_message(
        "Error: Cannot assume IAM Role\n\nThe role ARN is not valid\n\nError: operation error STS: AssumeRole, "
        "https response error StatusCode: 403, api error AccessDenied"
    ).said
    assert len(said) == 1


@pytest.mark.parametrize(
    "mark", ["\x1b[31m│\x1b[0m ", "[31m│[0m[0m ", "  │ ", "2026-01-02T03:04:05.678Z ", "# │ "]
)
def test_colours_time_stamps_and_indents_do_not_matter(mark):
    lines = ["Error: \x1b[0m\x1b[1mcreating EC2 VPC: VpcLimitExceeded", "", "  with aws_vpc.main,"]
    (said,) = read_message("\n".join(mark + line for line in lines)).said
    assert (said.text, said.resource_type, said.operation) == (
        "creating EC2 VPC: VpcLimitExceeded",
        "aws_vpc",
        "apply",
    )


def test_lines_of_a_json_stream_are_diagnostics():
    stream = [
        {"@level": "info", "type": "version", "ui": "1.2"},
        {"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "old"}},
        {
            "type": "diagnostic",
            "diagnostic": {
                "severity": "error",
                "summary": "deleting it",
                "detail": "no",
                "address": "module.a.aws_lb.b",
            },
        },
    ]
    (said,) = read_message("\n".join(json.dumps(line) for line in stream)).said
    assert (said.text, said.resource_type, said.operation) == ("deleting it no", "aws_lb", "destroy")


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("operation error EC2: DescribeVpcs, throttled", "plan"),
        ("creating role: operation error IAM: DeleteRole, no", "destroy"),
        ("error creating subnet: no", "apply"),
        ("Failed to query available provider packages", "init"),
        ("reading SSM Parameter: no", "plan"),
        ("something else", ""),
    ],
)
def test_the_operation_is_told_from_the_words(text, operation):
    assert read_diagnostic(text).operation == operation


def test_old_messages_name_their_resource_after_a_star():
    said = read_message("1 error(s) occurred:\n\n* module.a.aws_subnet.b: Error deleting subnet: no").said
    assert [(one.resource_type, one.operation) for one in said] == [("aws_subnet", "destroy")]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("aws_vpc.main", "aws_vpc"),
        ('module.a["x.y"].module.b.aws_vpc.main[0]', "aws_vpc"),
        ('module.a["x].y \\"z\\"]"].aws_vpc.main["]"]', "aws_vpc"),
        ("data.aws_ami.x", "aws_ami"),
        ("", ""),
        ("module.a", "module"),
    ],
)
def test_the_type_in_an_address(address, expected):
    assert type_of(address) == expected


def test_what_only_follows_from_another_error_is_left_out():
    said = read_message(
        "Error: creating it: no\nError: execution halted\nError: Process completed with exit code 1."
    ).said
    assert [one.text for one in said] == ["creating it: no"]
    assert read_message("Error: execution halted").said[0].text == "execution halted"


@given(st.text(alphabet="│╷╵ \n\x1b[0m3:Error,withs*.{}\"'-_", max_size=400))
def test_any_text_is_read(text):
    message = read_message(text)
    assert message.said
    assert all("\n" not in one.text for one in message.said)


def test_of_an_endless_message_only_the_ends_are_read():
    (said,) = read_message("x " * MESSAGE_LIMIT).said
    assert len(said.text) <= MESSAGE_LIMIT
    log = "Error: first\n\n" + "  + resource\n" * MESSAGE_LIMIT + "\nError: last, on\nits second line\n"
    first, last = read_message(log).said
    assert first.text.startswith("first")
    assert last.text == "last, on its second line"


def test_what_runs_the_engine_says_only_that_it_failed():
    log = "Error: creating SQS Queue (q): Throttling\n\n"
    for last in (
        "ERROR: Job failed: exit code 1",
        "Error: The process '/usr/bin/terraform' failed with exit code 1",
    ):
        (said,) = read_message(f"{log}{last}\n").said
        assert said.text == "creating SQS Queue (q): Throttling"


def test_the_cause_below_a_pointer_to_the_documentation_belongs_to_its_error():
    text = (
        "Error: No valid credential sources found\n\n"
        "Please see https://registry.terraform.io/providers/hashicorp/aws\n"
        "for more information about providing credentials.\n\n"
        "Error: failed to refresh cached credentials, connection reset by peer\n"
    )
    (said,) = read_message(text).said
    assert "connection reset" in said.text
