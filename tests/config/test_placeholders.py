import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config.placeholders import KNOWN, fill, placeholders_in, sanitise, unknown_in
from eod.errors import ConfigError

VALUES = dict.fromkeys(KNOWN, "V") | {"number": "7", "environment": "pr-7", "owner": "ada", "head_ref": "main"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("pr-{number}", "pr-7"),
        ("{number}{environment}", "7pr-7"),
        ("{{number}}", "{number}"),
        ("{{{number}}}", "{7}"),
        ("{{{{number}}}}", "{{number}}"),
        ('{"pr":{number}}', '{"pr":7}'),
        ("{}", "{}"),
        ("{ number }", "{ number }"),
        ("{{ .Values.number }}", "{{ .Values.number }}"),
        ("{0}", "{0}"),
        ("{", "{"),
        ("{number", "{number"),
        ("number}", "number}"),
    ],
)
def test_one_word_in_braces_is_filled_in(text, filled):
    assert fill(text, VALUES) == filled


def test_nested_data_is_filled_in_and_keys_are_left_alone():
    data = {"{number}": ["{number}", ("{environment}", 1, None, True)], "a": {"b": {"c": "{number}"}}}
    assert fill(data, VALUES) == {"{number}": ["7", ("pr-7", 1, None, True)], "a": {"b": {"c": "7"}}}


def test_a_placeholder_without_a_value_is_an_error():
    with pytest.raises(ConfigError, match="cannot be filled in here"):
        fill("{tier}", {"number": "7"})
    with pytest.raises(ConfigError):
        fill({"a": ["{nope}"]}, VALUES)


def test_a_value_is_not_filled_in_again():
    assert fill("{domain}", {"domain": "{number}", "number": "7"}) == "{number}"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("feature/x-1", "feature/x-1"),
        ("dependabot[bot]", "dependabot-bot"),
        ("dependabot/npm/@types/node-1.2", "dependabot/npm/@types/node-1.2"),
        ("--upload-pack=x", "upload-pack-x"),
        ("../../etc/passwd", "./etc/passwd".lstrip("/")),
        ("a; rm -rf $HOME", "a-rm-rf-HOME"),
        ("x\ny: z", "x-y-z"),
        ("</script>", "script"),
    ],
)
def test_values_from_outside_are_made_harmless(raw, safe):
    assert fill("{head_ref}|{owner}", {"head_ref": raw, "owner": raw}) in {
        f"{safe}|{safe}",
        f"{sanitise(raw)}|{sanitise(raw)}",
    }
    assert ".." not in sanitise(raw)


@settings(deadline=None)
@given(st.text())
def test_sanitised_text_holds_nothing_that_means_something_elsewhere(text):
    safe = sanitise(text)
    assert set(safe) <= set(string.ascii_letters + string.digits + "._/@+-")
    assert ".." not in safe
    assert not safe.startswith(("-", "/"))
    assert len(safe) <= 120
    assert sanitise(safe) == safe


@settings(deadline=None)
@given(
    st.recursive(
        st.text(max_size=12) | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    )
)
def test_json_without_placeholders_passes_through(data):
    text = json.dumps(data)
    if not placeholders_in(text) and "{{" not in text:
        assert fill(text, VALUES) == text


@settings(deadline=None)
@given(st.text(alphabet="{}ab number", max_size=30))
def test_filling_fails_exactly_where_checking_complains(text):
    if unknown_in(text):
        with pytest.raises(ConfigError):
            fill(text, VALUES)
    else:
        fill(text, VALUES)


def test_what_is_allowed_may_be_narrowed():
    assert unknown_in("{environment}", ("environment",)) == ""
    assert "Known here: `{environment}`" in unknown_in("{tier}", ("environment",))
