"""Compose files, Dockerfiles, and what is a new service."""

import pytest

from tests.tiers.builders import evidence_of, judge, tier_of

COMPOSE = """
version: "3"
services:
  web:
    build: .
    environment: {A: "1"}
    ports: ["80:80"]
  db:
    image: postgres:15
    environment: {POSTGRES_DB: a}
"""


def verdict(path, old, new, beside=None):
    found = evidence_of(path, old, new, beside=beside or {})
    return str(found.tier), found.rule


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ('A: "1"', 'A: "2"', "lightweight"),
        ("80:80", "81:80", "lightweight"),
        ("    build: .\n", "    build: .\n    command: x\n", "lightweight"),
        ("postgres:15", "postgres:16", "database"),
        ("postgres:15", "mysql:8", "database"),
        ("postgres:15", "postgres:${TAG:-16}", "database"),
        ("POSTGRES_DB: a", "POSTGRES_DB: b", "database"),
        ("    image: postgres:15\n", "    image: postgres:15\n    restart: always\n", "lightweight"),
        (
            "    image: postgres:15\n",
            "    image: postgres:15\n    volumes: ['./i:/docker-entrypoint-initdb.d']\n",
            "database",
        ),
        ("services:\n", "services:\n  cache: {image: 'redis:7'}\n", "database"),
        ("services:\n", "services:\n  queue: {image: 'confluentinc/cp-kafka:7'}\n", "full"),
        ("services:\n", "services:\n  worker: {build: ./worker}\n", "full"),
        ("services:\n", "services:\n  mail: {image: mailhog/mailhog}\n", "lightweight"),
        ("  web:\n", "  site:\n", "lightweight"),
        ("    build: .\n", "    build: .\n    privileged: true\n", "full"),
        ('version: "3"\n', "", "none"),
    ],
)
@pytest.mark.parametrize("name", ["docker-compose.yml", "compose.dev.yaml", "deploy/docker-compose.override.yml"])
def test_what_changes_in_a_compose_file(name, old, new, tier):
    assert old in COMPOSE
    assert tier_of(name, COMPOSE, COMPOSE.replace(old, new, 1)) == tier


def test_a_compose_file_is_known_by_its_content_too():
    assert tier_of("docker/stack.yml", COMPOSE, COMPOSE.replace("postgres:15", "postgres:16")) == "database"


def test_services_of_tests_run_in_ci():
    assert verdict("docker/compose-e2e.yml", COMPOSE, COMPOSE.replace("15", "16")) == ("none", "test-setup")
    for path in ("docker-compose.ci.yml", ".ci/compose.yaml"):
        assert tier_of(path, COMPOSE, COMPOSE.replace("15", "16")) == "none"


@pytest.mark.parametrize("path", ["a/integration/Dockerfile", "ci-manager/Dockerfile", "contest/Dockerfile"])
def test_a_service_is_not_taken_for_a_test(path):
    assert tier_of(path, "FROM a\nRUN a\n", "FROM a\nRUN b\n") == "lightweight"
    assert tier_of(path, None, "FROM a\n", beside={"services/a/Dockerfile": "FROM a"}) != "none"


def test_a_compose_file_that_is_removed_or_new_packages_what_is_there():
    only_web = COMPOSE.partition("  db:")[0]
    assert tier_of("compose.yaml", None, only_web) == "lightweight"
    assert tier_of("compose.yaml", COMPOSE, None) == "lightweight"
    assert tier_of("compose.yaml", None, COMPOSE) == "database"


