import json

import pytest
from click.testing import CliRunner

from eod.cli import cli, run

pytestmark = pytest.mark.process


@pytest.fixture
def pull(repository):
    """A pull request that touches documentation, code and a migration."""
    base = repository.commit({"README.md": "a\n", "src/app.py": "a = 1\n"})
    head = repository.commit(
        {"README.md": "b\n", "src/app.py": "a = 2\n", "db/migrate/1_add_nick.rb": "add_column :users, :nick\n"}
    )
    return ["classify", "--repo", str(repository.path), "--base", base, "--head", head]


def printed(arguments):
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_people_see_the_strictest_first_what_decided_and_how_to_overrule_it(pull):
    text = printed(pull)
    lines = text.splitlines()
    assert lines[0].startswith("database: gets ")
    assert lines[1].startswith("decided by db/migrate/1_add_nick.rb: ")
    assert lines[2] == "without what asks for database it would be lightweight"
    assert text.index("db/migrate/1") < text.rindex("src/app.py") < text.rindex("README.md")
    assert "eod/tier: <tier>" in text


def test_a_forced_tier_still_says_what_the_files_ask_for(pull):
    lines = printed([*pull, "--label", "eod/tier: none"]).splitlines()
    assert lines[0] == "none, forced by eod/tier: none"
    assert lines[1].startswith("without it: database, decided by db/migrate")


def test_where_the_pull_request_asks_for_a_permission_that_is_said(pull, tmp_path):
    config = tmp_path / "eod.yml"
    config.write_text("domain: a.example\noverrule: {permission: admin}\nrules: [{paths: [src/], tier: full}]\n")
    asked = [*pull, "--config", str(config)]
    assert "a person with the permission `admin`" in printed([*asked, "--tier", "none"])
    assert "permission" not in printed([*asked, "--tier", "full"])
    assert "permission" not in printed([*pull, "--tier", "none"])


def test_json_is_stable(pull):
    document = json.loads(printed([*pull, "--json"]))
    assert list(document) == ["tier", "capabilities", "evidence", "forced_by"]
    assert [one["tier"] for one in document["evidence"]] == ["none", "database", "lightweight"]


def test_markdown_is_what_the_comment_shows(pull):
    text = printed([*pull, "--markdown"])
    assert "<summary>Why tier database: 3 changed files</summary>" in text
    assert "| **database** | `db/migrate/1_add_nick.rb` |" in text


def test_one_file_is_explained_rule_by_rule(pull):
    text = printed([*pull, "--explain", "src/app.py"])
    assert text.startswith("lightweight: src/app.py (modified)")
    assert "team: nothing to say" in text
    assert "places: lightweight [code]" in text
    assert text.splitlines()[-1].startswith("So it is lightweight [code]")


def test_a_path_that_did_not_change_is_refused_with_the_nearest_one(pull, capsys):
    assert run([*pull, "--explain", "src/ap.py"]) == 2
    assert "Did you mean `src/app.py`?" in capsys.readouterr().err


def test_two_forms_at_once_are_refused(pull, capsys):
    assert run([*pull, "--json", "--markdown"]) == 2
    assert "exclude one another" in capsys.readouterr().err


def test_nothing_changed(repository):
    head = repository.commit({"a": "1"})
    text = printed(["classify", "--repo", str(repository.path), "--base", head, "--head", head])
    assert text.splitlines()[:2] == ["none", "No file has changed."]


def test_a_name_that_could_fool_a_terminal_is_shown_harmless(repository):
    base = repository.commit({"a": "1"})
    head = repository.commit({b"src/\x1b[2Jx'\".py": "a = 1\n"})
    text = printed(["classify", "--repo", str(repository.path), "--base", base, "--head", head])
    assert "\x1b" not in text
    assert "\\x1b[2Jx" in text
