import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.data import read
from eod.terraform.kinds import UNKNOWN, _Table, kind_of
from eod.terraform.wildcards import matches

TABLE = read("resources", _Table)

FOUNDING_MINUTES = {
    "namespace": (0, 1),
    "serverless": (2, 5),
    "mesh": (1, 2),
    "policy": (0, 1),
    "database": (10, 15),
    "queue": (5, 10),
    "storage": (0, 1),
    "cdn": (5, 15),
    "dns": (1, 5),
    "load-balancer": (2, 5),
}


def test_the_founding_table_is_kept_to_the_minute():
    kinds = {kind.name: kind for kind in TABLE.kinds}
    assert {name: kinds[name].minutes for name in FOUNDING_MINUTES} == FOUNDING_MINUTES
    blocking = {name for name in FOUNDING_MINUTES if kinds[name].blocking}
    assert blocking == {"database", "queue", "cdn"}
    assert all(kind.hint for kind in TABLE.kinds if kind.blocking)


@pytest.mark.parametrize(
    ("resource_type", "kind", "minutes", "blocking", "needed"),
    [
        ("aws_rds_cluster", "database", (10, 15), True, True),
        ("aws_db_subnet_group", "database", (0, 1), False, True),
        ("aws_sqs_queue", "queue", (5, 10), True, True),
        ("aws_mq_broker", "queue", (5, 10), True, True),
        ("aws_msk_cluster", "queue", (15, 60), True, True),
        ("aws_sqs_queue_policy", "queue", (0, 1), False, True),
        ("aws_s3_bucket", "storage", (0, 1), False, True),
        ("aws_cloudfront_distribution", "cdn", (5, 15), True, False),
        ("aws_cloudfront_origin_access_control", "cdn", (0, 1), False, False),
        ("aws_route53_record", "dns", (1, 5), False, True),
        ("aws_lb", "load-balancer", (2, 5), False, True),
        ("aws_eks_fargate_profile", "serverless", (2, 5), False, True),
        ("aws_secretsmanager_secret", "secret", (0, 1), False, True),
        ("kubernetes_namespace_v1", "namespace", (0, 1), False, True),
        ("kubernetes_network_policy_v1", "policy", (0, 1), False, True),
        ("kubernetes_deployment_v1", "workload", (0, 5), False, True),
        ("google_sql_database_instance", "database", (10, 15), True, True),
        ("azurerm_cdn_endpoint", "cdn", (5, 15), True, False),
        ("aws_cloudwatch_log_group", "monitoring", (0, 1), False, False),
    ],
)
def test_types(resource_type, kind, minutes, blocking, needed):
    found = kind_of(resource_type)
    assert (found.name, found.minutes, found.blocking, found.needed_by_application) == (
        kind,
        minutes,
        blocking,
        needed,
    )


def test_a_type_that_nobody_knows_is_needed_and_has_no_kind():
    assert kind_of("acme_thing") is UNKNOWN
    assert kind_of("terraform_data").needed_by_application
    assert kind_of("").name == ""


def test_every_line_names_a_kind_and_a_source():
    names = {kind.name for kind in TABLE.kinds}
    assert len(names) == len(TABLE.kinds)
    for line in TABLE.types:
        assert line.kind in names
        assert line.source


def test_no_exact_type_is_named_twice():
    exact = [name for line in TABLE.types for name in line.match if "*" not in name]
    assert sorted(set(exact)) == sorted(exact)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_star_stands_for_anything_and_nothing_else_does(left, right):
    left, right = left.replace("*", ""), right.replace("*", "")
    assert matches(f"{left}*{right}", f"{left}anything [0-9]{right}")
    assert matches(left, left)
    assert not matches(f"{left}x", left)
