import json
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.errors import TerraformError
from eod.terraform import gates
from eod.terraform.plan_json import PlanDocument, decode_plan
from eod.terraform.references import Node, dependents, edges_of, node_of
from eod.terraform.summary import changes_of, summary_of
from tests.terraform.support import document

AWS = decode_plan(document("plan_aws"))


def gates_of(plan, overrides):
    return gates.gates_of(plan, edges_of(plan.configuration), overrides)


def plan_of(*changes, configuration=None) -> PlanDocument:
    entries = [
        {"address": a, "type": t, "mode": "managed", "change": {"actions": actions}, **more}
        for a, t, actions, more in changes
    ]
    whole = {"format_version": "1.2", "resource_changes": entries, "configuration": configuration or {}}
    return decode_plan(json.dumps(whole).encode())


def change(address, actions, **more):
    return (address, address.split(".")[-2], list(actions), more)


def test_the_aws_plan_is_summed_up():
    summary = summary_of(AWS)
    assert summary.line == "8 to add, 0 to change, 0 to destroy"
    assert dict(summary.by_kind) == {"cdn": 1, "database": 1, "dns": 3, "queue": 1, "storage": 2}
    blocking = {b.kind: b for b in summary.blocking}
    assert set(blocking) == {"cdn", "database", "queue"}
    assert (blocking["database"].minutes_low, blocking["database"].minutes_high) == (10, 15)
    assert (blocking["cdn"].minutes_low, blocking["cdn"].minutes_high) == (5, 15)
    assert not blocking["cdn"].needed_by_application
    assert all("hare" in b.hint for b in blocking.values())


def test_what_is_made_is_told_by_kind_the_slowest_first():
    made = summary_of(AWS).made
    assert made[0].kind == "database"
    assert sum(one.count for one in made) == 8
    priced = summary_of(
        plan_of(
            change("aws_rds_cluster.a", ["create"]),
            change("aws_rds_cluster_instance.a", ["create"]),
            change("aws_rds_cluster_instance.b", ["delete", "create"]),
            change("aws_lb.a", ["create"]),
            change("acme_thing.a", ["create"]),
            change("aws_lb.gone", ["delete"]),
        )
    ).made
    assert [(one.title, one.count, one.dollars_per_day) for one in priced] == [
        ("Managed database", 3, 5.76),
        ("Load balancer", 1, 0.54),
        ("Other", 1, None),
    ]


def test_what_is_taken_away_is_told_with_its_reason_what_holds_data_first():
    summary = summary_of(
        plan_of(
            change("aws_iam_role.a", ["delete"], action_reason="delete_because_no_resource_config"),
            (
                "aws_db_instance.a",
                "aws_db_instance",
                ["delete"],
                {
                    "action_reason": "replace_because_cannot_update",
                    "change": {
                        "actions": ["delete", "create"],
                        "replace_paths": [["engine"], ["tags", "password=hunter2"], ["engine"]],
                    },
                },
            ),
            change("aws_s3_bucket.a", ["delete"], action_reason="an_unheard_of_reason"),
            change("aws_a.kept", ["update"]),
        )
    )
    assert [(one.address, one.replaced, one.data, one.why) for one in summary.losses] == [
        ("aws_s3_bucket.a", False, True, ""),
        ("aws_db_instance.a", True, True, "`engine`, `tags` cannot be changed in place"),
        ("aws_iam_role.a", False, False, "no longer in the configuration"),
    ]


def test_no_attribute_value_gets_out_of_a_plan():
    assert b"topsecretpw" in document("plan_aws")
    shown = msgspec.json.encode([changes_of(AWS), summary_of(AWS), gates_of(AWS, {})])
    assert b"topsecretpw" not in shown


def test_each_action_has_its_count():
    summary = summary_of(
        plan_of(
            change("aws_a.create", ["create"]),
            change("aws_a.update", ["update"]),
            change("aws_a.delete", ["delete"]),
            change("aws_a.replace", ["delete", "create"]),
            change("aws_a.replace_first", ["create", "delete"]),
            change("aws_a.moved", ["no-op"], previous_address="aws_a.old"),
            change("aws_a.imported", ["update"], change={"actions": ["update"], "importing": {"id": "x"}}),
            change("aws_a.same", ["no-op"]),
        )
    )
    assert summary.line == "1 to add, 2 to change, 2 to replace, 1 to destroy, 1 to import, 1 to move"


