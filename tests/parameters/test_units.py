"""Units at the door."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.parameters import units
from perfuse.parameters.units import UnitError, read

PAIRS = [
    ("mmHg", "kPa"),
    ("cmH2O", "mmHg"),
    ("L/min", "mL/s"),
    ("ug/kg/min", "mg/kg/h"),
    ("U/min", "IU/h"),
    ("degC", "degF"),
    ("g/dL", "g/L"),
    ("%", "1"),
    ("dyn.s/cm5", "mmHg.min/L"),
    ("mL/cmH2O", "mL/mmHg"),
]
REACH = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3200 rpm", "rpm", 3200),
        ("4 L/min", "mL/s", 4000 / 60),
        ("4l/min", "L/min", 4),
        ("0.1 ug/kg/min", "ug/kg/min", 0.1),
        ("0.1 µg/kg/min", "ug/kg/min", 0.1),
        ("0.1 mcg/kg/min", "ug/kg/min", 0.1),
        ("8 kPa", "mmHg", 60.0049),
        ("10 cmH2O", "mmHg", 7.35559),
        ("30 s", "s", 30),
        ("5 min", "s", 300),
        ("500 mL", "mL", 500),
        ("0.5 L", "mL", 500),
        ("38 degC", "degC", 38),
        ("38 °C", "degC", 38),
        ("100.4 degF", "degC", 38),
        ("0.8", "1", 0.8),
        ("60 %", "1", 0.6),
        ("60 %", "%", 60),
        ("90 mL/h", "mL/min", 1.5),
        ("120 IU/h", "U/min", 2),
        ("0.03 U/min", "U/min", 0.03),
        ("10 ppm", "ppm", 10),
        ("9.5 g/dL", "g/dL", 9.5),
        ("95 g/L", "g/dL", 9.5),
        ("12 breaths/min", "1/min", 12),
        ("80 bpm", "1/min", 80),
        ("1200 dyn.s/cm5", "mmHg.min/L", 15.0012),
        ("250 1e9/L", "1e9/L", 250),
    ],
)
def test_a_bedside_quantity_is_read_into_the_unit_of_the_table(text: str, unit: str, value: float) -> None:
    assert read(text, unit) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0.1 ug/min", "ug/kg/min"),
        ("0.1 ug/kg/min", "1/min"),
        ("0.03 U/min", "ug/min"),
        ("0.03 U/min", "ug/kg/min"),
        ("3 ug/min", "U/min"),
        ("12 rpm", "1/min"),
        ("3200 /min", "rpm"),
        ("5 mmHg", "L/min"),
        ("5 min", "1/min"),
        ("10 mL", "mL/min"),
        ("6 mL/kg", "mL"),
    ],
)
def test_a_wrong_dimension_is_an_error_that_names_both_units(text: str, unit: str) -> None:
    with pytest.raises(UnitError) as error:
        read(text, unit)
    assert text.split(" ", 1)[1] in error.value.text
    assert unit in error.value.text


@pytest.mark.parametrize(
    "given",
    [
        True,
        None,
        [],
        {},
        "",
        "abc",
        "nan",
        "inf mmHg",
        "1e999",
        math.nan,
        math.inf,
        "4,5 L/min",
        "1:2",
        "5 furlong",
        "30 1e400",
        "30 3",
        "5 0/L",
    ],
)
def test_what_is_no_finite_number_with_a_known_unit_is_refused_with_a_hint(given: object) -> None:
    with pytest.raises(UnitError) as error:
        read(given, "L/min")
    assert error.value.hint


def test_a_time_without_a_unit_is_an_error_where_the_unit_must_be_written() -> None:
    with pytest.raises(UnitError, match="has no unit"):
        read(30, "s", bare=False)
    assert read(30, "s") == 30


@given(REACH, st.sampled_from(PAIRS))
def test_converting_there_and_back_gives_the_number_again(value: float, pair: tuple[str, str]) -> None:
    here, there = pair
    assert units.convert(units.convert(value, here, there), there, here) == pytest.approx(value, rel=1e-9, abs=1e-6)


@given(REACH, REACH, st.sampled_from(PAIRS))
def test_conversion_keeps_order(one: float, other: float, pair: tuple[str, str]) -> None:
    low, high = sorted((one, other))
    assert units.convert(low, *pair) <= units.convert(high, *pair)


@given(REACH, st.sampled_from([u for pair in PAIRS for u in pair]))
def test_a_number_written_with_the_unit_of_the_table_is_that_number(value: float, unit: str) -> None:
    assert read(f"{value!r} {unit}", unit) == read(value, unit) == value


@pytest.mark.parametrize(("pair", "factor"), units.COMMON.items())
def test_the_short_cut_for_common_pairs_agrees_with_pint(pair: tuple[str, str], factor: float) -> None:
    assert units._conversion(*pair) == pytest.approx((factor, 0.0), rel=1e-12)


def test_importing_the_room_and_reading_a_plain_case_does_not_load_pint() -> None:
    code = (
        "import sys, perfuse.parameters as p; assert 'pydantic' not in sys.modules and 'ruamel' not in sys.modules, 'heavy import';"
        "p.load_pump('rotaflow'); p.limits(); assert 'pint' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr == ""
