import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.model.arn import parse


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("arn:aws:s3:::pr-7-assets", "s3 bucket", "pr-7-assets"),
        ("arn:aws:rds:eu-west-1:1:cluster:pr-7", "rds cluster", "pr-7"),
        ("arn:aws:rds:eu-west-1:1:db:pr-7-0", "rds instance", "pr-7-0"),
        ("arn:aws:cloudfront::1:distribution/E1", "cloudfront distribution", "E1"),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:pr-7/db-AbC", "secret", "pr-7/db-AbC"),
        ("arn:aws-cn:sqs:cn-north-1:1:q", "sqs queue", "q"),
        ("arn:aws:logs:eu-west-1:1:log-group:/app/pr-7:*", "log group", "/app/pr-7:*"),
        ("arn:aws:batch:eu-west-1:1:job-queue/x", "batch job-queue", "x"),
        ("no arn at all", "unknown", "no arn at all"),
    ],
)
def test_known_forms(text, kind, name):
    arn = parse(text)
    assert (arn.kind, arn.name) == (kind, name)


@given(st.text())
def test_any_text_has_a_kind_and_keeps_itself(text):
    arn = parse(text)
    assert arn.kind
    assert arn.text == text
