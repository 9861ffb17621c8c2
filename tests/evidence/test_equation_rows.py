"""Rows that test equations alone are put to the equations here, so that a slip in an equation is seen at once."""

import pytest

from perfuse.evidence.checks import equation_outcome, find_equation
from perfuse.evidence.closed_forms import (
    po2_at_content,
    shunted_po2,
    solve,
    vv_arterial_saturation,
    vv_drained_saturation,
    vv_venous_saturation,
)
from perfuse.evidence.rows import EquationCheck, rows
from perfuse.evidence.validate import explanations

CHECKS = [(row, check) for row in rows() for check in row.plan.equation]
EXPLAINED = explanations()


@pytest.mark.parametrize(("row", "check"), CHECKS, ids=[f"{row.id} {check.label}" for row, check in CHECKS])
def test_the_equation_gives_a_number_and_meets_the_published_band_or_the_miss_is_explained(row: object, check: EquationCheck) -> None:
    outcome = equation_outcome(check)
    assert outcome.value is not None, outcome.note
    assert outcome.ok or row.id in EXPLAINED, f"{outcome.text()} is not {check.text()}"  # type: ignore[attr-defined]


def test_every_explanation_belongs_to_a_row() -> None:
    assert set(EXPLAINED) <= {row.id for row in rows()}


@pytest.mark.parametrize("path", ["perfuse.physiology.oxygen.nothing", "perfuse.physiology.oxygen._hidden", "os.path.join"])
def test_what_is_no_equation_of_the_package_is_not_found(path: str) -> None:
    with pytest.raises(LookupError):
        find_equation(path)


def test_a_call_that_breaks_is_an_outcome_with_the_reason() -> None:
    check = EquationCheck.model_validate(
        {"call": "perfuse.physiology.oxygen.so2", "with": {"po2": 40}, "unit": "1", "low": 0, "label": "SO2"}
    )
    outcome = equation_outcome(check)
    assert not outcome.ok
    assert outcome.value is None
    assert "TypeError" in outcome.note


def test_bisection_refuses_when_there_is_nothing_to_find() -> None:
    with pytest.raises(ValueError, match="no crossing"):
        solve(lambda x: x + 1.0, 0.0, 1.0)


@pytest.mark.parametrize("recirculation", [0.0, 0.1, 0.3, 0.5])
def test_blood_before_the_membrane_does_not_depend_on_recirculation(recirculation: float) -> None:
    assert vv_drained_saturation(10, 6, 250, 5, recirculation, 400) == pytest.approx(
        vv_drained_saturation(10, 6, 250, 5, 0.2, 400), abs=1e-6
    )


def test_venous_blood_on_full_shunt_does_not_depend_on_cardiac_output_but_arterial_blood_does() -> None:
    assert vv_venous_saturation(10, 5, 250, 4, 0, 400) == pytest.approx(vv_venous_saturation(10, 10, 250, 4, 0, 400), abs=1e-6)
    assert vv_arterial_saturation(10, 10, 250, 4, 0, 400) < vv_arterial_saturation(10, 5, 250, 4, 0, 400) - 5


def test_more_shunt_never_raises_arterial_oxygen() -> None:
    values = [shunted_po2(shunt / 20, 1.0, 14, 5, 250, 40) for shunt in range(12)]
    assert values == sorted(values, reverse=True)


def test_content_and_pressure_of_oxygen_are_inverse() -> None:
    from perfuse.evidence.closed_forms import content

    assert po2_at_content(content(63.0, 12.0), 12.0) == pytest.approx(63.0, abs=1e-6)
