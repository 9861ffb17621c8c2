"""What machines do to blood: haemoglobin freed by pumps and suction, platelets taken by a membrane, clots by hazard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.base.rates import confine
from perfuse.devices.blood_damage import (
    LUNG_CLOT_MOST,
    cleared_by_membrane,
    clot_growth,
    clot_hazard,
    haemoglobin_freed,
    inlet_suction,
    shut_suction,
    uncovered,
)

L_MIN = 1000.0 / 60.0
NIH, NIH_FLOW = 0.021, 4.2


def freed(litres: float, clot: float = 0.0, suction: float = 0.0) -> float:
    """mg/s at a flow in L/min."""
    return haemoglobin_freed(litres * L_MIN, NIH, NIH_FLOW, clot, suction)


def test_the_index_of_the_bench_is_what_a_hundred_litres_free() -> None:
    seconds = 100.0 / NIH_FLOW * 60.0
    assert freed(NIH_FLOW) * seconds == pytest.approx(1000.0 * NIH)


def test_no_pump_and_no_flow_free_nothing() -> None:
    assert haemoglobin_freed(0.0, 0.0, 0.0, 0.0, 0.0) == 0.0
    assert haemoglobin_freed(80.0, 0.0, 0.0, 0.5, 3.0) == 0.0
    assert freed(0.0, 0.5, 3.0) == 0.0


def test_a_litre_at_low_flow_costs_six_times_that_at_four_times_the_flow() -> None:
    assert freed(NIH_FLOW / 4.0) / (NIH_FLOW / 4.0) == pytest.approx(6.0 * freed(NIH_FLOW) / NIH_FLOW, rel=0.01)


@given(st.floats(0.05, 9.0), st.floats(0.0, 0.9), st.floats(-400.0, 100.0))
def test_clots_and_suction_never_spare_blood_and_direction_does_not_matter(litres: float, clot: float, inlet: float) -> None:
    assert freed(litres, clot, inlet_suction(inlet)) >= freed(litres)
    assert freed(-litres, clot) == freed(litres, clot)


@given(st.floats(-400.0, 0.0), st.floats(0.0, 100.0))
def test_more_suction_more_haemolysis_and_none_above_the_warning_limit(inlet: float, less: float) -> None:
    assert inlet_suction(inlet - less) >= inlet_suction(inlet)
    assert inlet_suction(-100.0) == 0.0
    assert shut_suction(1.0) == pytest.approx(18.7 / 2.78 - 1.0)


def test_a_membrane_takes_nothing_while_blood_stands_and_more_when_clotted() -> None:
    assert cleared_by_membrane(0.2, 1.8, 0.0, 0.0) == 0.0
    assert cleared_by_membrane(0.2, 1.8, 70.0, 0.0) * 86400.0 == pytest.approx(360.0)
    assert cleared_by_membrane(0.2, 1.8, 70.0, 0.5) > cleared_by_membrane(0.2, 1.8, 70.0, 0.0)


def test_hazard_is_the_published_rate_at_usual_flow_and_anticoagulation() -> None:
    assert clot_hazard(0.0047, 4.0 * L_MIN, 2.0, uncovered(60.0, 1.0), 2.0) * 86400.0 == pytest.approx(0.0047)


@given(st.floats(0.1, 7.0), st.floats(30.0, 150.0))
def test_slow_blood_and_a_short_aptt_never_lower_the_hazard(litres: float, aptt: float) -> None:
    def hazard(rate: float, seconds: float, inr: float = 1.0) -> float:
        return clot_hazard(rate, litres * L_MIN, 2.0, uncovered(seconds, inr), 2.0)

    usual = clot_hazard(0.0047, 4.0 * L_MIN, 2.0, 0.0, 2.0)
    assert hazard(0.0047, aptt) >= usual
    assert hazard(0.0047, 30.0) == pytest.approx(2.0 * hazard(0.0047, 45.0))
    assert hazard(0.0047, 30.0, 2.5) == hazard(0.0047, 45.0)
    assert hazard(0.0, aptt) == 0.0


def test_a_clot_waits_for_its_fate_grows_and_stops() -> None:
    assert confine(0.0, clot_growth(0.9, 1.0, LUNG_CLOT_MOST), 3600.0) == 0.0
    assert confine(0.0, clot_growth(1.1, 1.0, LUNG_CLOT_MOST), 3600.0) == pytest.approx(0.1)
    assert confine(LUNG_CLOT_MOST, clot_growth(1.1, 1.0, LUNG_CLOT_MOST), 3600.0) == LUNG_CLOT_MOST
    assert confine(0.0, clot_growth(1.1, 0.0, LUNG_CLOT_MOST), 3600.0) == 0.0
