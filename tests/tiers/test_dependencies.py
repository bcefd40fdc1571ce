import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.tiers.dependencies.ecosystems import place_of
from eod.tiers.dependencies.versions import Step, moves
from eod.tiers.lines import changed_lines
from tests.tiers.builders import evidence_of


def judged(path, old, new):
    found = evidence_of(path, old, new)
    return found.tier.value, found.rule


def package(**keys):
    return json.dumps({"name": "shop", **keys}, indent=2)


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("package-lock.json", "a 1", "a 2", ("lightweight", "dependencies")),
        ("go.sum", "x v1", "github.com/lib/pq v1", ("lightweight", "dependencies")),
        ("web/yarn.lock", "a", "b", ("lightweight", "dependencies")),
        ("requirements.txt", "flask==2.0\n", "flask==3.0\n", ("lightweight", "dependencies")),
        ("requirements.txt", "flask\n", "flask\npsycopg2-binary==2.9\n", ("database", "database-driver")),
        ("requirements.txt", "flask\n", "flask\n# psycopg2-binary later\n", ("none", "comments")),
        ("requirements/base.txt", "psycopg2==2.8\n", "psycopg2==2.9\n", ("lightweight", "dependencies")),
        ("requirements.txt", "Flask_SQLAlchemy==2\n", "flask\n", ("database", "database-driver")),
        ("go.mod", "require x v1\n", "require x v1\nrequire github.com/jackc/pgx/v5 v5.1.0\n",
         ("database", "database-driver")),
        ("build.sbt", "", 'a += "com.stripe" % "stripe-java" % "24.0"', ("full", "sensitive-sdk")),
        ("build.sbt", "", '"org.typelevel" %% "doobie-core" % "1"', ("database", "database-driver")),
        ("Package.swift", "", '.package(url: "https://github.com/vapor/jwt.git", from: "4.0.0")',
         ("full", "sensitive-sdk")),
        ("Package.swift", "", '.package(url: "https://github.com/vapor/fluent.git", from: "4.0.0")',
         ("database", "database-driver")),
        ("pom.xml", "<a/>", "<artifactId>postgresql</artifactId>", ("database", "database-driver")),
        ("build.gradle.kts", "", 'runtimeOnly("org.postgresql:postgresql:42.7")', ("database", "database-driver")),
        ("Gemfile", "gem 'rails'\n", "gem 'rails'\ngem 'pg', '~> 1.5'\n", ("database", "database-driver")),
        ("src/Shop.csproj", "<P/>", '<PackageReference Include="Npgsql" Version="8.0.0" />',
         ("database", "database-driver")),
        ("Cargo.toml", "[dependencies]\n", "[dependencies]\nsqlx = '0.8'\n", ("database", "database-driver")),
        ("mix.exs", "[]", "[{:ecto_sql, \"~> 3.10\"}]", ("database", "database-driver")),
        ("composer.json", "{}", '{"require": {"doctrine/orm": "^3"}}', ("database", "database-driver")),
        ("package.json", package(dependencies={"a": "1"}), package(dependencies={"a": "1", "pg": "8"}),
         ("database", "database-driver")),
        ("package.json", package(devDependencies={}), package(devDependencies={"pg": "8"}),
         ("lightweight", "dependencies")),
        ("package.json", package(), package(description="uses postgres and redis"), ("none", "tool-settings")),
        ("package.json", package(scripts={"test": "a"}), package(scripts={"test": "b"}),
         ("none", "tool-settings")),
        ("package.json", package(scripts={"start": "a"}), package(scripts={"start": "b"}),
         ("lightweight", "dependencies")),
        ("package.json", "{", package(), ("lightweight", "dependencies")),
        ("pyproject.toml", "[tool.ruff]\na = 1\n", "[tool.ruff]\na = 2\n", ("none", "tool-settings")),
        ("pyproject.toml", "[project]\ndependencies = ['a']\n", "[project]\ndependencies = ['a', 'asyncpg']\n",
         ("database", "database-driver")),
        ("pyproject.toml", "[tool.ruff]\na = 1\n", "[tool.poetry]\na = 1\n", ("lightweight", "dependencies")),
        ("package.json", package(dependencies={}), package(dependencies={"stripe": "14"}),
         ("full", "sensitive-sdk")),
        ("package.json", package(dependencies={"stripe": "14"}), package(dependencies={"stripe": "15"}),
         ("lightweight", "dependencies")),
        ("requirements.txt", "flask\n", "flask\npyjwt==2\n", ("full", "sensitive-sdk")),
        ("Gemfile", "gem 'rails'\n", "gem 'rails'\ngem 'devise'\n", ("full", "sensitive-sdk")),
        ("go.mod", "require x v1\n", "require github.com/stripe/stripe-go/v76 v76.1.0\n",
         ("full", "sensitive-sdk")),
        ("pom.xml", "<a/>", "<groupId>com.stripe</groupId>\n<artifactId>stripe-java</artifactId>",
         ("full", "sensitive-sdk")),
        ("build.gradle", "", "implementation 'org.springframework.boot:spring-boot-starter-security'",
         ("full", "sensitive-sdk")),
        ("composer.json", '{"require": {"stripe/stripe-php": "1"}}', "{}", ("full", "sensitive-sdk")),
        (".nvmrc", "20", "22", ("lightweight", "dependencies")),
    ],
)  # fmt: skip
def test_what_a_manifest_asks_for(path, old, new, expected):
    assert judged(path, old, new) == expected


def test_the_reason_says_how_far_versions_move():
    found = evidence_of("requirements.txt", "a==1.2.3\nb==1.0.0\n", "a==1.2.4\nb==2.0.0\n")
    assert found.reason == "2 versions move, by a major version at most (1.0.0 to 2.0.0)."


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("a==1.2.3", "a==1.2.4", Step.PATCH),
        ("a==1.2.3", "a==1.3.0", Step.MINOR),
        ("a==0.2.3", "a==0.3.0", Step.MAJOR),
        ("a==0.2.3", "a==0.2.4", Step.PATCH),
        ('"a": "^1.2"', '"a": "^2.0",', Step.MAJOR),
        ("a v1.2.3-rc1", "a v1.2.3", Step.OTHER),
        ("node 20", "node 22", Step.MAJOR),
    ],
)
def test_steps_between_versions(before, after, step):
    (move,) = moves(changed_lines(before, after))
    assert move.step is step


def test_lines_that_say_something_else_are_no_move():
    assert moves(changed_lines("a==1", "b==1")) == ()


def test_other_files_belong_to_no_package_manager():
    assert place_of("src/main.py") is None


@given(
    st.sampled_from(["package.json", "pyproject.toml", "go.mod", "pom.xml"]), st.binary(max_size=80), st.binary()
)
def test_any_bytes_are_judged(path, old, new):
    if old != new:
        assert evidence_of(path, old, new).reason