DOCKERFILE = """# syntax=docker/dockerfile:1
ARG VERSION=15
FROM golang:1.22 AS build
LABEL team=a
RUN go build \\
    # inside a continued line
    -o /app .
RUN <<EOF
LABEL no=label
EOF
FROM alpine:3.19
COPY --from=build /app /app
EXPOSE 80
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("golang:1.22", "golang:1.23", ("lightweight", "image-version")),
        ("team=a", "team=b", ("none", "description")),
        ("inside a continued line", "another remark", ("none", "same-manifest")),
        (" AS build", " as build", ("none", "same-manifest")),
        ("no=label", "no=thing", ("lightweight", "image-build")),
        ("-o /app", "-o /bin", ("lightweight", "image-build")),
        ("EXPOSE 80", "EXPOSE 80\nUSER 1000", ("lightweight", "image-build")),
        ("dockerfile:1", "dockerfile:2", ("lightweight", "image-build")),
        ("alpine:3.19", "postgres:${VERSION}", ("database", "database-engine")),
    ],
)
def test_what_changes_in_a_dockerfile(old, new, expected):
    assert old in DOCKERFILE
    assert verdict("api/Dockerfile", DOCKERFILE, DOCKERFILE.replace(old, new)) == expected


def test_the_image_of_a_database_is_a_database():
    text = "ARG V=15\nFROM postgres:${V}\nRUN apt-get install x\n"
    assert tier_of("db/Dockerfile", text, text.replace("V=15", "V=16")) == "database"
    assert tier_of("db/Dockerfile", text, text.replace("install x", "install y")) == "database"
    assert tier_of("db/Dockerfile", None, text) == "database"
    client = "FROM postgres:15 AS tools\nFROM alpine\nCOPY --from=tools /usr/bin/psql /bin\n"
    assert tier_of("api/Dockerfile", client, client.replace("15", "16")) == "lightweight"
    chosen = "ARG DB=false\nFROM node AS db_false\nFROM mongo:6 AS db_true\nFROM db_${DB} AS final\nRUN a\n"
    assert tier_of("api/Dockerfile", chosen, chosen.replace("RUN a", "RUN b")) == "lightweight"
    assert tier_of("api/Dockerfile", chosen, chosen.replace("DB=false", "DB=true")) == "database"
    assert tier_of("mssql/Dockerfile", None, "FROM mcr.microsoft.com/mssql/server:2022\n") == "database"


OTHER = {"Dockerfile": "FROM alpine"}


@pytest.mark.parametrize(
    ("path", "before", "beside", "tier"),
    [
        ("Dockerfile.worker", {"main.go": "x", **OTHER}, {}, "full"),
        ("docker/mail.Dockerfile", {"main.go": "x", "docker/api.Dockerfile": "FROM x"}, {}, "full"),
        ("Dockerfile.worker", {"main.go": "x", "build/Dockerfile": "FROM x"}, {}, "lightweight"),
        ("Dockerfile.alpine3", {"main.go": "x", **OTHER}, {}, "lightweight"),
        ("Dockerfile.prod", {"main.go": "x", **OTHER}, {}, "lightweight"),
        ("Dockerfile.worker.prod", {"main.go": "x", **OTHER}, {}, "full"),
        ("Dockerfile.python-worker", {"main.go": "x", **OTHER}, {}, "full"),
        ("Dockerfile.worker-alpine", {"Dockerfile.worker": "FROM x", **OTHER}, {}, "lightweight"),
        ("worker.Dockerfile", {"Dockerfile.worker.dev": "FROM x", **OTHER}, {}, "full"),
        ("svc/b/docker/Dockerfile", {"svc/a/docker/Dockerfile": ""}, {"svc/b/x.go": "x"}, "full"),
        ("svc/b/docker/Dockerfile", {"main.go": "x", **OTHER}, {"svc/b/x.go": "x"}, "full"),
        ("svc/b/docker/Dockerfile", {"svc/b/x.go": "x", **OTHER}, {}, "lightweight"),
        (
            "svc/b/Dockerfile.alpine",
            {"svc/b/Dockerfile": "", "svc/a/Dockerfile": ""},
            {},
            "lightweight",
        ),
        ("services/b/Dockerfile", {"services/b/x.go": "x", "services/a/Dockerfile": "FROM x"}, {}, "full"),
        ("api/Dockerfile", {"api/main.go": "x", **OTHER}, {}, "lightweight"),
        ("api/Dockerfile", {"api/src/main.go": "x", **OTHER}, {}, "lightweight"),
        ("api/Dockerfile", {"main.go": "x", **OTHER}, {"api/main.go": "x"}, "full"),
        ("services/b/Dockerfile", {"services/a/Dockerfile": "FROM x"}, {}, "full"),
        ("docker/Dockerfile", {"main.go": "x", **OTHER}, {}, "lightweight"),
        ("Dockerfile", {"main.go": "x"}, {}, "full"),
        ("docker/Dockerfile", {"main.go": "x"}, {}, "full"),
        ("Dockerfile", {"main.go": "x", "build/image/Dockerfile": "FROM x"}, {}, "lightweight"),
        ("new/Dockerfile.dev", {"main.go": "x"}, {"new/main.go": "x"}, "lightweight"),
        ("Procfile", {"main.go": "x"}, {}, "lightweight"),
        ("new/Procfile", {"main.go": "x"}, {"new/main.go": "x"}, "full"),
    ],
)
def test_a_new_dockerfile_is_a_new_service_where_its_code_is_new_or_nothing_ran_before(path, before, beside, tier):
    found = judge(before, {**before, **beside, path: "FROM alpine\n"})
    (evidence,) = [each for each in found.evidence if each.path == path]
    assert str(evidence.tier) == tier
    if tier == "full":
        assert evidence.rule == "new-service"


def test_a_dockerfile_that_goes_is_lightweight():
    assert tier_of("api/Dockerfile", DOCKERFILE, None) == "lightweight"


@pytest.mark.parametrize(
    "path", ["skaffold.yaml", "Tiltfile", "docker-bake.hcl", ".dockerignore", "api/x.dockerignore"]
)
def test_tools_of_developers(path):
    assert tier_of(path, "a", "b") == "lightweight"


@pytest.mark.parametrize(("path", "tier"), [("opa/deny.rego", "full"), ("opa/deny_test.rego", "none")])
def test_policies(path, tier):
    assert tier_of(path, "a", "b") == tier


CLOUDFORMATION = """
AWSTemplateFormatVersion: "2010-09-09"
Description: a stack
Resources:
  Table: {Type: "AWS::DynamoDB::Table", Properties: {BillingMode: PROVISIONED}}
  Queue: {Type: "AWS::SQS::Queue", Properties: {Tags: [{Key: a, Value: b}], VisibilityTimeout: 30}}
  Work:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.11, MemorySize: 128, Policies: [A], Role: !GetAtt R.Arn}
