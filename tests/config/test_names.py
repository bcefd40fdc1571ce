from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config import Config
from eod.config.names import environment_name, hostname_of, label_problem, namespace_of, pr_number_of
from eod.config.quantities import amount
from eod.errors import ConfigError

CONFIG = Config(domain="preview.example.com")


def test_the_number_makes_all_names():
    name = environment_name(CONFIG, 123)
    assert (name, namespace_of(name), hostname_of(CONFIG, name)) == (
        "pr-123",
        "pr-123",
        "pr-123.preview.example.com",
    )


@settings(deadline=None)
@given(
    st.integers(min_value=1, max_value=10**9),
    st.sampled_from(["pr-{number}", "{number}", "shop-{number}-x", "a1{number}"]),
)
def test_a_name_leads_back_to_its_number(number, pattern):
    config = Config(domain="a.example", name=pattern)
    assert pr_number_of(config, environment_name(config, number)) == number


@pytest.mark.parametrize("name", ["pr-", "pr-01", "pr-x", "pr-1-2", "xpr-1", "kube-system", ""])
def test_names_of_others_are_nobodys(name):
    assert pr_number_of(CONFIG, name) is None


@pytest.mark.parametrize(
    "pattern", ["PR-{number}", "-{number}", "{number}-", "a_{number}", "ä{number}", "x" * 63 + "{number}"]
)
def test_a_name_that_is_no_label_is_refused(pattern):
    with pytest.raises(ConfigError):
        environment_name(Config(domain="a.example", name=pattern), 1)


def test_a_host_that_is_too_long_is_refused():
    with pytest.raises(ConfigError, match="at most 253"):
        hostname_of(Config(domain=".".join(["a" * 60] * 4)), "pr-" + "1" * 20)


@settings(deadline=None)
@given(st.text(alphabet="abz019-", min_size=1, max_size=70))
def test_labels_are_those_of_rfc_1123(text):
    legal = len(text) <= 63 and text[0] != "-" and text[-1] != "-"
    assert (label_problem(text) == "") is legal


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("2", 2),
        ("500m", Decimal("0.5")),
        ("4Gi", 4 * 1024**3),
        ("1.5G", 1_500_000_000),
        ("1e3", 1000),
        ("1E", 10**18),
        ("2E3", 2000),
        (".5", Decimal("0.5")),
        ("100n", Decimal("1e-7")),
    ],
)
def test_quantities_are_compared_as_numbers(quantity, number):
    assert amount(quantity) == number


@pytest.mark.parametrize("text", ["", "Gi", "4gi", "1e", "-1", "1 Gi", "1e1000", "4GiB"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        amount(text)
