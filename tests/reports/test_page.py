import subprocess
import sys
from pathlib import Path

import pytest

from demo.page import render_page
from eod.reports.renderer import Renderer
from tests.reports import samples

ROOT = Path(__file__).resolve().parents[2]


def test_each_document_is_shown_under_its_title_as_github_would():
    text = Renderer().comment(samples.FAILED, samples.at(6))
    page = render_page([("pr-123 <ready>", text), ("second", "~~gone~~")], title="Demo & more")
    assert "<title>Demo &amp; more</title>" in page
    assert "pr-123 &lt;ready&gt;" in page
    assert '<blockquote class="alert alert-caution" data-title="Caution">' in page
    assert "[!CAUTION]" not in page
    assert "<table>" in page
    assert "<s>gone</s>" in page
    assert "eod-action: {" in page


def test_the_page_needs_nothing_from_outside():
    page = render_page([("a", "b")])
    assert "src=" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_a_quotation_that_is_no_alert_stays_one():
    page = render_page([("a", "> just words\n\n> [!NOTE]")])
    assert "<blockquote>" in page
    assert 'class="alert alert-note"' in page


@pytest.mark.process
def test_the_script_makes_a_page_of_files(tmp_path):
    path = tmp_path / "comment.md"
    path.write_text("### ✅ ready\n", encoding="utf-8")
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "render_comment.py"), str(path)], capture_output=True, check=True
    )
    assert "<h3>✅ ready</h3>" in made.stdout.decode()
