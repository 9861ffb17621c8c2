"""The comparison survives what breaks, runs arms once, and says what decided."""

from collections.abc import Mapping
from typing import Any

import pytest

from perfuse.evidence.rows import Experiment, Plan, Row
from perfuse.evidence.validate import exit_code, validate

WORDS = {"setup": "s", "quantity": "q", "published": "p", "tolerance": "t", "source": "seen at x", "mark": "seen", "area": "E"}
TWO_ARMS = {
    "arms": {
        "low": {"patient": "pig", "duration": "2 min"},
        "high": {"patient": {"library": "pig", "set": {"hb": 8}}, "duration": "2 min"},
    },
    "matching": [{"on": "low", "free": ["svr"], "targets": {"SBP": 60}, "share": ["high"]}],
}


def row(name: str, kind: str = "result", experiment: Mapping[str, Any] | None = None, **plan: Any) -> Row:
    made = Plan.model_validate({"id": name, **({"experiment": "one"} if experiment else {}), **plan})
    return Row(id=name, kind=kind, plan=made, experiment=Experiment.model_validate(experiment) if experiment else None, **WORDS)


def expect(quantity: str, low: float, high: float) -> list[dict[str, Any]]:
    return [{"quantity": quantity, "unit": "1", "low": low, "high": high}]


def pressures(case: Mapping[str, Any], second: float) -> Mapping[str, float]:
    patient = case["patient"]
    return {"SBP": float(patient["set"]["svr"]) * (1.5 if "hb" in patient["set"] else 1.0)}


def test_a_ratio_between_arms_passes_inside_its_band_and_fails_outside(fake_simulator: Any) -> None:
    table = (
        row("E01", experiment=TWO_ARMS, expect=expect("high.SBP / low.SBP", 1.25, 1.9)),
        row("E02", experiment=TWO_ARMS, expect=expect("high.SBP / low.SBP", 1.6, 1.9)),
    )
    simulator = fake_simulator(pressures)
    found = validate(simulator=simulator, table=table)
    assert [result["status"] for result in found] == ["pass", "fail"]
    assert found[0]["checks"][0]["value"] == pytest.approx(1.5)
    assert len(simulator.cases) == 2, "rows of one experiment share its arms"


def test_the_solution_of_a_matching_goes_into_every_arm_that_shares_it(fake_simulator: Any) -> None:
    simulator = fake_simulator(pressures)
    validate(simulator=simulator, table=(row("E01", experiment=TWO_ARMS, expect=expect("high.SBP", 89, 91)),))
    assert [case["patient"]["set"] for case in simulator.cases] == [{"svr": 60.0}, {"hb": 8, "svr": 60.0}]


def test_a_target_can_be_a_reading_of_another_arm(fake_simulator: Any) -> None:
    arms = {
        "low": {"patient": {"library": "pig", "set": {"svr": 40}}, "duration": "1 min"},
        "high": {"patient": "pig", "duration": "1 min"},
    }
    experiment = {"arms": arms, "matching": [{"on": "high", "free": ["svr"], "targets": {"SBP": "low.SBP / 2"}}]}
    (result,) = validate(
        simulator=fake_simulator(pressures), table=(row("E01", experiment=experiment, expect=expect("high.SBP", 19.9, 20.1)),)
    )
    assert result["status"] == "pass"


def test_a_row_whose_simulation_breaks_hides_no_other(fake_simulator: Any) -> None:
    def sometimes(case: Mapping[str, Any], second: float) -> Mapping[str, float]:
        if case["patient"] == "broken":
            raise ArithmeticError("diverged at 3 s")
        return {"MAP": 70.0}

    good = {"arms": {"a": {"patient": "fine", "duration": "1 min"}}}
    bad = {"arms": {"a": {"patient": "broken", "duration": "1 min"}}}
    table = (
        row("E01", experiment=bad, expect=expect("MAP", 0, 100)),
        Row(**{**row("E02", experiment=good, expect=expect("MAP", 60, 80)).model_dump(), "area": "D"}),
    )
    broken, fine = validate(simulator=fake_simulator(sometimes), table=table)
    assert (broken["status"], fine["status"]) == ("fail", "pass")
    assert "diverged at 3 s" in broken["note"]
    assert broken["checks"][0]["value"] is None


def test_a_run_that_diverged_is_no_result(fake_simulator: Any, fake_run: Any, run_of: Any) -> None:
    class Diverging(fake_run):  # type: ignore[misc]
        def summary(self) -> dict[str, Any]:
            return {"status": {"ok": False, "text": "diverged before 40 s"}}

    simulator = fake_simulator(pressures)
    simulator.runs = lambda cases, progress=None: [Diverging(run_of({"MAP": [70.0] * 60}).trends) for _ in cases]
    experiment = {"arms": {"a": {"patient": "fine", "duration": "1 min"}}}
    (result,) = validate(simulator=simulator, table=(row("E01", experiment=experiment, expect=expect("MAP", 60, 80)),))
    assert result["status"] == "fail"
    assert "diverged before 40 s" in result["note"]


def test_an_expectation_that_cannot_be_read_fails_with_the_reason_and_the_next_is_still_read(fake_simulator: Any) -> None:
    experiment = {"arms": {"a": {"patient": "fine", "duration": "1 min"}}}
    checks = [*expect("nothing", 0, 1), *expect("MAP", 60, 80)]
    (result,) = validate(
        simulator=fake_simulator(lambda case, second: {"MAP": 70.0}), table=(row("E01", experiment=experiment, expect=checks),)
    )
    assert result["status"] == "fail"
    assert [check["ok"] for check in result["checks"]] == [False, True]
    assert "nothing" in result["note"]


def test_a_value_that_is_not_a_number_fails() -> None:
    check = {
        "call": "perfuse.evidence.closed_forms.cardiac_power",
        "with": {"mean_pressure": float("nan"), "flow": 5},
        "unit": "W",
        "low": 0,
        "label": "CPO",
    }
    (result,) = validate(table=(row("A24", equation=[check]),))
    assert result["status"] == "fail"
    assert result["checks"][0]["value"] is None


def test_rows_that_cannot_be_expressed_say_why_and_do_not_count() -> None:
    found = validate(table=(row("G01", not_expressible="needs a balloon pump"),))
    assert found[0]["status"] == "not_expressible"
    assert found[0]["note"] == "needs a balloon pump"
    assert exit_code(found) == 0


@pytest.mark.parametrize(("kind", "code"), [("result", 1), ("equation", 1), ("criterion", 0), ("contested", 0)])
def test_only_results_and_equations_decide_the_exit_code(kind: str, code: int) -> None:
    check = {
        "call": "perfuse.evidence.closed_forms.cardiac_power",
        "with": {"mean_pressure": 93, "flow": 5.6},
        "unit": "W",
        "high": 1,
        "label": "CPO",
    }
    found = validate(table=(row("A24", kind=kind, equation=[check]),))
    assert found[0]["status"] == "fail"
    assert exit_code(found) == code


def test_an_area_can_be_asked_for_alone() -> None:
    assert {result["area"] for result in validate("C")} == {"C"}
