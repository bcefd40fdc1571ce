"""Amazon Resource Names, read. Pure.

Format: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from msgspec import Struct

_KINDS = {
    ("s3", ""): "s3 bucket",
    ("rds", "cluster"): "rds cluster",
    ("rds", "db"): "rds instance",
    ("rds", "cluster-snapshot"): "rds cluster snapshot",
    ("rds", "subgrp"): "rds subnet group",
    ("rds", "cluster-pg"): "rds cluster parameter group",
    ("sqs", ""): "sqs queue",
    ("sns", ""): "sns topic",
    ("cloudfront", "distribution"): "cloudfront distribution",
    ("secretsmanager", "secret"): "secret",
    ("elasticloadbalancing", "loadbalancer"): "load balancer",
    ("elasticloadbalancing", "targetgroup"): "target group",
    ("elasticloadbalancing", "listener"): "listener",
    ("elasticloadbalancing", "listener-rule"): "listener rule",
    ("elasticfilesystem", "access-point"): "efs access point",
    ("ec2", "volume"): "ebs volume",
    ("ec2", "security-group"): "security group",
    ("ec2", "instance"): "ec2 instance",
    ("dynamodb", "table"): "dynamodb table",
    ("lambda", "function"): "lambda function",
    ("logs", "log-group"): "log group",
    ("iam", "role"): "iam role",
    ("kms", "key"): "kms key",
    ("kafka", "cluster"): "kafka cluster",
}


class Arn(Struct, frozen=True, kw_only=True):
    """A name taken apart. `type` is empty where the service has only one (`s3`, `sqs`)."""

    text: str
    service: str
    region: str
    account: str
    type: str
    name: str

    @property
    def kind(self) -> str:
        """The words that people use: `s3 bucket`, `rds cluster`."""
        return _KINDS.get((self.service, self.type)) or f"{self.service} {self.type}".strip()


def parse(text: str) -> Arn:
    """Take an ARN apart; a text that is none becomes an `Arn` with only its text as the name."""
    match text.split(":", 5):
        case ["arn", _, service, region, account, resource]:
            kind, name = _split(resource)
            return Arn(text=text, service=service, region=region, account=account, type=kind, name=name)
    return Arn(text=text, service="unknown", region="", account="", type="", name=text)


def _split(resource: str) -> tuple[str, str]:
    ends = [index for index in (resource.find("/"), resource.find(":")) if index >= 0]
    if not ends:
        return "", resource
    return resource[: min(ends)], resource[min(ends) + 1 :]
