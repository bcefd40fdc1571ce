"""Migrations of each tool, by path and content, before and after."""

import pytest

from eod.config import Config
from eod.model.change import ChangeKind, ChangeSet, FileChange
from eod.tiers import classify
from tests.tiers.builders import CONFIG, evidence_of, judge, tier_of

RAILS = (
    "class AddNick < ActiveRecord::Migration[7.1]\n  def change\n    add_column :users, :nick, :string\n  end\nend"
)
DJANGO = (
    "from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n    operations = []\n"
)
ALEMBIC = (
    'from alembic import op\nrevision = "1a2b"\ndown_revision = None\n\ndef upgrade():\n    op.drop_table("a")\n'
)
TYPEORM = (
    'import { MigrationInterface, QueryRunner } from "typeorm";\nexport class A implements MigrationInterface {}\n'
)
SEQUELIZE = "module.exports = { up: async (queryInterface) => queryInterface.addColumn('a', 'b') };\n"
KNEX = "exports.up = (knex) => knex.schema.createTable('a', (t) => t.increments());\n"
KYSELY = "export async function up(db: Kysely<any>) {\n  await db.schema.createTable('a').execute();\n}\n"
LARAVEL = "<?php\nuse Illuminate\\Database\\Migrations\\Migration;\nreturn new class extends Migration { };\n"
EF = """\
partial class AddNick : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) {}
}
"""
DOCTRINE = "<?php\nfinal class Version20240101 extends AbstractMigration {}\n"
ECTO = "defmodule A do\n  use Ecto.Migration\n  def change, do: create table(:a)\nend\n"
SEAORM = "#[async_trait]\nimpl MigrationTrait for Migration {}\n"
DDL = "ALTER TABLE users ADD nick text;\n"
LIQUIBASE = '<?xml version="1.0"?>\n<databaseChangeLog>\n<changeSet id="1"/></databaseChangeLog>\n'
GOOSE_GO = "package m\nfunc init() { goose.AddMigrationContext(up, down) }\n"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("src/data/changes/20260101_a.js", KNEX),
        ("db/migrate/20260101_add_nick.rb", RAILS),
        ("engines/shop/db/migrate/20260101_add_nick.rb", RAILS),
        ("db/post_migrate/20260101_add_nick.rb", RAILS),
        ("db/data/20260101_fill.rb", "User.update_all(nick: '')\n"),
        ("shop/migrations/0002_nick.py", DJANGO),
        ("shop/migrations/by_hand.py", DJANGO),
        ("alembic/versions/1a2b_nick.py", ALEMBIC),
        ("migrations/versions/1a2b_nick.py", ALEMBIC),
        ("src/main/resources/db/migration/V2__nick.sql", DDL),
        ("sql/R__views.sql", "SELECT 1;\n"),
        ("src/main/java/db/migration/V3__Fill.java", "class V3__Fill extends BaseJavaMigration {}\n"),
        ("src/main/resources/changes/001.xml", LIQUIBASE),
        ("src/main/resources/changes/001.yaml", "databaseChangeLog:\n  - changeSet:\n      id: 1\n"),
        ("src/main/resources/changes/001.json", '{"databaseChangeLog": []}\n'),
        ("sql/changes.sql", "-- liquibase formatted sql\n-- changeset a:1\nSELECT 1;\n"),
        ("prisma/migrations/2026_nick/migration.sql", DDL),
        ("src/db/1700000000-Nick.ts", TYPEORM),
        ("migrations/20260101-nick.js", SEQUELIZE),
        ("db/knex_migrations/2026-01-01-0000-nick.js", KNEX),
        ("src/migrations/nick.ts", KYSELY),
        ("internal/store/0001_nick.up.sql", DDL),
        ("internal/store/0001_nick.down.sql", "DROP TABLE a;\n"),
        ("sql/00001_nick.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n"),
        ("sql/nick.sql", "-- migrate:up\nSELECT 1;\n"),
        ("internal/m/00002.go", GOOSE_GO),
        ("ent/migrate/schema.go", "package migrate\n"),
        ("migrations/atlas.sum", "h1:abc=\n"),
        ("database/migrations/2026_01_01_000000_nick.php", LARAVEL),
        ("Data/Migrations/20260101_AddNick.cs", EF),
        (
            "Data/Migrations/AppDbContextModelSnapshot.cs",
            "partial class AppDbContextModelSnapshot : ModelSnapshot {}\n",
        ),
        ("Data/Migrations/20260101_AddNick.Designer.cs", "partial class AddNick {}\n"),
        ("src/Migrations/Version20240101.php", DOCTRINE),
        ("priv/repo/migrations/20260101_nick.exs", ECTO),
        ("migrations/2026-01-01_nick/up.sql", DDL),
        ("migration/src/m20260101_nick.rs", SEAORM),
        ("drizzle/0001_nick.sql", DDL),
        ("drizzle/meta/_journal.json", "{}\n"),
        ("supabase/migrations/20260101_nick.sql", DDL),
        ("migrations/04-fill.ts", "export default { up: async () => users.updateMany({}, {}) };\n"),
        ("schema/tables.cql", "CREATE TABLE a (id uuid PRIMARY KEY);\n"),
    ],
)
def test_migrations_of_every_tool_ask_for_a_database(path, content):
    for old, new in ((None, content), (content, None), (content, content + "\n-- x = 1\nDROP TABLE b;\n")):
        evidence = evidence_of(path, old, new)
        assert (str(evidence.tier), evidence.reason[-1]) == ("database", ".")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("db/schema.rb", "ActiveRecord::Schema[7.1].define(version: 1) do\nend\n"),
        ("schema.hcl", 'table "a" {\n  schema = schema.public\n  column "id" {\n    type = int\n  }\n}\n'),
        ("db/structure.sql", DDL),
        ("db/seeds.rb", "User.create!(name: 'a')\n"),
        ("prisma/seed.ts", "await prisma.user.create({});\n"),
        ("scripts/seed.py", "session.add(User())\n"),
        ("database/seeders/DatabaseSeeder.php", "<?php class DatabaseSeeder extends Seeder {}\n"),
        ("priv/repo/seeds.exs", "Repo.insert!(%User{})\n"),
        ("shop/fixtures/users.json", '[{"model": "shop.user", "fields": {}}]\n'),
        ("alembic.ini", "[alembic]\n"),
        ("alembic/env.py", "from alembic import context\n"),
        ("flyway.toml", "[flyway]\n"),
        ("knexfile.js", "module.exports = {};\n"),
        ("atlas.hcl", 'env "local" {}\n'),
        ("deploy/postgresql.conf", "max_connections = 10\n"),
        ("search/users.json", '{"mappings": {"properties": {"name": {"type": "text"}}}}\n'),
    ],
)
def test_schemas_seeds_and_settings_ask_for_a_database(path, content):
    assert tier_of(path, None, content) == "database"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("src/migrations/v2-to-v3.ts", "import { API } from 'jscodeshift';\nexport default (file, api) => api;\n"),
        ("src/migrations/02-rename.js", "const j = require('jscodeshift');\n"),
        ("src/store/migrations/0001.ts", "import { createMigrate } from 'redux-persist';\n"),
        ("packages/cli/migrations/update-16.ts", "import { Tree } from '@nx/devkit';\n"),
        (
            "internal/state/migrations/v1.go",
            "package migrations\n// StateUpgraders lift Terraform's state.\nvar StateUpgraders = 1\n",
        ),
        ("shop/migrations/__init__.py", ""),
        ("pkg/migrate/runner.go", "package migrate\nfunc Run(files []string) error { return nil }\n"),
        ("lib/migrate/reader.rs", "//! Reads files that `create table`s are in.\npub fn read() {}\n"),
        ("ml/seed.py", "import random\nrandom.seed(7)\n"),
        ("fixtures/colours.json", '{"red": 1}\n'),
        ("app/factories/user.rb", "factory :user\n"),
        ("database/factories/UserFactory.php", "<?php class UserFactory extends Factory {}\n"),
    ],
)
def test_what_is_only_named_like_a_migration_or_seed_asks_for_none(path, content):
    evidence = evidence_of(path, None, content)
    assert evidence.rule not in {"migrations", "seeds", "schema", "models"}


