"""Library files are read as strictly as case files."""

import pytest

from perfuse.parameters.devices import Tubing
from perfuse.parameters.problems import InputError, Problems, dotted, nearest
from perfuse.parameters.records import Quantity, read_quantity, read_record
from perfuse.parameters.tables import read_table
from perfuse.parameters.yamlfile import read_text

RIGHT = {"value": 80, "unit": "mmHg", "source": "interv_pulm", "mark": "seen"}


def told(data: object, unit: str = "mmHg") -> str:
    problems = Problems("file")
    assert read_quantity(data, unit, ("x",), problems) is None or problems.found
    return "\n".join(map(str, problems.found))


def test_a_quantity_keeps_its_source_and_is_converted_to_the_unit_of_the_record() -> None:
    quantity = read_quantity({**RIGHT, "value": 8, "unit": "kPa", "low": 1, "high": 10}, "mmHg", ("x",), Problems())
    assert isinstance(quantity, Quantity)
    assert quantity.value == pytest.approx(60.005, rel=1e-4)
    assert quantity.high == pytest.approx(75.006, rel=1e-4)
    assert quantity.source == ("interv_pulm",)


@pytest.mark.parametrize("key", ["value", "unit", "source", "mark"])
def test_a_number_without_one_of_its_companions_is_refused(key: str) -> None:
    assert f"'{key}' is missing" in told({k: v for k, v in RIGHT.items() if k != key})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"mark": "sen"}, "Did you mean seen?"),
        ({"source": "interv_pulmo1"}, "Did you mean interv_pulm?"),
        ({"unit": "L/min"}, "cannot be converted"),
        ({"value": "much"}, "not a number"),
        ({"high": 50}, "outside its own range"),
        ({"vallue": 3}, "Did you mean value?"),
    ],
)
def test_a_flaw_of_a_number_is_told(change: dict[str, object], text: str) -> None:
    assert text in told({**RIGHT, **change})


def test_a_bare_number_in_a_library_file_is_refused() -> None:
    assert "needs its source and mark" in told(80)


def test_a_record_tells_every_problem_at_once() -> None:
    problems = Problems("tubing.yaml")
    data = {"title": "x", "manufacturer": 3, "source": ["tubing_geometry"], "bor": 1, "volume": {**RIGHT, "unit": "mL/m"}}
    assert read_record(Tubing, data, ("t",), problems, name="t") is None
    text = "\n".join(map(str, problems.found))
    for part in ("'bor' is not known", "'bore' is missing", "'inertance' is missing", "text should stand here"):
        assert part in text


def test_a_table_tells_its_flaws() -> None:
    problems = Problems("controls.yaml")
    read_table(
        {
            "a": {"unit": "mmHg", "low": 2, "high": 1, "source": "definition"},
            "b": {"unit": "1", "low": 0, "high": 1, "default": 2, "source": "definition"},
            "c": {"unit": "1", "low": "x", "source": "definition"},
            "d": {"unit": "1"},
            "e": 3,
        },
        problems,
    )
    assert [p.place.split(".")[0] for p in problems.found] == ["a", "b", "c", "d", "e"]


def test_lines_are_those_of_the_file() -> None:
    data, problems = read_text("a:\n  b: 1\n  c: [x, {d: 2}]\n")
    assert data == {"a": {"b": 1, "c": ["x", {"d": 2}]}}
    assert problems.line(("a", "c", 1, "d")) == 3
    assert problems.line(("a", "nothing here")) == 1


def test_scalars_follow_yaml_1_2() -> None:
    data, problems = read_text("a: no\nb: on\nc: 12:30\nd: 2024-01-02\ne: 010\nf: 1e3\ng: true\nh: ~\ni: 0x10\n")
    assert data == {"a": "no", "b": "on", "c": "12:30", "d": "2024-01-02", "e": 10, "f": 1000.0, "g": True, "h": None, "i": 16}
    assert not problems.found


def test_problems_stand_in_the_order_of_the_file_and_once() -> None:
    problems = Problems("f", {(): 1, ("a",): 2, ("b",): 3})
    for path in (("b",), ("a",), ("b",)):
        problems.add(path, "is wrong")
    with pytest.raises(InputError) as error:
        problems.raise_if_any()
    assert [p.place for p in error.value.problems] == ["a", "b"]
    assert "f has 2 problems" in str(error.value)


def test_places_and_near_names_are_written_as_people_write_them() -> None:
    assert dotted(("support", "drain", 0, "site")) == "support.drain[0].site"
    assert nearest("hls pvl 2555", ["hls_pvl_2555", "hls_pvl_2155"])[0] == "hls_pvl_2555"
    assert nearest("zzz", ["hls_pvl_2555"]) == []
