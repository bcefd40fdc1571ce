import json

import pytest

from eod.terraform.exposures import exposures_of
from eod.terraform.plan_json import decode_plan


def found(kind, after=None, *, unknown=None, actions=("create",), sets=None, address="", **more):
    """What is said of one planned resource; `sets` are the attributes that its block has."""
    address = address or f"{kind}.x"
    change = {"actions": actions, "before": None, "after": after or {}, "after_unknown": unknown or {}, **more}
    plan: dict[str, object] = {
        "format_version": "1.2",
        "resource_changes": [{"address": address, "type": kind, "mode": "managed", "change": change}],
    }
    if sets is not None:
        resource = {"address": f"{kind}.x", "type": kind, "expressions": {name: {} for name in sets}}
        plan["configuration"] = {"root_module": {"resources": [resource]}}
    return exposures_of(decode_plan(json.dumps(plan).encode()))


def policy(condition=None, principal: object = "*", effect="Allow", **more):
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}
    return json.dumps({"Statement": [statement | ({"Condition": condition} if condition else {})]})


ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
BLOCK = {"block_public_acls": True, "block_public_policy": True, "ignore_public_acls": True}


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_s3_bucket_acl", {"acl": "public-read"}),
        ("aws_s3_bucket_acl", {"acl": "public-read-write"}),
        ("aws_s3_bucket_acl", {"acl": "authenticated-read"}),
        (
            "aws_s3_bucket_acl",
            {
                "access_control_policy": [
                    {"grant": [{"grantee": [{"uri": ""}]}, {"grantee": [{"uri": ALL_USERS}]}]}
                ]
            },
        ),
        ("aws_s3_bucket", {"acl": "public-read"}),
        ("aws_s3_object", {"acl": "public-read"}),
        ("aws_s3_bucket_public_access_block", {**BLOCK, "restrict_public_buckets": False}),
        ("aws_s3_bucket_policy", {"policy": policy()}),
        ("aws_s3_bucket_policy", {"policy": policy(principal={"AWS": "*"})}),
        ("aws_s3_bucket_policy", {"policy": policy(principal={"AWS": ["arn:aws:iam::123456789012:root", "*"]})}),
        ("aws_s3_object_copy", {"grant": [{"uri": ALL_USERS}]}),
        ("aws_s3control_multi_region_access_point_policy", {"details": [{"name": "x", "policy": policy()}]}),
        (
            "aws_s3control_multi_region_access_point",
            {"details": [{"public_access_block": [{**BLOCK, "restrict_public_buckets": False}]}]},
        ),
        # Half a surrogate pair, and a number longer than others read: Go reads both.
        ("aws_s3_bucket_policy", {"policy": policy(Sid="\ud800")}),
        ("aws_s3_bucket_policy", {"policy": policy().replace("{", '{"n": ' + "1" * 5_000 + ",", 1)}),
        ("google_storage_bucket_iam_member", {"member": "allUsers"}),
        ("google_storage_bucket_iam_binding", {"members": ["user:a@b.c", "allAuthenticatedUsers"]}),
        (
            "google_storage_bucket_iam_policy",
            {"policy_data": '{"bindings": [{"role": "r", "members": ["allUsers"]}]}'},
        ),
        ("google_storage_bucket_acl", {"predefined_acl": "publicRead"}),
        ("google_storage_bucket_acl", {"role_entity": ["OWNER:user-a", "READER:allUsers"]}),
        ("google_storage_bucket_access_control", {"entity": "allUsers"}),
        ("azurerm_storage_container", {"container_access_type": "blob"}),
    ],
)
def test_public_storage_is_found(kind, after):
    (one,) = found(kind, after)
    assert one.address == f"{kind}.x"
    assert one.certain
    assert not one.permits
    assert one.what.startswith("`")
    assert one.way_out


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_s3_bucket_acl", {"acl": "private"}),
        ("aws_s3_bucket_acl", {"acl": "log-delivery-write"}),
        ("aws_s3_bucket", {"acl": None, "website": [{"index_document": "index.html"}]}),
        ("aws_s3_bucket_website_configuration", {"index_document": [{"suffix": "index.html"}]}),
        ("aws_s3_bucket_public_access_block", {**BLOCK, "restrict_public_buckets": True}),
        ("aws_s3_bucket_policy", {"policy": policy(effect="Deny")}),
        ("aws_s3_bucket_policy", {"policy": policy(principal={"Service": "cloudfront.amazonaws.com"})}),
        ("aws_s3_bucket_policy", {"policy": "no JSON"}),
        ("aws_s3_bucket_policy", {"policy": '["a", 1]'}),
        ("aws_sqs_queue_policy", {"policy": policy()}),
        ("google_storage_bucket_iam_member", {"member": "serviceAccount:a@b.iam.gserviceaccount.com"}),
        ("azurerm_storage_container", {"container_access_type": "private"}),
    ],
)
def test_what_is_not_public_is_left_alone(kind, after):
    assert found(kind, after) == ()


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}}, False),
        ({"ArnLike": {"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::*:distribution/*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, False),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/ou-1"}}, False),
        ({"StringLike": {"aws:PrincipalOrgID": "*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "${aws:x}"}}, True),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, True),
        ({"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}}, False),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
        ({"IpAddress": {"aws:SourceIp": "office"}}, True),
        ({"StringEquals": {"aws:Referer": "https://shop.example.com"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringEquals": {"aws:SourceVpc": []}}, True),
    ],
)
def test_a_condition_narrows_or_does_not(condition, public):
    assert bool(found("aws_s3_bucket_policy", {"policy": policy(condition)})) is public


def test_one_open_statement_is_enough_and_who_is_not_named_is_everybody():
    document = json.loads(policy(effect="Deny"))
    document["Statement"].append({"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}})
    assert found("aws_s3_bucket_policy", {"policy": json.dumps(document)})
    assert found(
        "aws_s3_bucket_policy", {"policy": json.dumps({"Statement": json.loads(policy())["Statement"][0]})}
    )


@pytest.mark.parametrize("actions", [("no-op",), ("delete",), ("forget",), ("read",)])
def test_what_the_plan_leaves_alone_or_takes_away_does_not_count(actions):
    assert found("aws_s3_bucket_acl", {"acl": "public-read"}, actions=actions) == ()


@pytest.mark.parametrize("actions", [("update",), ("delete", "create"), ("create", "delete")])
def test_updates_and_replacements_count(actions):
    assert found("aws_s3_bucket_acl", {"acl": "public-read"}, actions=actions)


def test_what_is_not_known_yet_is_said_and_not_guessed():
    (one,) = found("aws_s3_bucket_policy", {}, unknown={"policy": True}, sets=["bucket", "policy"])
    assert not one.certain
    assert one.what == "Whether `policy` makes it public cannot be told before the apply."
    (one,) = found(
        "google_storage_bucket_iam_binding", {"members": ["user:a"]}, unknown={"members": [False, True]}
    )
    assert not one.certain


def test_what_the_provider_fills_in_is_nobodys_doing():
    unknown = {"policy": True, "acl": True, "grant": True}
    assert found("aws_s3_bucket", {}, unknown=unknown, sets=["bucket"]) == ()
    (one,) = found("aws_s3_bucket", {}, unknown=unknown, sets=["bucket", "policy"])
    assert "`policy`" in one.what


def test_a_known_public_element_beside_an_unknown_one_is_public():
    (one,) = found(
        "google_storage_bucket_iam_binding", {"members": ["allUsers", None]}, unknown={"members": [False, True]}
    )
    assert one.certain


def test_instances_in_modules_are_found_by_their_whole_address():
    address = 'module.site["a.b"].aws_s3_bucket_acl.x[0]'
    (one,) = found("aws_s3_bucket_acl", {"acl": "public-read"}, address=address)
    assert one.address == address


def test_what_only_permits_is_no_more_than_that():
    (one,) = found("azurerm_storage_account", {"allow_nested_items_to_be_public": True})
    assert one.permits
    assert found("azurerm_storage_account", {}, unknown={"allow_nested_items_to_be_public": True}) == ()


def test_no_value_of_the_plan_is_said():
    secret = policy(Sid="s3cr3t-of-the-policy")
    said = found("aws_s3_bucket_policy", {"policy": secret}, after_sensitive={"policy": True})
    assert said
    assert "s3cr3t" not in str(said)
