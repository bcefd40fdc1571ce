import os
import uuid
from contextlib import suppress
from pathlib import Path

import kubernetes
import pytest
import yaml

import testbed
from tests.engines import NAMED, engine, found  # noqa: F401  # a fixture
from tests.live.state_server import StateServer
from tests.live.terraform_place import Place

BINARIES = ("terraform",) if NAMED else ("terraform", "tofu")


@pytest.fixture(scope="session")
def cluster(request):
    """The real parts, wherever they come from: a `testbed.Testbed`."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line):
        # Building takes minutes the first time, and whoever waits should see why.
        with capture.global_and_fixture_disabled():
            os.write(2, f"testbed: {line}\n".encode())

    with testbed.cluster(say=say) as running:
        yield running


@pytest.fixture
def api(cluster):
    """A `kubernetes.client.ApiClient`, as an administrator."""
    with cluster.api() as client:
        yield client


@pytest.fixture
def namespace(api, request):
    """A namespace for one test, whose deletion is asked for at its end."""
    from kubernetes import client

    core = client.CoreV1Api(api)
    made = core.create_namespace({"metadata": {"generateName": "live-"}})
    yield made.metadata.name
    with suppress(client.ApiException):
        core.delete_namespace(made.metadata.name)


@pytest.fixture(scope="session")
def github(cluster):
    """GitHub, where both this machine and the cluster's controllers reach it; Argo CD asks it without a token."""
    from standins.github import server

    with server(address=cluster.host_address, anonymous_limit=1_000_000) as running:
        yield running


@pytest.fixture(scope="session")
def account(tmp_path_factory):
    """An AWS account by moto, what all previews share in it, and what tells a job where it and providers are."""
    from standins.moto.account import furnish
    from standins.moto.locks import make_lock_table
    from standins.moto.provider_mirror import cli_configuration, find_mirror, for_both_engines
    from standins.moto.server import moto_server
    from tests.live.world import DOMAIN

    directory = tmp_path_factory.mktemp("terraform")
    providers = cli_configuration(for_both_engines(find_mirror(), directory))
    file = directory / "terraform.rc"
    file.write_text(providers or "")
    with moto_server() as aws:
        make_lock_table(aws.client("dynamodb"))
        found = {"TF_CLI_CONFIG_FILE": str(file)} if providers else {}
        yield aws, furnish(aws, DOMAIN), {**aws.environment(), **found}


@pytest.fixture(scope="session")
def project(cluster, github):
    """The example's AppProject, for the repositories of this GitHub."""
    from tests.live.world import EXAMPLE

    manifest = yaml.safe_load((EXAMPLE / "argocd/appproject.yaml").read_text())
    name = f"previews-{uuid.uuid4().hex[:8]}"
    manifest["metadata"] = {"name": name}
    manifest["spec"]["sourceRepos"] = [f"{github.url}/*/*"]
    with cluster.api() as client:
        custom = kubernetes.client.CustomObjectsApi(client)
        at = ("argoproj.io", "v1alpha1", cluster.argocd_namespace, "appprojects")
        custom.create_namespaced_custom_object(*at, manifest)
        yield name
        custom.delete_namespaced_custom_object(*at, name)


@pytest.fixture
def world(tmp_path, cluster, github, account, project):
    """The example's repository on all the real parts."""
    from tests.live.world import LiveWorld, configuration, example_source

    aws, shared, environment = account
    config = configuration(shared, project=project, cluster=cluster)
    source = example_source(tmp_path / "source", config)
    made = LiveWorld(
        github=github,
        repository=github.create_repository("acme", f"shop-{uuid.uuid4().hex[:8]}", source),
        directory=tmp_path,
        kubeconfig=Path(cluster.kubeconfig),
        config=config,
        environment=dict(environment),
        cluster=cluster,
        aws=aws,
        shared=shared,
    )
    yield made
    for job in made.jobs:
        job.end()
    for number in made.numbers:
        made.discard(number)


@pytest.fixture(params=BINARIES)
def binary(request):
    """Each of the real engines."""
    return found(request.param)


@pytest.fixture
def environ(tmp_path):
    """What Terraform is told of this machine: where its providers lie."""
    from standins.moto.provider_mirror import cli_configuration, find_mirror

    configuration = tmp_path / "cli.tfrc"
    configuration.write_text(cli_configuration(find_mirror()) or "")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return {**kept, "TF_CLI_CONFIG_FILE": str(configuration)}


@pytest.fixture
def place(tmp_path, binary, environ):
    """A root module on this machine, in which nothing runs any more afterwards."""
    made = Place(tmp_path, binary, environ)
    yield made
    for driver in made.drivers:
        driver.kill()
        driver.wait()
        if driver.stdout is not None:
            driver.stdout.close()
    made.drain(interrupt_after_seconds=0, patience_seconds=20)


@pytest.fixture
def states():
    """An http backend."""
    server = StateServer()
    yield server
    server.close()
