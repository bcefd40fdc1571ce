"""What decides how infrastructure is built, though it is no file of Terraform."""

import pytest

from tests.tiers.builders import evidence_of

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "%s"}]}\n'
READER = {"live/main.tf": 'resource "aws_x" "a" {\n  b = templatefile("${path.module}/files/boot.sh", {})\n}\n'}


def said(path, old, new, **options):
    found = evidence_of(path, old, new, **options)
    return str(found.tier), found.rule


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("lib/stack.ts", "import * as sqs from 'aws-cdk-lib/aws-sqs';\n"),
        ("lib/stack.ts", "import { Construct } from 'constructs';\n"),
        ("index.ts", 'import * as aws from "@pulumi/aws";\n'),
        ("app/stack.py", "from aws_cdk import Stack\n"),
        ("__main__.py", "import pulumi_aws as aws\nimport pulumi\n"),
        ("main.go", 'import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"\n'),
        ("src/Stack.java", "import software.amazon.awscdk.Stack;\n"),
        ("src/Stack.cs", "using Amazon.CDK;\n"),
    ],
)
def test_a_program_that_builds_infrastructure_is_full(path, head):
    assert said(path, f"{head}a(1)\n", f"{head}a(2)\n") == ("full", "infrastructure-code")


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("src/a.ts", "import { constructs } from './words';\n"),
        ("src/a.py", "# import pulumi some day\nimport construct\n"),
        ("lib/stack.test.ts", "import { Template } from 'aws-cdk-lib/assertions';\n"),
    ],
)
def test_other_programs_are_not(path, head):
    assert said(path, f"{head}a(1)\n", f"{head}a(2)\n")[0] in {"none", "lightweight"}


def test_a_policy_says_who_may_do_what():
    assert said("config/deployer.json", POLICY % "a", POLICY % "*") == ("full", "access-policy")
    assert said("config/story.json", '{"Statement": "a"}\n', '{"Statement": "b"}\n') == ("lightweight", "settings")


def test_what_terraform_reads_is_infrastructure():
    assert said("live/files/boot.sh", "a\n", "b\n", beside=READER) == ("full", "infrastructure-code")
    assert said("live/files/boot.sh", "a\n", "# c\na\n", beside=READER)[0] == "none"
    assert said("live/files/other.sh", "a\n", "b\n", beside=READER) == ("lightweight", "code")
    assert said("far/files/boot.sh", "a\n", "b\n", beside=READER) == ("lightweight", "code")