def test_a_library_for_migrations_is_code_although_it_speaks_of_tables():
    old = 'pub const SQL: &str = "CREATE TABLE _migrations (id int)";\npub fn one() -> u8 { 1 }\n'
    assert tier_of("core/src/migrate/migrator.rs", old, old.replace("{ 1 }", "{ 2 }")) == "lightweight"
    assert tier_of("core/src/migrate/migrator.rs", old, old.replace("id int", "id int, at int")) == "database"


@pytest.mark.parametrize(
    ("old", "new", "content"),
    [
        ("db/migration/V2__a.sql", "db/migration/V3__a.sql", DDL),
        ("db/migrations/20260101_a.js", "db/migrations/20260102_a.js", KNEX),
        ("Migrations/20260101_A.cs", "Migrations/20260102_A.cs", EF),
        ("db/migrate/20260101_a.rb", "db/migrate/20260102_a.rb", RAILS),
        ("store/0001_a.up.sql", "store/0002_a.up.sql", DDL),
        ("db/migration/V2__a.sql", "db/attic/V2__a.sql", DDL),
        ("migrations/03-a.ts", "migrations/04-a.ts", "export const up = 1;\n"),
    ],
)
def test_a_renamed_migration_is_a_change_although_its_content_is_the_same(old, new, content):
    (evidence,) = judge({old: content}, {new: content}, renames={new: old}).evidence
    assert str(evidence.tier) == "database"


