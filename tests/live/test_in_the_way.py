"""Real Terraform and the real AWS provider: what is in a teardown's way and its own is cleared away."""

import pytest

from tests.live.runs import player

pytestmark = [pytest.mark.live]
MODULE = """\
resource "aws_s3_bucket" "filled" {
  bucket = "${var.environment}-filled"
}

resource "aws_s3_bucket_versioning" "filled" {
  bucket = aws_s3_bucket.filled.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""


@pytest.fixture
def run(account, tmp_path):
    return player(account, tmp_path, MODULE, number=71, bucket="states-of-the-way")


def test_a_bucket_that_the_application_filled_is_emptied_with_its_versions_and_goes(run, account):
    aws, _, _ = account
    run("up")
    s3 = aws.client("s3")
    for body in (b"one", b"two"):
        s3.put_object(Bucket="pr-71-filled", Key="upload", Body=body)
    log = run("down")
    assert "s3 bucket pr-71-filled still held objects: 2 deleted." in log
    assert "phase destroyed" in log
    assert "pr-71-filled" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
