from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.kubernetes.quantities import format_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2", "2"),
        ("250m", "0.25"),
        ("4Gi", str(4 * 2**30)),
        ("1.5k", "1500"),
        ("1e3", "1000"),
        ("2E", str(2 * 10**18)),
    ],
)
def test_quantities_mean_amounts(text, amount):
    assert parse_quantity(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "4gb", "--1", "1e", "Gi"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="regular expression"):
        parse_quantity(text)


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(["", "Gi"]))
def test_formatting_loses_nothing(amount, like):
    assert parse_quantity(format_quantity(Decimal(amount), like)) == amount


@given(st.integers(min_value=1, max_value=10**6))
def test_fractions_become_milli(milli):
    assert parse_quantity(format_quantity(Decimal(milli) / 1000)) == Decimal(milli) / 1000


@given(st.text(max_size=8))
def test_any_text_is_a_quantity_or_refused(text):
    try:
        parse_quantity(text)
    except ValueError:
        return
    assert any(letter.isdigit() for letter in text)
