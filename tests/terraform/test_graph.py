import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from eod.terraform.dot import edges_in, hides_edges
from eod.terraform.gates import gates_of, held_up, unmatched
from eod.terraform.graph import graph_of
from eod.terraform.plan_json import decode_plan
from eod.terraform.references import Node, edges_of
from eod.terraform.summary import summary_of
from tests.terraform.support import document

CDN = "aws_cloudfront_distribution.d"
PARAMETER = "aws_ssm_parameter.p"
DOT = r"""
digraph {
	compound = "true"
	subgraph "root" {
		"[root] provider[\"terraform.io/builtin/terraform\"]" [label = "provider", shape = "diamond"]
		"[root] aws_sqs_queue.q (expand)" -> "[root] local.z (expand)"
		"[root] local.z (expand)" -> "[root] module.db (close)"
		"[root] module.db (close)" -> "[root] module.db.output.o (expand)"
		"[root] module.db.output.o (expand)" -> "[root] module.db.module.x[\"k\"].aws_rds_cluster.c (expand)"
		"[root] module.db.var.v (expand, input)" -> "[root] module.db (expand)"
		"[root] aws_sqs_queue.q (expand)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
		broken -> line
	}
}
"""


def plan_of(resources, configuration=None):
    """A plan that creates these addresses, from this root module."""
    changes = [
        {"address": address, "type": kind, "change": {"actions": ["create"]}} for address, kind in resources
    ]
    return decode_plan(
        json.dumps(
            {
                "format_version": "1.2",
                "resource_changes": changes,
                "configuration": {"root_module": configuration or {}},
            }
        ).encode()
    )


def configured(address, *references, **more):
    return {
        "address": address,
        "type": address.split(".")[0],
        "expressions": {"x": {"references": list(references)}},
        **more,
    }


def graph(plan, extra=()):
    edges = [*edges_of(plan.configuration), *extra]
    return graph_of(plan, edges, gates_of(plan, edges, {}))


