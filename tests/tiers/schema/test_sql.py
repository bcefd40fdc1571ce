"""SQL by its statements: what changed, and what that does."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.tiers.schema.sql.difference import difference
from tests.runaway import RUNAWAY_SECONDS
from tests.tiers.builders import evidence_of, tier_of

TABLE = "CREATE TABLE users (id int);\n"
QUERY = "SELECT id FROM users;\n"


def kind(new, old=""):
    found = difference(old, new)
    return found and str(found.kind)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 1", "query"),
        ("select a.b, (select 1) from a join b on true", "query"),
        ("SELECT id FROM jobs FOR UPDATE SKIP LOCKED", "query"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "query"),
        ("WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone", "dml"),
        ("WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a", "dml"),
        ("SELECT * INTO copy FROM users", "ddl"),
        ("EXPLAIN SELECT 1", "query"),
        ("SELECT 'DROP TABLE users'", "query"),
        ("SELECT a FROM b WHERE c >= 1 AND d::int <> 2 AND e ->> 'x' = 'insert'", "query"),
        ("UPDATE t SET a = {name}", "application"),
        ("UPDATE t SET a = #{name}", "application"),
        ("SELECT 1 -- DROP TABLE users", "query"),
        ("SELECT setval('a_seq', 7)", "dml"),
        ("SELECT do_something()", "call"),
        ("CREATE TEMPORARY TABLE t AS SELECT 1", "query"),
        ("CREATE TABLE t (id int)", "ddl"),
        ("create or replace view v as select 1", "ddl"),
        ("ALTER TABLE t ADD c int", "ddl"),
        ("COMMENT ON TABLE t IS 'x'", "ddl"),
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "ddl"),
        ("CREATE FUNCTION f() RETURNS int AS $$ BEGIN DELETE FROM a; RETURN 1; END $$ LANGUAGE plpgsql", "ddl"),
        ("INSERT INTO t VALUES (1, 'a?')", "dml"),
        ("INSERT INTO t VALUES ($1, $2)", "application"),
        ("UPDATE t SET a = :a WHERE b = :b", "application"),
        ("UPDATE t SET a = ? WHERE b = ?", "application"),
        ("UPDATE t SET a = @a", "application"),
        ("UPDATE t SET a = %(a)s", "application"),
        ("UPDATE t SET a = b::text", "dml"),
        ("DELETE FROM t", "dml"),
        ("GRANT SELECT ON t TO reader", "grant"),
        ("CREATE ROLE reader", "access"),
        ("CREATE POLICY p ON t USING (true)", "access"),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "access"),
        ("ALTER USER a WITH PASSWORD 'x'", "access"),
        ("SET search_path = a", "session"),
        ("BEGIN", "session"),
        ("FROB THE TABLE", "unknown"),
        ("SELECT FROM WHERE INTO (", "unknown"),
    ],
)
def test_a_statement_is_known_by_what_it_does(statement, expected):
    assert kind(statement) == expected
    assert kind(f"SELECT 2;\n/* x */ {statement};\n", "SELECT 2;\n") == expected


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        (TABLE + QUERY, TABLE + "SELECT id, name FROM users;\n", "lightweight"),
        (TABLE + QUERY, "CREATE TABLE users (id bigint);\n" + QUERY, "database"),
        (QUERY, None, "lightweight"),
        (TABLE, None, "database"),
        (None, QUERY, "lightweight"),
        (None, TABLE, "database"),
        (QUERY + "SELECT 2;\n", "SELECT 2;\n" + QUERY, "lightweight"),
        (TABLE + "CREATE TABLE b (id int);\n", "CREATE TABLE b (id int);\n" + TABLE, "database"),
        (TABLE, TABLE + "CREATE ROLE a;\n", "full"),
        (TABLE, TABLE + "GRANT SELECT ON users TO a;\n", "full"),
        (TABLE, TABLE + "CREATE TABLE b (id int); GRANT SELECT ON b TO a;\n", "database"),
        ("-- name: Get :one\n" + QUERY, "-- name: Get :many\n" + QUERY, "lightweight"),
        (
            "-- name: Add :exec\nINSERT INTO t VALUES (1);\n",
            "-- name: Add :exec\nINSERT INTO t VALUES (2);\n",
            "lightweight",
        ),
        ("INSERT INTO t VALUES (1);\n", "INSERT INTO t VALUES (2);\n", "database"),
    ],
)
def test_only_changed_statements_count(old, new, tier):
    assert tier_of("sql/things.sql", old, new) == tier


def test_a_model_of_dbt_is_a_query():
    old = "{{ config(materialized='table') }}\nwith a as (select * from {{ ref('users') }})\nselect id from a\n"
    assert tier_of("dbt/models/users.sql", old, old.replace("select id", "select id, name")) == "lightweight"
    assert (
        tier_of("dbt/models/new.sql", None, old + "{% if is_incremental() %} where x > 1 {% endif %}\n")
        == "lightweight"
    )


def test_a_template_of_queries_is_read_as_well():
    stringtemplate = (
        "group UserSqlDao: EntitySqlDao;\ngetAll() ::= <<\n  select <fields()> from users where id = :id\n>>\n"
    )
    assert (
        tier_of("a/UserSqlDao.sql.stg", stringtemplate, stringtemplate.replace("users", "people")) == "lightweight"
    )
    update = stringtemplate + "rename() ::= <<\n  update users set name = :name\n>>\n"
    assert tier_of("a/UserSqlDao.sql.stg", stringtemplate, update) == "lightweight"
    assert tier_of("a/Users.sql.j2", None, "SELECT * FROM {{ table }};\n") == "lightweight"
    assert tier_of("a/Users.sql.erb", None, "DROP TABLE <%= table %>;\n") == "database"


@pytest.mark.parametrize(
    "body",
    [
        "CREATE PROCEDURE p()\nBEGIN\n  IF a THEN SELECT 1; END IF;\n  SELECT {0};\nEND;\n",
        "DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  SELECT {0};\nEND$$\nDELIMITER ;\n",
        "CREATE FUNCTION f() RETURNS int AS $a$\nBEGIN\n SELECT 1; SELECT {0};\nEND\n$a$ LANGUAGE plpgsql;\n",
        "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT {0}; END;\n",
    ],
)
def test_what_a_routine_holds_is_part_of_the_routine(body):
    assert tier_of("sql/routines.sql", body.replace("{0}", "7"), body.replace("{0}", "8")) == "database"


def test_a_statement_that_hides_behind_a_backslash_is_found():
    assert tier_of("sql/a.sql", None, "SELECT '\\'; DROP TABLE users; SELECT ';") == "database"


def test_a_query_moved_elsewhere_is_a_query_and_a_table_is_none():
    assert str(evidence_of("sql/a.sql", None, QUERY).reason).endswith("`SELECT id FROM users`.")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (" + ",".join(f"c{n} int" for n in range(10_000)) + ");",
        "SELECT " + ",".join(f"c{n}" for n in range(10_000)) + " INTO x FROM t;",
        "SELECT " + "(" * 5_000 + "insert" + ")" * 5_000 + ";",
        "SELECT 1 INTO;" * 20_000,
        "{%" * 100_000 + " insert",
        "'" + "\\'" * 200_000,
        "$a$" * 100_000,
        "SELECT ({{ into " * 20_000,
        "CREATE FUNCTION begin case end " * 20_000,
        "{ insert " * 50_000,
        "a" * (2 << 20),
    ],
)
def test_hostile_sql_is_answered_soon_and_never_lightly(text):
    start = time.perf_counter()
    assert tier_of("sql/a.sql", None, text) in {"database", "full"}
    assert time.perf_counter() - start < RUNAWAY_SECONDS


@pytest.mark.parametrize(
    "text", ["/*" * 200_000, "[" * 300_000, "\n" * 500_000 + "GO", "-- name" * 100_000, "DELIMITER $$\n" * 20_000]
)
def test_a_text_without_statements_is_answered_soon(text):
    start = time.perf_counter()
    assert tier_of("sql/a.sql", None, text) == "lightweight"
    assert time.perf_counter() - start < RUNAWAY_SECONDS


sql = st.lists(
    st.sampled_from(
        [
            "SELECT",
            "INSERT",
            "INTO",
            "(",
            ")",
            ";",
            "'",
            '"',
            "$$",
            "--",
            "/*",
            "*/",
            "\n",
            "BEGIN",
            "END",
            "{{",
            "x",
            "#",
        ]
    ),
    max_size=30,
).map(" ".join)


@settings(deadline=None)
@given(sql | st.text(), sql | st.text())
def test_any_two_texts_have_an_answer(old, new):
    assert tier_of("sql/a.sql", old, new) in {"none", "lightweight", "database", "full"} if old != new else True


@settings(deadline=None, max_examples=50)
@given(sql)
def test_a_table_is_never_overlooked(text):
    """Whatever stands before it, if only it ends: quotes and comments that stay open swallow what follows."""
    if not any(mark in text for mark in ("'", '"', "$$", "/*", "--", "{{", "#", "BEGIN", "END")):
        assert tier_of("sql/a.sql", f"{text};\n", f"{text};\nCREATE TABLE a (id int);\n") == "database"
