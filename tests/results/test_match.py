"""Matching on functions whose answers are known."""

import math
from collections.abc import Sequence

import pytest

from perfuse.results.fit import Free, Target, fit
from perfuse.results.match import match


def _measure(tries: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    return [{"sum": t["a"] + 2.0 * t["b"], "ratio": t["a"] / t["b"], "curve": math.exp(t["a"] / 4.0)} for t in tries]


FREES = [Free("a", 0.1, 20.0), Free("b", 0.1, 20.0)]


@pytest.mark.parametrize(("a", "b"), [(3.0, 4.0), (9.0, 1.5), (0.8, 12.0)])
def test_two_parameters_are_found_from_two_readings(a: float, b: float) -> None:
    wanted = _measure([{"a": a, "b": b}])[0]
    found = match({"a": 5.0, "b": 5.0}, FREES, [Target(name, wanted[name], 0.01 * wanted[name]) for name in ("sum", "ratio")], _measure)
    assert found.values["a"] == pytest.approx(a, rel=0.05)
    assert found.values["b"] == pytest.approx(b, rel=0.05)


def test_one_parameter_of_a_curved_reading_is_found() -> None:
    found = match({"a": 1.0, "b": 1.0}, FREES[:1], [Target("curve", math.exp(3.0), 0.1)], _measure)
    assert found.values["a"] == pytest.approx(12.0, rel=0.02)
    assert found.values["b"] == 1.0


def test_a_reading_out_of_reach_leaves_the_parameter_inside_its_range() -> None:
    found = match({"a": 5.0, "b": 5.0}, FREES[:1], [Target("sum", 1000.0, 1.0)], _measure)
    assert 0.1 < found.values["a"] < 20.0
    assert found.misfit > 1.0


def test_a_try_that_breaks_is_passed_over() -> None:
    def broken(tries: Sequence[dict[str, float]]) -> list[dict[str, float]]:
        return [{"sum": t["a"] if t["a"] < 6.0 else math.nan} for t in tries]

    found = match({"a": 2.0, "b": 1.0}, FREES[:1], [Target("sum", 5.0, 0.05)], broken)
    assert found.values["a"] == pytest.approx(5.0, abs=0.06)


def test_a_search_that_ends_in_a_valley_starts_again_and_finds_the_deeper_one() -> None:
    """A reading with a local minimum of its miss near the start: alone the search stays there, with restarts it does not."""

    def measure(tries: Sequence[dict[str, float]]) -> list[dict[str, float]]:
        return [{"wavy": (t["a"] - 15.0) ** 2 / 10.0 + 12.0 * (1.0 - math.cos(t["a"] - 15.0))} for t in tries]

    start, target = {"a": 5.0}, [Target("wavy", 0.0, 0.5)]
    alone = fit(start, FREES[:1], target, measure)
    again = fit(start, FREES[:1], target, measure, restarts=6)
    assert abs(alone.readings["wavy"]) > 5.0
    assert again.values["a"] == pytest.approx(15.0, abs=0.3)
    assert again.values == fit(start, FREES[:1], target, measure, restarts=6).values
