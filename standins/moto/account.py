"""What an account has before the first preview: made once by the platform team, shared by all previews."""

from msgspec import Struct

from standins.moto.server import MotoServer


class SharedResources(Struct, frozen=True, kw_only=True):
    """Handles that a team writes into `.github/eod.yml`."""

    state_bucket: str
    zone_id: str
    certificate_arn: str
    database_subnet_group: str
    database_security_group_id: str
    queue_url: str
    database_endpoint: str
    load_balancer_hostname: str

    def shared(self) -> dict[str, object]:
        """For `shared:` in `.github/eod.yml`; eod passes each as `shared_<key>`."""
        return {
            "database_endpoint": self.database_endpoint,
            "queue_url": self.queue_url,
            "zone_id": self.zone_id,
            "load_balancer_hostname": self.load_balancer_hostname,
        }

    def variables(self) -> dict[str, object]:
        """For `terraform.variables:` in `.github/eod.yml`."""
        return {
            "certificate_arn": self.certificate_arn,
            "database_subnet_group": self.database_subnet_group,
            "database_security_group_ids": [self.database_security_group_id],
        }


def furnish(server: MotoServer, domain: str) -> SharedResources:
    """Make the shared resources of an account whose previews answer below `domain`."""
    bucket = "acme-terraform-state"
    server.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": server.region}
    )
    zone = server.client("route53").create_hosted_zone(Name=domain, CallerReference=domain)
    certificate = server.client("acm", "us-east-1").request_certificate(DomainName=f"*.{domain}")
    network = _database_network(server)
    return SharedResources(
        state_bucket=bucket,
        zone_id=zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
        certificate_arn=certificate["CertificateArn"],
        database_subnet_group=network[0],
        database_security_group_id=network[1],
        queue_url=server.client("sqs").create_queue(QueueName="previews-shared")["QueueUrl"],
        database_endpoint=f"shared-previews.cluster-c0ffee.{server.region}.rds.amazonaws.com",
        load_balancer_hostname=f"previews.{server.region}.elb.amazonaws.com",
    )


def _database_network(server: MotoServer) -> tuple[str, str]:
    """A subnet group in the default VPC, and a security group for the databases in it."""
    ec2 = server.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    group = ec2.create_security_group(GroupName="previews-database", Description="Databases", VpcId=vpc)
    name = "previews"
    server.client("rds").create_db_subnet_group(
        DBSubnetGroupName=name,
        DBSubnetGroupDescription="Databases of previews",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets],
    )
    return name, group["GroupId"]