def test_what_leaves_the_state_unharmed_is_counted_and_such_a_plan_is_applied():
    summary = summary_of(plan_of(change("aws_a.released", ["forget"])))
    assert not summary.empty
    assert summary.line == "0 to add, 0 to change, 0 to destroy, 1 to forget"
    summary = summary_of(plan_of(change("aws_a.remade", ["create", "forget"])))
    assert summary.line == "1 to add, 0 to change, 0 to destroy, 1 to forget"
    assert summary.losses == ()


def test_data_sources_are_not_changes():
    plan = plan_of(("data.aws_x.y", "aws_x", ["read"], {"mode": "data"}), change("aws_a.b", ["create"]))
    assert [c.address for c in changes_of(plan)] == ["aws_a.b"]
    assert summary_of(plan).adds == 1


def test_nothing_to_do_is_empty():
    assert summary_of(plan_of(change("aws_a.b", ["no-op"]))).empty


def test_what_is_only_updated_or_destroyed_blocks_nobody():
    plan = plan_of(change("aws_rds_cluster.a", ["update"]), change("aws_rds_cluster.b", ["delete"]))
    assert summary_of(plan).blocking == ()


def test_a_deposed_object_is_told_from_its_successor():
    plan = plan_of(change("aws_a.b", ["update"]), change("aws_a.b", ["delete"], deposed="1234abcd"))
    assert [c.address for c in changes_of(plan)] == ["aws_a.b", "aws_a.b (deposed 1234abcd)"]


def test_the_application_waits_for_neither_the_cdn_nor_what_only_exists_for_it():
    # The DNS alias refers to the CDN through a module's outputs, the bucket policy through a data source.
    assert gates_of(AWS, {}) == {
        "aws_rds_cluster.db",
        "aws_sqs_queue.q",
        "aws_route53_record.direct",
        "module.cdn.aws_s3_bucket.b",
    }


def test_gates_can_be_overruled_by_address_and_the_first_pattern_counts():
    found = gates_of(AWS, {"module.cdn.aws_cloudfront*": True, "module.cdn.*": False, "aws_sqs_queue.q": False})
    assert "module.cdn.aws_cloudfront_distribution.d" in found
    assert "module.cdn.aws_s3_bucket.b" not in found
    assert "aws_sqs_queue.q" not in found


def test_brackets_in_a_pattern_are_brackets():
    assert 'aws_route53_record.alias["A"]' in gates_of(AWS, {'aws_route53_record.alias["A"]': True})


def test_an_update_of_a_database_is_waited_for_and_a_deletion_is_not():
    plan = plan_of(change("aws_rds_cluster.a", ["update"]), change("aws_rds_cluster.b", ["delete"]))
    assert gates_of(plan, {}) == {"aws_rds_cluster.a"}


def test_an_unknown_type_is_waited_for():
    assert gates_of(plan_of(change("acme_thing.x", ["create"])), {}) == {"acme_thing.x"}


def test_a_database_behind_a_cdn_is_still_waited_for():
    configuration = {
        "root_module": {
            "resources": [
                {"address": "aws_cloudfront_distribution.d", "type": "aws_cloudfront_distribution"},
                {
                    "address": "aws_ssm_parameter.cdn",
                    "type": "aws_ssm_parameter",
                    "expressions": {"value": {"references": ["aws_cloudfront_distribution.d.domain_name"]}},
                },
            ]
        }
    }
    plan = plan_of(
        change("aws_cloudfront_distribution.d", ["create"]),
        change("aws_ssm_parameter.cdn", ["create"]),
        configuration=configuration,
    )
    assert gates_of(plan, {}) == {"aws_ssm_parameter.cdn"}


@pytest.mark.parametrize(
    ("address", "path", "name"),
    [
        ("aws_a.b", (), "aws_a.b"),
        ("aws_a.b[0]", (), "aws_a.b"),
        ('module.x["a.b]"].module.y[1].aws_a.b["c\\"].d"]', ("x", "y"), "aws_a.b"),
        ("module.x.data.aws_a.b", ("x",), "data.aws_a.b"),
    ],
)
def test_an_address_leads_to_its_configuration(address, path, name):
    assert node_of(address) == Node(path, name)


@given(st.text(max_size=60))
def test_no_address_can_break_it(address):
    node_of(address)


