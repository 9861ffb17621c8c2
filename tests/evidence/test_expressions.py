"""The arithmetic of validation rows is small, and strict about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.evidence.expressions import LONGEST, ExpressionError, evaluate, names

READINGS = {"a.SBP": 60.0, "b.SBP": 97.0, "b.base.MAP": 70.0, "CO": 5.0, "zero": 0.0}


def value(text: str) -> float:
    return evaluate(text, READINGS.__getitem__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b.SBP / a.SBP", 97 / 60),
        ("100 * (b.SBP - a.SBP) / a.SBP", 100 * 37 / 60),
        ("-CO + 2", -3.0),
        ("abs(a.SBP - b.SBP)", 37.0),
        ("min(CO, 3, 4)", 3.0),
        ("max(a.SBP < 90, b.base.MAP < 60)", 1.0),
        ("a.SBP < b.SBP < 100", 1.0),
        ("a.SBP < b.SBP < 90", 0.0),
        ("log(1)", 0.0),
        ("sqrt(4)", 2.0),
    ],
)
def test_arithmetic_over_readings_is_what_it_says(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "CO.__class__()",
        "[CO]",
        "CO ** 2",
        "CO if CO else 1",
        "lambda: 1",
        "'text'",
        "True",
        "CO == 5",
        "not CO",
        "CO and CO",
        "abs(CO, CO)",
        "max(CO)",
        "abs(x=CO)",
        "(CO).real()",
        "CO[0]",
        "CO; CO",
        "CO :=",
        "",
        "f'{CO}'",
        "*CO",
        "max(*CO)",
        "1 % 2",
        "~1",
        "eval('1')",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        value(text)


@pytest.mark.parametrize("text", ["CO / zero", "log(zero)", "log(-CO)", "sqrt(-CO)"])
def test_what_has_no_value_says_so(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"zero|log|sqrt"):
        value(text)


def test_a_very_long_expression_is_refused() -> None:
    with pytest.raises(ExpressionError, match="longer"):
        value("+".join(["CO"] * LONGEST))


def test_an_unknown_reading_is_the_lookups_own_error() -> None:
    with pytest.raises(KeyError):
        value("MAP")


def test_names_lists_each_reading_and_no_function() -> None:
    assert names("abs(a.SBP - b.SBP) / max(a.SBP, zero) < CO") == {"a.SBP", "b.SBP", "zero", "CO"}


@given(st.text(max_size=60))
def test_any_text_gives_a_number_or_a_clear_refusal(text: str) -> None:
    try:
        evaluate(text, lambda name: 1.0)
    except ExpressionError as refusal:
        assert str(refusal)
