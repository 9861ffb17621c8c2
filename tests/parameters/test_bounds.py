"""Numbers without end and lists of half a million are refused in words, before anything is made of them."""

from typing import Any

import numpy as np
import pytest

import perfuse as pf
from perfuse.parameters import problems
from perfuse.parameters.case import MOST_ENTRIES, MOST_STEPS, case_from_text
from perfuse.parameters.problems import InputError, Problem, Problems, told
from perfuse.parameters.yamlfile import read_file, read_text

ENDLESS = int("f" * 5000, 16)
CASE = "schema: perfuse-case/1\ntitle: x\npatient: {library: healthy-adult, set: {heart_rate: RATE}}\nduration: 20 s\nseed: SEED\n"
NUMBERS = ["0x" + "f" * 5000, "9" * 5000, "-" + "9" * 5000, "1e400", "-1e400", "0." + "1" * 5000]
HALF = 500_000


def refusal(*words: Any, **more: Any) -> str:
    """What a simulation of these says that is refused."""
    with pytest.raises(InputError) as error:
        pf.simulate(*words, **more)
    return str(error.value)


@pytest.mark.parametrize("place", ["RATE", "SEED"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_without_end_in_a_case_file_is_told_once_with_its_line(place: str, number: str) -> None:
    other = {"RATE": "SEED", "SEED": "RATE"}[place]
    with pytest.raises(InputError) as error:
        case_from_text(CASE.replace(place, number).replace(other, "60"))
    (found,) = error.value.problems
    assert found.line == {"RATE": 3, "SEED": 5}[place]
    assert "larger or longer than any number" in found.text and len(str(error.value)) < 1000


def test_numbers_that_can_be_measured_are_read_as_before() -> None:
    data, _ = read_text("a: [0x10, 0o17, -3, 1_000, 1e3, .5, .inf, -.inf, 1.7e308]")
    assert data["a"] == [16, 15, -3, 1000, 1000.0, 0.5, float("inf"), float("-inf"), 1.7e308]


@pytest.mark.parametrize(
    "given",
    [
        {"minutes": ENDLESS},
        {"minutes": "9" * 5000},
        {"seed": ENDLESS},
        {"patient": ENDLESS},
        {"support": ENDLESS},
        {"patient": {"library": "healthy-adult", "set": {"shunt": ENDLESS}}},
        {"patient": {"bedside": {"sex": ENDLESS}}},
        {"support": {"mode": ENDLESS}},
        {"protocol": [{"at": ENDLESS, "set": {"ventilator.mode": ENDLESS}}]},
        {"waveforms": [{"from": 1, "for": ENDLESS}]},
    ],
)
def test_a_number_without_end_in_python_is_refused_in_words(given: dict[str, Any]) -> None:
    said = refusal(**{"patient": "healthy-adult", **given})
    assert "problem" in said and len(said) < 3000


def test_what_is_told_is_short_and_never_fails() -> None:
    assert told("short") == "short"
    assert told(ENDLESS) == "a number of 20,000 bits"
    assert len(told("x" * HALF)) < 100 and "500,000 characters" in told("x" * HALF)
    assert len(str(InputError([Problem("", "y" * HALF, value="z" * HALF)]))) < 1000
    assert len(str(InputError([Problem("", f"number {i}") for i in range(5000)])).splitlines()) == problems.MOST_TOLD + 2
    noted = Problems()
    noted.add(("a",), "b" * HALF, value=ENDLESS)
    assert noted.found[0].value == "a number of 20,000 bits" and len(noted.found[0].text) < 1000


def test_a_protocol_of_half_a_million_steps_is_refused_and_one_of_three_thousand_is_not() -> None:
    step = {"at": 1, "set": {"patient.shunt": 0.1}}
    assert f"more than {MOST_STEPS:,} entries" in refusal("healthy-adult", protocol=[step] * HALF)
    assert f"more than {MOST_STEPS:,} entries" in refusal("healthy-adult", protocol=(step for _ in iter(int, 1)))  # without end
    with pytest.raises(InputError, match="above 604800 s"):  # everything else of it is read
        pf.simulate("healthy-adult", protocol=[step] * 3600, minutes=1e9)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"support": [{"model": "hvad"}] * HALF}, "support"),
        ({"support": {"mode": "vv", "drain": [{"cannula": "x", "site": "ivc"}] * HALF}}, "support.drain"),
        ({"waveforms": [{"from": 1, "for": 1}] * HALF}, "outputs.waveforms"),
        ({"patient": {"library": "healthy-adult", "set": {f"p{i}": 1 for i in range(HALF)}}}, "patient.set"),
    ],
)
def test_any_other_list_of_half_a_million_is_refused_at_its_place(given: dict[str, Any], place: str) -> None:
    assert f"{place}: more than {MOST_ENTRIES:,} entries" in refusal(**{"patient": "healthy-adult", **given})


@pytest.mark.parametrize(
    "values", [range(HALF), np.linspace(0.0, 1.0, HALF), ",".join("1" for _ in range(HALF)), "0:0.5:0.000001", iter(range(HALF))]
)
def test_a_sweep_of_half_a_million_values_is_refused(values: Any) -> None:
    with pytest.raises(InputError, match=r"more than 2500 values|500,000 steps"):
        pf.sweep("healthy-adult", {"patient.shunt": values})


def test_a_sweep_of_half_a_million_controls_is_refused() -> None:
    with pytest.raises(InputError, match="500,000 controls are swept"):
        pf.sweep("healthy-adult", {f"control{i}": 1 for i in range(HALF)})


def test_a_comparison_of_half_a_million_supports_is_refused() -> None:
    with pytest.raises(InputError, match="more than 100 entries"):
        pf.compare(pf.load_case("eolia-vv"), ["va"] * HALF)


@pytest.mark.parametrize("text", ["- {at: 1 s}\n" * HALF, "a: [" + "1," * (HALF - 3000) + "1]", "- 1\n" * 60_000, "x" * 2_000_000])
def test_a_file_that_nobody_could_read_in_a_moment_is_refused_before_it_is_read(text: str, tmp_path: Any) -> None:
    (tmp_path / "long.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"1,000,000 or fewer|50,000 or fewer"):
        read_file(tmp_path / "long.yaml")


@pytest.mark.parametrize("as_table", [lambda names: [{"patient": name} for name in names], lambda names: {"patient": names}])
def test_a_table_of_half_a_million_patients_is_refused_with_what_to_do(as_table: Any) -> None:
    with pytest.raises(InputError, match=r"more than 100,000 entries.*Give the table in pieces"):
        pf.simulate_many(as_table(["healthy-adult"] * HALF))