def waits(nodes):
    """Who waits for whom, directly or through nodes that only hand it on."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        reached: set[str] = set()
        for at in node.after:
            before = nodes[at]
            reached |= {before.name, *found[before.name]} if before.addresses else found[before.name]
        found[node.name] = reached
    return {node.name: found[node.name] for node in nodes if node.addresses}


def test_the_aws_plan_as_a_graph():
    nodes = graph(decode_plan(document("plan_aws")))
    found = waits(nodes)
    assert found["aws_route53_record.alias"] == {
        "module.cdn.aws_cloudfront_distribution.d",
        "module.cdn.aws_s3_bucket.b",
    }
    assert found["aws_rds_cluster.db"] == set()
    by_name = {node.name: node for node in nodes}
    alias = by_name["aws_route53_record.alias"]
    assert alias.addresses == ('aws_route53_record.alias["A"]', 'aws_route53_record.alias["AAAA"]')
    assert not alias.needed
    database = by_name["aws_rds_cluster.db"]
    assert (database.kind, database.minutes, database.needed, database.blocking) == (
        "database",
        (10, 15),
        True,
        True,
    )


def test_each_node_comes_after_what_it_waits_for():
    for at, node in enumerate(graph(decode_plan(document("plan_aws")))):
        assert all(before < at for before in node.after)


def test_everything_in_a_module_waits_for_its_depends_on_count_and_for_each_at_any_depth():
    inner = {
        "module_calls": {"deep": {"module": {"resources": [configured("aws_deep.d")]}}},
        "resources": [configured("aws_in.i")],
    }
    plan = plan_of(
        [
            ("aws_a.first", "aws_a"),
            ("aws_b.each", "aws_b"),
            ("module.m[0].aws_in.i", "aws_in"),
            ("module.m[0].module.deep.aws_deep.d", "aws_deep"),
            ("aws_z.last", "aws_z"),
        ],
        {
            "resources": [
                configured("aws_a.first"),
                configured("aws_b.each"),
                configured("aws_z.last", depends_on=["module.m"]),
            ],
            "module_calls": {
                "m": {
                    "module": inner,
                    "depends_on": ["aws_a.first"],
                    "for_each_expression": {"references": ["aws_b.each"]},
                }
            },
        },
    )
    found = waits(graph(plan))
    assert found["module.m.module.deep.aws_deep.d"] == {"aws_a.first", "aws_b.each"}
    assert found["module.m.aws_in.i"] == {"aws_a.first", "aws_b.each"}
    assert found["aws_z.last"] >= {"module.m.aws_in.i", "module.m.module.deep.aws_deep.d"}


def test_a_resource_waits_for_what_its_provider_is_configured_from():
    document = {
        "format_version": "1.2",
        "resource_changes": [
            {"address": address, "type": address.split(".")[0], "change": {"actions": ["create"]}}
            for address in ("aws_eks_cluster.c", "kubernetes_namespace.n")
        ],
        "configuration": {
            "provider_config": {
                "kubernetes": {"expressions": {"host": {"references": ["aws_eks_cluster.c.endpoint"]}}}
            },
            "root_module": {
                "resources": [
                    configured("aws_eks_cluster.c", provider_config_key="aws"),
                    configured("kubernetes_namespace.n", provider_config_key="kubernetes"),
                ]
            },
        },
    }
    found = waits(graph(decode_plan(json.dumps(document).encode())))
    assert found["kubernetes_namespace.n"] == {"aws_eks_cluster.c"}


def test_what_json_leaves_out_comes_from_terraforms_own_graph():
    plan = plan_of(
        [("aws_sqs_queue.q", "aws_sqs_queue"), ('module.db.module.x["k"].aws_rds_cluster.c', "aws_rds_cluster")],
        {"resources": [configured("aws_sqs_queue.q", "local.z")]},
    )
    cluster = "module.db.module.x.aws_rds_cluster.c"
    assert waits(graph(plan))["aws_sqs_queue.q"] == set()
    assert waits(graph(plan, edges_in(DOT)))["aws_sqs_queue.q"] == {cluster}


def test_a_gate_is_told_through_a_local():
    plan = plan_of(
        [
            ("aws_cloudfront_distribution.d", "aws_cloudfront_distribution"),
            ("aws_route53_record.r", "aws_route53_record"),
        ],
        {"resources": [configured("aws_route53_record.r", "local.domain")]},
    )
    hidden = [
        (Node((), "local.domain"), Node((), "aws_cloudfront_distribution.d")),
    ]
    assert gates_of(plan, edges_of(plan.configuration), {}) == {"aws_route53_record.r"}
    assert gates_of(plan, [*edges_of(plan.configuration), *hidden], {}) == frozenset()


def test_a_replaced_resource_is_one_node_with_both_actions():
    plan = decode_plan(
        json.dumps(
            {
                "format_version": "1.2",
                "resource_changes": [
                    {"address": "aws_a.b", "type": "aws_a", "change": {"actions": ["delete", "create"]}},
                    {"address": "aws_a.b", "type": "aws_a", "change": {"actions": ["delete"]}, "deposed": "1"},
                ],
            }
        ).encode()
    )
    (node,) = graph(plan)
    assert node.actions == ("create", "delete")


@given(st.text())
def test_no_graph_can_break_it(printed):
    list(edges_in(printed))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60))
def test_cycles_do_no_harm(pairs):
    names = [f"aws_a.n{number}" for number in range(10)]
    plan = plan_of([(name, "aws_a") for name in names])
    edges = [(Node((), names[user]), Node((), names[used])) for user, used in pairs]
    nodes = graph_of(plan, edges, frozenset())
    assert sorted(node.name for node in nodes) == names
    assert all(before < at for at, node in enumerate(nodes) for before in node.after)


def test_a_deep_chain_is_no_recursion():
    names = [f"aws_a.n{number}" for number in range(5_000)]
    resources = [configured(name, *names[at + 1 : at + 2]) for at, name in enumerate(names)]
    nodes = graph(plan_of([(name, "aws_a") for name in names], {"resources": resources}))
    assert [node.name for node in nodes] == names[::-1]


def test_a_configuration_is_searched_for_locals_and_dynamic_blocks_in_its_modules_too(tmp_path):
    root, module, data = tmp_path / "root", tmp_path / "module", tmp_path / "data"
    for directory in (root, module, data / "modules"):
        directory.mkdir(parents=True)
    (root / "main.tf").write_text('resource "a" "b" { x = "my.local.net" }\n')
    assert not hides_edges(root, data)
    (module / "main.tf").write_text('resource a b {\n  dynamic "setting" {\n  }\n}\n')
    listed = {
        "Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "m", "Source": "../module", "Dir": "../module"}]
    }
    (data / "modules" / "modules.json").write_text(json.dumps(listed))
    assert hides_edges(root, data)
    (data / "modules" / "modules.json").write_text("broken")
    assert not hides_edges(root, data)
    (root / "more.tf").write_text("output o { value = local.x }")
    assert hides_edges(root, data)


@pytest.mark.parametrize(("text", "hides"), [
    ('{"output": {"o": {"value": "${local.x}"}}}', True),
    ('{"resource": {"a": {"b": {"dynamic": {"setting": {}}}}}}', True),
    ('{"resource": {"a": {"b": {"name": "dynamic"}}}}', False),
])  # fmt: skip
def test_a_configuration_in_json_hides_edges_like_any_other(tmp_path, text, hides):
    (tmp_path / "cdk.tf.json").write_text(text)
    assert hides_edges(tmp_path, tmp_path / "data") is hides


def test_a_gate_that_waits_for_a_slow_cdn_is_named_with_the_way_out():
    def planned(waits):
        plan = plan_of(
            [(CDN, "aws_cloudfront_distribution"), (PARAMETER, "aws_ssm_parameter")],
            {"resources": [configured(PARAMETER, f"{CDN}.domain_name", CDN)]},
        )
        after = msgspec.Raw(json.dumps({"wait_for_deployment": waits}).encode())
        cdn, parameter = plan.resource_changes
        slow = structs.replace(cdn, change=structs.replace(cdn.change, after=after))
        return structs.replace(plan, resource_changes=(slow, parameter))

    edges = list(edges_of(planned(True).configuration))
    gates = gates_of(planned(True), edges, {})
    assert gates == {PARAMETER}
    assert held_up(planned(True), edges, gates) == (PARAMETER,)
    hints = [hint for hint in summary_of(planned(True), (PARAMETER,)).hints if hint.address == PARAMETER]
    assert "terraform.gates" in hints[0].hint
    assert held_up(planned(False), edges, gates) == ()
    assert held_up(planned(True), edges, gates_of(planned(True), edges, {"aws_ssm_parameter.*": False})) == ()


def test_a_gate_pattern_that_matches_nothing_is_told_but_not_what_the_tier_leaves_out():
    plan = decode_plan(
        json.dumps(
            {
                "format_version": "1.2",
                "resource_changes": [
                    {"address": 'aws_sqs_queue.q["a"]', "type": "aws_sqs_queue", "change": {"actions": ["no-op"]}}
                ],
                "configuration": {
                    "root_module": {
                        "module_calls": {
                            "cdn": {
                                "module": {
                                    "resources": [{"address": "aws_cloudfront_distribution.d", "type": "x"}]
                                }
                            }
                        }
                    }
                },
            }
        ).encode()
    )
    good = (
        "aws_sqs_*",
        'aws_sqs_queue.q["a"]',
        "module.cdn.*",
        'module.cdn["eu"].aws_cloudfront_distribution.d[0]',
    )
    wrong = ("aws_sqs_queu.q", "module.cnd.*")
    assert unmatched(plan, (*good, *wrong)) == wrong
