import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.data import read
from eod.data.kinds import UNKNOWN, _Table, kind_of
from eod.data.wildcards import matches

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


AWS_SERVICES = """
accessanalyzer account acm acmpca alb ami amplify api_gateway apigatewayv2 appautoscaling appconfig appfabric
appflow appintegrations applicationinsights appmesh apprunner appstream appsync athena auditmanager
autoscaling autoscalingplans backup batch bcmdataexports bedrock bedrockagent budgets ce chatbot chime
chimesdkmediapipelines chimesdkvoice cleanrooms cloud9 cloudcontrolapi cloudformation cloudfront
cloudfrontkeyvaluestore cloudhsm cloudsearch cloudtrail cloudwatch codeartifact codebuild codecatalyst
codecommit codeconnections codedeploy codeguruprofiler codegurureviewer codepipeline codestarconnections
codestarnotifications cognito comprehend computeoptimizer config connect controltower costoptimizationhub cur
customerprofiles dataexchange datapipeline datasync datazone dax db default detective devicefarm devopsguru
directory_service dlm dms docdb docdbelastic drs dsql dx dynamodb ebs ec2 ecr ecrpublic ecs efs eip eks
elastic_beanstalk elasticache elasticsearch elastictranscoder elb emr emrcontainers emrserverless evidently
finspace fis fms fsx gamelift glacier globalaccelerator glue grafana guardduty iam identitystore imagebuilder
inspector inspector2 internetmonitor iot ivs ivschat kendra keyspaces kinesis kinesisanalyticsv2 kms
lakeformation lambda launch lb lex lexv2models licensemanager lightsail load_balancer location m2 macie2 media
medialive memorydb mq msk mskconnect mwaa neptune neptunegraph network networkfirewall networkmanager
networkmonitor notifications notificationscontacts oam opensearch opensearchserverless opsworks organizations
osis paymentcryptography pinpoint pinpointsmsvoicev2 placement prometheus qbusiness qldb quicksight ram rbin
rds redshift redshiftdata redshiftserverless rekognition resourceexplorer2 resourcegroups rolesanywhere
route53 route53domains route53profiles route53recoverycontrolconfig route53recoveryreadiness rum s3 s3control
s3outposts s3tables sagemaker scheduler schemas secretsmanager securityhub securitylake
serverlessapplicationrepository service_discovery servicecatalog servicecatalogappregistry servicequotas ses
sesv2 sfn shield signer simpledb sns spot sqs ssm ssmcontacts ssmincidents ssmquicksetup ssoadmin
storagegateway swf synthetics timestreaminfluxdb timestreamquery timestreamwrite transcribe transfer
verifiedaccess verifiedpermissions vpc vpclattice vpn waf wafregional wafv2 workspaces workspacesweb xray
"""


@pytest.mark.parametrize("service", AWS_SERVICES.split())
def test_whatever_aws_offers_has_a_kind(service):
    assert kind_of(f"aws_{service}_thing").name


@pytest.mark.parametrize(
    ("resource_type", "part"),
    [
        ("aws_s3_bucket", False),
        ("aws_s3_object", True),
        ("aws_rds_cluster", False),
        ("postgresql_schema", True),
        ("aws_lb", False),
        ("aws_lb_target_group", True),
        ("aws_sqs_queue", False),
        ("kafka_topic", True),
        ("aws_route53_record", False),
        ("aws_cloudfront_function", True),
    ],
)
def test_what_belongs_to_a_thing_is_told_from_the_thing(resource_type, part):
    assert kind_of(resource_type).part is part


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
