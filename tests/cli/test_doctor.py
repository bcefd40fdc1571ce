"""`eod doctor` looks at everything, and says of each thing what to do."""

import socket
from types import SimpleNamespace

import pytest

from eod.cli.doctor import examine
from eod.config import ArgoCd, ArgoCdMode, Config, Terraform
from eod.errors import CredentialsError
from tests.terraform.fake import Fake, play


class Rooms(SimpleNamespace):
    """What the doctor asks, in good order, with Terraform played."""

    def __init__(self, fake, *, config):
        def denied():
            raise CredentialsError("The token may not write deployments.", fix="Add `deployments: write`.")

        super().__init__(
            config=config,
            repository="acme/shop",
            base_commit="abc123",
            uses_aws=False,
            inventory=None,
            delivery=None,
            terraform=None if config.terraform is None else fake.runner(),
            forge=SimpleNamespace(open_pull_requests=tuple, check_permissions=denied),
            records=SimpleNamespace(all=tuple),
            cluster=SimpleNamespace(version=lambda: "v1.31"),
            source=SimpleNamespace(checkout=lambda _commit: fake.directory),
        )


def config(**more):
    return Config(domain="preview.example.com", argocd=ArgoCd(mode=ArgoCdMode.NONE), **more)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda _name, _port: [])
    return Fake(tmp_path)


def found(rooms):
    return {finding.name: finding for finding in examine(rooms)}


def test_one_thing_that_is_missing_hides_no_other(fake):
    findings = found(Rooms(fake, config=config()))
    assert [name for name, finding in findings.items() if not finding.ok] == ["Workflow permissions"]
    assert findings["Workflow permissions"].fix == "Add `deployments: write`."
    assert list(findings)[-1] == "DNS"
    assert not {"Terraform", "Terraform state", "Argo CD", "AWS"} & set(findings)


@pytest.mark.process
def test_terraform_is_initialised_with_a_state_that_is_nobodys(fake):
    own = config(terraform=Terraform(directory="infra", backend={"bucket": "states"}))
    findings = found(Rooms(fake, config=own))
    assert findings["Terraform"].detail == "Terraform 1.11.4"
    assert findings["Terraform state"].detail == "infra initialises"
    assert "plan" not in fake.commands()
    (backend,) = fake.state.rglob("backend.tfbackend.json")
    assert "pr-999999999" in backend.read_text()


@pytest.mark.process
def test_a_module_that_does_not_initialise_is_told(fake):
    fake.plays(init=[play("init_no_credentials", code=1)])
    findings = found(Rooms(fake, config=config(terraform=Terraform(directory="infra"))))
    assert findings["Terraform"].ok
    assert "could not be initialised" in findings["Terraform state"].detail


def test_a_domain_without_a_wildcard_record_is_told(fake, monkeypatch):
    def unknown(name, _port):
        raise socket.gaierror(f"{name}: Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    finding = found(Rooms(fake, config=config()))["DNS"]
    assert finding.detail == "eod-doctor.preview.example.com does not resolve."
    assert "*.preview.example.com" in finding.fix
