"""What the layer of faults does to a client is what AWS and its network do, in the SDK's own words."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError

from standins.forwarder import Answer
from standins.moto.faults import FaultLayer, Rates

pytestmark = [pytest.mark.network]
NONE = {"throttled": 0, "broken": 0, "reset": 0, "lost_answer": 0, "half_answer": 0, "slow": 0, "stuck": 0}
LISTING = b"<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>"


class Always(FaultLayer):
    """One fault for every request; whatever arrives behind it is kept, and answered well."""

    def __init__(self, **rates):
        self.arrived = []
        super().__init__("http://127.0.0.1:1", 1, Rates(**{**NONE, **rates}))

    def forward(self, request):
        self.arrived.append(request)
        return Answer(status=200, headers=(("Content-Type", "application/xml"),), body=LISTING)


@pytest.fixture
def ask():
    layers = []

    def asking(service="s3", call="list_buckets", arguments=None, **rates):
        layer = Always(**rates)
        layers.append(layer)
        client = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x").client(
            service,
            region_name="eu-central-1",
            endpoint_url=layer.url,
            config=Config(retries={"max_attempts": 0}),
        )
        try:
            getattr(client, call)(**(arguments or {}))
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            return layer, error
        finally:
            client.close()
        return layer, None

    yield asking
    for layer in layers:
        layer.close()


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("s3", "list_buckets", "SlowDown"),
        ("sns", "list_topics", "Throttling"),
        ("sqs", "list_queues", "ThrottlingException"),
        ("logs", "describe_log_groups", "ThrottlingException"),
    ],
)
def test_throttling_is_what_each_protocol_calls_so(ask, service, call, code):
    layer, error = ask(service, call, throttled=1)
    assert error.response["Error"]["Code"] == code
    assert layer.arrived == []


@pytest.mark.parametrize(
    ("service", "call"), [("s3", "list_buckets"), ("sns", "list_topics"), ("sqs", "list_queues")]
)
def test_a_broken_service_is_a_500(ask, service, call):
    _, error = ask(service, call, broken=1)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500


_DROPPED = (ConnectionClosedError, EndpointConnectionError, IncompleteReadError, ResponseStreamingError)


def test_a_reset_comes_before_the_request_arrives_and_a_lost_answer_after(ask):
    layer, error = ask(reset=1)
    assert isinstance(error, _DROPPED)
    assert layer.arrived == []
    layer, error = ask(lost_answer=1)
    assert isinstance(error, _DROPPED)
    assert len(layer.arrived) == 1


def test_of_half_an_answer_the_client_takes_nothing(ask):
    # For S3, botocore makes a 500 of a success that it cannot read to its end.
    for service, call in (("s3", "list_buckets"), ("sns", "list_topics")):
        layer, error = ask(service, call, half_answer=1)
        assert isinstance(error, (ClientError, ResponseParserError))
        assert len(layer.arrived) == 1


def test_a_quiet_layer_and_one_that_is_only_slow_do_no_harm(ask):
    assert ask()[1] is None
    assert ask(slow=1, slow_seconds=0.01)[1] is None


def test_the_dice_fall_the_same_way_for_the_same_seed():
    def thrown(seed):
        layer = FaultLayer("http://127.0.0.1:1", seed)
        try:
            return [layer._throw() for _ in range(200)]
        finally:
            layer.close()

    assert thrown(1) == thrown(1)
    assert thrown(1) != thrown(2)
    assert len({kind for kind, _ in thrown(1)}) > 3