def test_renaming_says_why_it_matters():
    (evidence,) = judge({"V2__a.sql": DDL}, {"V3__a.sql": DDL}, renames={"V3__a.sql": "V2__a.sql"}).evidence
    assert "renamed" in evidence.reason
    assert "Flyway" in evidence.reason


def test_the_line_that_tells_is_quoted():
    assert "`add_column :users, :nick, :string`" in evidence_of("db/migrate/1_a.rb", None, RAILS).reason
    assert "`ALTER TABLE users ADD nick text`" in evidence_of("db/migration/V2__a.sql", None, DDL).reason


def test_a_migration_that_decides_who_sees_rows_is_full():
    policy = "CREATE POLICY own ON notes USING (auth.uid() = owner);\n"
    evidence = evidence_of("supabase/migrations/1_notes.sql", None, f"CREATE TABLE notes (id int);\n{policy}")
    assert (str(evidence.tier), evidence.rule) == ("full", "migrations")


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("model A {\n id Int @id\n}\n", "model A {\n id Int @id\n b Int\n}\n", "database"),
        ("model A {\n id Int @id\n}\n", "model A {\n  id   Int @id // key\n}\n", "none"),
        ("model A {\n id Int\n}\n", 'generator c {\n provider = "x"\n}\nmodel A {\n id Int\n}\n', "lightweight"),
        ('datasource d {\n provider = "mysql"\n}\n', 'datasource d {\n provider = "postgresql"\n}\n', "database"),
        ("enum E {\n A\n}\n", "enum E {\n A\n B\n}\n", "database"),
        (None, "model A {\n id Int\n}\n", "database"),
        ("model A {\n id Int\n}\n", None, "database"),
    ],
)
def test_prismas_schema_is_compared_block_by_block(old, new, tier):
    assert tier_of("prisma/schema.prisma", old, new) == tier


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("config/database.yml", "a:\n  adapter: mysql2\n", "a:\n  adapter: postgresql\n", "database-settings"),
        ("config/database.yml", "a:\n  adapter: mysql2\n  pool: 5\n", "a:\n  adapter: mysql2\n  pool: 9\n", None),
        (
            "src/main/resources/application.yml",
            "url: jdbc:h2:mem\n",
            "url: jdbc:postgresql://x/y\n",
            "database-settings",
        ),
        ("src/main/resources/application.yml", "url: jdbc:h2:a\n", "url: jdbc:h2:b\n", None),
        (
            "application.properties",
            "spring.jpa.hibernate.ddl-auto=none\n",
            "spring.jpa.hibernate.ddl-auto=update\n",
            "database-settings",
        ),
        (
            "shop/settings.py",
            "E = 'django.db.backends.sqlite3'\n",
            "E = 'django.db.backends.mysql'\n",
            "database-settings",
        ),
    ],
)
def test_configuration_counts_where_it_names_another_engine(path, old, new, rule):
    found = evidence_of(path, old, new).rule
    assert found == rule if rule else found != "database-settings"


def test_without_content_a_place_is_enough_and_a_folder_of_migrations_too():
    def by_path(path):
        change = FileChange(path=path, kind=ChangeKind.MODIFIED)
        return str(classify(ChangeSet(base="b", head="h", merge_base="b", files=(change,)), CONFIG).tier)

    for path in (
        "alembic/versions/1_a.py",
        "src/migrations/anything.ts",
        "x/report.sql",
        "a/schema.prisma",
        "seed.go",
    ):
        assert by_path(path) == "database"
    assert by_path("src/plain.go") == "lightweight"


@pytest.mark.parametrize("content", [b"\0binary", b"x" * (9 << 20)])
def test_what_cannot_be_read_is_taken_for_what_its_place_says(content):
    assert tier_of("db/migration/V2__a.sql", None, content) == "database"
    assert tier_of("reports/a.sql", None, content) == "database"
    assert tier_of("app/migrations/next.ts", None, content) == "database"


def test_settings_that_were_renamed_are_no_order_of_migrations():
    (evidence,) = judge(
        {"a/alembic.ini": "[a]\n"}, {"alembic.ini": "[a]\n"}, renames={"alembic.ini": "a/alembic.ini"}
    ).evidence
    assert str(evidence.tier) == "database"
    assert "order" not in evidence.reason


def test_sql_in_a_folder_of_migrations_is_a_migration_whatever_it_does():
    evidence = evidence_of("store/migration/mysql/01__fill.sql", None, "SELECT 1;\n")
    assert (str(evidence.tier), evidence.rule) == ("database", "migrations")
    assert (
        "`CREATE TABLE a (b int)`"
        in evidence_of("store/migration/02__a.sql", None, "CREATE TABLE a (b int);").reason
    )


def test_the_examiner_can_be_switched_off():
    config = Config(domain="a.example", switched_off=("migrations",))
    assert evidence_of("db/migrate/1_a.rb", None, RAILS, config=config).rule == "code"
