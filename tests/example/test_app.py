import hashlib
import json
import re

import pytest


@pytest.fixture
def server(example, load_module):
    return load_module(example / "app/server.py")


def test_the_shop_answers_without_a_database(server):
    assert json.loads(server.answer("/api/teas", "").body) == [{"name": "Sample tea", "price_cents": 100}]
    assert server.answer("/", "").content_type == "text/html"


def test_texts_come_in_the_asked_language_and_else_in_english(server):
    german = json.loads(server.answer("/api/texts?lang=de", "").body)
    assert german["title"] == "Teeladen"
    assert server.answer("/api/texts?lang=xx", "").body == server.answer("/api/texts", "").body


@pytest.mark.parametrize("path", ["/../server.py", "/%2e%2e/server.py", "/assets/../../server.py", "//etc/passwd"])
def test_nothing_outside_the_pages_is_served(server, path):
    assert server.answer(path, "").status == 404


def test_assets_are_versioned_by_their_content_and_every_one_is_used(example, server):
    page = (example / "app/web/index.html").read_text("utf-8")
    assets = list((example / "app/web/assets").iterdir())
    assert assets
    for asset in assets:
        version = re.fullmatch(r"[a-z]+\.([0-9a-f]{8})\.(css|js)", asset.name)
        assert version
        assert hashlib.sha256(asset.read_bytes()).hexdigest().startswith(version[1])
        assert f"/assets/{asset.name}" in page
        assert "immutable" in server.answer(f"/assets/{asset.name}", "").cache_control
    assert server.answer("/", "").cache_control == "no-cache"


def test_every_text_exists_in_every_language(example):
    page = (example / "app/web/index.html").read_text("utf-8")
    used = set(re.findall(r'data-text="(\w+)"', page))
    for file in (example / "app/locales").glob("*.json"):
        assert set(json.loads(file.read_text("utf-8"))) == used, file.name


def test_migrations_run_in_order_and_once(repository, load_module):
    migrate = load_module(repository / "app/migrate.py")
    names = [file.name for file in migrate.pending(set())]
    assert [int(name.split("_")[0]) for name in names] == list(range(1, len(names) + 1))
    assert [file.name for file in migrate.pending(set(names[:-1]))] == names[-1:]