"""


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("a stack", "the stack", "none"),
        ("Value: b", "Value: c", "none"),
        ("PROVISIONED", "PAY_PER_REQUEST", "database"),
        ("VisibilityTimeout: 30", "VisibilityTimeout: 60", "full"),
        ("python3.11", "python3.12", "lightweight"),
        ("Policies: [A]", "Policies: [A, B]", "full"),
        ("!GetAtt R", "!Ref R", "full"),
        ("Resources:\n", "Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n", "full"),
        ("Resources:\n", "Resources:\n  Db: {Type: 'AWS::RDS::DBInstance'}\n", "database"),
        ("Resources:\n", "Parameters: {A: {Type: String, Default: b}}\nResources:\n", "full"),
    ],
)
def test_what_changes_in_a_cloudformation_template(old, new, tier):
    assert old in CLOUDFORMATION
    assert tier_of("aws/stack.yaml", CLOUDFORMATION, CLOUDFORMATION.replace(old, new)) == tier


SERVERLESS = """
service: a
provider: {name: aws, runtime: nodejs18.x, iam: {role: x}}
functions: {a: {handler: a.b, memorySize: 128, events: [{http: GET /}]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("memorySize: 128", "memorySize: 256", "lightweight"),
        ("nodejs18.x", "nodejs20.x", "lightweight"),
        ("GET /", "POST /", "full"),
        ("role: x", "role: y", "full"),
        ("service: a\n", "service: a\nresources: {Resources: {T: {Type: 'AWS::DynamoDB::Table'}}}\n", "database"),
    ],
)
def test_what_changes_in_a_serverless_file(old, new, tier):
    assert old in SERVERLESS
    assert tier_of("serverless.yml", SERVERLESS, SERVERLESS.replace(old, new)) == tier