def test_dependencies_are_followed_through_modules_variables_and_depends_on():
    configuration = decode_plan(
        json.dumps(
            {
                "format_version": "1.0",
                "configuration": {
                    "root_module": {
                        "resources": [
                            {"address": "aws_root.r", "type": "aws_root"},
                            {"address": "aws_late.l", "type": "aws_late", "depends_on": ["module.inner"]},
                            {
                                "address": "aws_each.e",
                                "type": "aws_each",
                                "for_each_expression": {"references": ["module.inner.out", "module.inner"]},
                            },
                            {
                                "address": "aws_odd.o",
                                "type": "aws_odd",
                                "expressions": {"x": {"references": ["each", "path.module", "local.y", 3]}},
                            },
                        ],
                        "module_calls": {
                            "inner": {
                                "expressions": {"handle": {"references": ["aws_root.r.id", "aws_root.r"]}},
                                "module": {
                                    "outputs": {"out": {"expression": {"references": ["aws_used.u"]}}},
                                    "resources": [
                                        {
                                            "address": "aws_used.u",
                                            "type": "aws_used",
                                            "expressions": {"block": [{"deep": {"references": ["var.handle"]}}]},
                                        },
                                        {"address": "aws_other.o", "type": "aws_other"},
                                    ],
                                },
                            },
                            "last": {
                                "depends_on": ["aws_late.l"],
                                "module": {"resources": [{"address": "aws_end.e", "type": "aws_end"}]},
                            },
                        },
                    }
                },
            }
        ).encode()
    ).configuration
    found = dependents(edges_of(configuration), [Node((), "aws_root.r")])
    assert {n for n in found if n.name.startswith("aws_")} == {
        Node(("inner",), "aws_used.u"),
        Node((), "aws_each.e"),
        Node((), "aws_late.l"),
        Node(("last",), "aws_end.e"),
    }


@pytest.mark.parametrize("printed", [b"", b"Error", b"[]", b'{"resource_changes": []}', b'{"format_version": 1}'])
def test_what_is_no_plan_is_refused(printed):
    with pytest.raises(TerraformError, match="cannot be read"):
        decode_plan(printed)


def test_a_plan_of_another_format_is_refused():
    with pytest.raises(TerraformError, match=r"format 2\.0"):
        decode_plan(b'{"format_version": "2.0"}')


def test_five_thousand_resources_fit_into_memory():
    # As large as a plan of real resources: about 2 kB of attributes each.
    padding = {f"attribute_{n}": "x" * 40 for n in range(40)}
    entry = {"mode": "managed", "type": "aws_s3_object", "change": {"actions": ["create"], "after": padding}}
    changes = [{**entry, "address": f'module.m.aws_s3_object.o["{n}"]'} for n in range(5_000)]
    printed = json.dumps({"format_version": "1.2", "resource_changes": changes}).encode()
    assert len(printed) > 10_000_000
    tracemalloc.start()
    plan = decode_plan(printed)
    assert summary_of(plan).adds == len(gates_of(plan, {})) == 5_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def outputs(**changes):
    return decode_plan(json.dumps({"format_version": "1.2", "output_changes": changes}).encode())


def test_outputs_alone_are_something_to_apply():
    summary = summary_of(
        outputs(url={"actions": ["update"]}, gone={"actions": ["delete"]}, same={"actions": ["no-op"]})
    )
    assert not summary.empty
    assert summary.line == "outputs change only: gone, url"
    many = summary_of(outputs(**{f"o{number}": {"actions": ["create"]} for number in range(8)}))
    assert many.line == "outputs change only: o0, o1, o2, o3, o4 and 3 more"


def test_outputs_that_stay_the_same_are_nothing():
    assert summary_of(outputs(url={"actions": ["no-op"], "before": "a", "after": "a"})).line == "no changes"


def test_a_sensitive_output_is_named_and_its_value_is_nowhere():
    secret = {"actions": ["update"], "before": "hush-1", "after": "hush-2", "after_sensitive": True}
    summary = summary_of(outputs(password=secret))
    assert summary.line == "outputs change only: password"
    assert b"hush" not in msgspec.json.encode(summary)


def test_outputs_beside_resources_do_not_crowd_the_line():
    plan = plan_of(change("aws_a.b", ["create"]))
    both = msgspec.structs.replace(plan, output_changes=outputs(url={"actions": ["create"]}).output_changes)
    assert summary_of(both).line == "1 to add, 0 to change, 0 to destroy"
    assert summary_of(both).outputs == ("url",)


def test_drift_that_nobody_wants_back_is_nothing_to_apply():
    drift = {"address": "a.b", "type": "a", "change": {"actions": ["update"], "before": {}, "after": {"x": 1}}}
    assert summary_of(decode_plan(json.dumps({"format_version": "1.2", "resource_drift": [drift]}).encode())).empty
