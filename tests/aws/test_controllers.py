import pytest

from eod.aws.controllers import controller_of, controller_tags
from eod.aws.inventory import TagInventory
from eod.aws.removal import TagRemover
from tests.aws.clock import FastClock

TAGS = {"environment.on-demand/name": "pr-7", "environment.on-demand/repository": "acme/shop"}


def tag_list(**extra):
    return [{"Key": key, "Value": value} for key, value in {**TAGS, **extra}.items()]


@pytest.mark.parametrize(
    ("tags", "controller"),
    [
        ({"elbv2.k8s.aws/cluster": "shared"}, "AWS Load Balancer Controller"),
        ({"ingress.k8s.aws/stack": "pr-7/shop"}, "AWS Load Balancer Controller"),
        ({"service.k8s.aws/resource": "LoadBalancer"}, "AWS Load Balancer Controller"),
        ({"gateway.k8s.aws.alb/stack": "pr-7/shop"}, "AWS Load Balancer Controller"),
        ({"kubernetes.io/service-name": "pr-7/shop"}, "the cluster's cloud provider"),
        ({"kubernetes.io/cluster/shared": "owned"}, "the cluster's cloud provider"),
        ({"ebs.csi.aws.com/cluster": "true"}, "Amazon EBS CSI driver"),
        ({"kubernetes.io/created-for/pvc/namespace": "pr-7"}, "Amazon EBS CSI driver"),
        ({"efs.csi.aws.com/cluster": "true"}, "Amazon EFS CSI driver"),
        ({"services.k8s.aws/namespace": "pr-7"}, "AWS Controllers for Kubernetes"),
        ({"crossplane-kind": "bucket.s3.aws.upbound.io"}, "Crossplane"),
        ({"kubernetes.io/cluster/shared": "shared"}, ""),
        ({"kubernetes.io/role/elb": "1"}, ""),
        ({"Name": "ingress.k8s.aws/stack"}, ""),
        ({}, ""),
    ],
)
def test_a_controller_is_known_by_the_tags_that_it_writes_itself(tags, controller):
    assert controller_of({**TAGS, **tags}) == controller


def test_every_tag_has_its_source():
    assert all(known.source.startswith("https://") for known in controller_tags())


@pytest.mark.network
def test_what_controllers_made_is_found_told_apart_and_deleted_with_the_environment(session):
    ec2, vpc = session.client("ec2"), session.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    elb = session.client("elbv2")
    made = tag_list(**{"elbv2.k8s.aws/cluster": "shared"})
    balancer = elb.create_load_balancer(Name="k8s-pr7-shop", Subnets=subnets, Tags=made)["LoadBalancers"][0]
    group = elb.create_target_group(Name="k8s-pr7-shop", Protocol="HTTP", Port=80, VpcId=vpc, Tags=made)
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[forward], Tags=made
    )
    ec2.create_volume(
        AvailabilityZone="eu-west-1a",
        Size=1,
        TagSpecifications=[
            {"ResourceType": "volume", "Tags": tag_list(**{"ebs.csi.aws.com/cluster": "true"})},
        ],
    )
    session.client("sqs").create_queue(QueueName="pr-7-jobs", tags=TAGS)
    inventory = TagInventory(session, repository="acme/shop")
    found = inventory.find("pr-7", "")
    made_in_cluster = {item.kind for item in found if item.controller}
    assert made_in_cluster >= {"load balancer", "target group", "ebs volume"}
    assert {item.kind for item in found if not item.controller} == {"sqs queue"}
    removed = TagRemover(session, clock=FastClock()).remove(found, 600)
    assert removed.left == ()
    assert inventory.find("pr-7", "") == ()


@pytest.mark.network
def test_a_load_balancer_of_the_first_generation_is_found_and_deleted(session):
    session.client("elb").create_load_balancer(
        LoadBalancerName="a1b2",
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 8080}],
        AvailabilityZones=["eu-west-1a"],
        Tags=tag_list(**{"kubernetes.io/service-name": "pr-7/shop"}),
    )
    inventory = TagInventory(session, repository="acme/shop")
    (found,) = inventory.find("pr-7", "")
    assert (found.kind, found.controller) == ("load balancer", "the cluster's cloud provider")
    assert len(TagRemover(session, clock=FastClock()).remove((found,), 60).removals) == 1
    assert inventory.find("pr-7", "") == ()


def dns(session, *records):
    route53 = session.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    changes = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]},
        }
        for name, kind, value in records
    ]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return TagInventory(session, repository="acme/shop", hosted_zone=zone.rpartition("/")[2])


MARK = '"heritage=external-dns,external-dns/owner=shared,external-dns/resource=ingress/pr-7/shop"'


@pytest.mark.network
@pytest.mark.parametrize("noted", ["pr-7.example.com", "a-pr-7.example.com", "cname-pr-7.example.com"])
def test_records_of_external_dns_are_known_by_what_it_notes_beside_them(session, noted):
    inventory = dns(session, ("pr-7.example.com", "A", "192.0.2.1"), (noted, "TXT", MARK))
    found = inventory.find("pr-7", "pr-7.example.com")
    assert {item.controller for item in found} == {"external-dns"}


@pytest.mark.network
def test_a_record_without_such_a_note_is_nobodys(session):
    inventory = dns(
        session,
        ("pr-7.example.com", "A", "192.0.2.1"),
        ("pr-7.example.com", "TXT", '"v=spf1 -all"'),
        ("a-pr-8.example.com", "TXT", MARK),
    )
    assert {item.controller for item in inventory.find("pr-7", "pr-7.example.com")} == {""}
