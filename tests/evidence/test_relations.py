"""Relations that any correct model keeps, whatever its numbers (the list of the founding issue, section 5)."""

import itertools
from functools import cache
from math import log
from typing import Any

import numpy as np
import pytest

from perfuse.parameters.case import case_from
from perfuse.results.together import LaneRun, run_together

VA = {
    "mode": "va",
    "drain": [{"cannula": "hls_pvl_2555", "site": {"ivc": 0.5, "ra": 0.5}}],
    "return": [{"cannula": "hls_pas_1715", "site": "femoral_artery"}],
    "lung": {"model": "quadrox_id"},
    "gas": {"sweep": "3 L/min", "fdo2": 0.8},
    "start": "1 min",
}
VV = {
    "mode": "vv",
    "drain": [{"cannula": "hls_pvl_2555", "site": "ivc"}],
    "return": [{"cannula": "nextgen_jug_21", "site": "ra", "tip_distance": "10 cm"}],
    "lung": {"model": "quadrox_id"},
    "gas": {"sweep": "4 L/min", "fdo2": 1.0},
    "start": "1 min",
}
STILL = {"baroreflex_gain": 0, "chemoreflex_gain": 0, "lv_ischaemia_gain": 0}
APNOEIC = {"mode": "pressure", "rate": "0 /min", "driving_pressure": "0 cmH2O", "peep": "10 cmH2O", "fio2": 0.21}
SPEEDS = (1600, 2000, 2400, 2800, 3200, 3600, 4000, 4400)
VA_FLOWS = (1, 2, 3, 4)


def _flow(circuit: dict[str, Any], flow: float, **changes: Any) -> dict[str, Any]:
    return {**circuit, "pump": {"model": "rotaflow", "flow": f"{flow} L/min"}, **changes}


def _patient(name: str, **changes: Any) -> dict[str, Any]:
    return {"library": name, "set": changes}


def _arms() -> dict[str, dict[str, Any]]:
    arms: dict[str, dict[str, Any]] = {}
    for speed in SPEEDS:
        circuit = {**VV, "pump": {"model": "rotaflow", "rpm": f"{speed} rpm"}}
        arms[f"speed {speed}"] = {"patient": _patient("healthy-adult", **STILL, blood_volume=4700), "support": circuit, "duration": "4 min"}
    for name, changes in (("left", {}), ("both", {"rv_contractility": 0.12})):
        for flow in VA_FLOWS:
            arms[f"{name} {flow}"] = {
                "patient": _patient("shock-scai-c", **STILL, **changes),
                "support": _flow(VA, flow),
                "duration": "12 min",
            }
    for flow in (2, 3, 4, 5):
        arms[f"vv {flow}"] = {
            "patient": _patient("severe-ards", **STILL, shunt=0.9),
            "ventilator": APNOEIC,
            "support": _flow(VV, flow),
            "duration": "20 min",
        }
    for name, flow, sweep in (("base", 3, 3), ("flow", 4.5, 3), ("sweep", 3, 4.5)):
        gas = {"sweep": f"{sweep} L/min", "fdo2": 1.0}
        arms[f"co2 {name}"] = {
            "patient": _patient("severe-ards", **STILL),
            "ventilator": APNOEIC,
            "support": _flow(VV, flow, gas=gas),
            "duration": "120 min",
        }
    for name, dose in (("none", 0), ("given", 300)):
        patient = _patient("septic-ards", shunt=0.7, esmolol_rate=dose)
        arms[f"esmolol {name}"] = {"patient": patient, "support": _flow(VV, 4.5), "duration": "20 min"}
    for name, right in (("works", 0.5), ("only conducts", 0.06)):
        for flow in (1, 5):
            patient = _patient("shock-scai-b", baroreflex_gain=0, svr=6, lv_contractility=0.8, rv_contractility=right)
            arms[f"right ventricle {name} {flow}"] = {"patient": patient, "support": _flow(VA, flow), "duration": "12 min"}
    return arms


@cache
def runs() -> dict[str, LaneRun]:
    """Every arm, run once for all tests of this file."""
    arms = _arms()
    cases = [case_from({"schema": "perfuse-case/1", "title": title, "protocol": [], **arm}, title) for title, arm in arms.items()]
    found: dict[str, LaneRun] = {}
    for title, run in zip(arms, run_together(cases), strict=True):
        assert not isinstance(run, Exception), f"{title}: {run}"
        assert run.status["ok"], f"{title}: {run.status['text']}"
        found[title] = run
    return found


def read(arm: str, name: str) -> float:
    """Mean of a quantity over the last minute of an arm."""
    return float(np.nanmean(runs()[arm].columns[name][-60:]))


def test_more_speed_gives_more_flow_until_suction_then_less() -> None:
    flows = [read(f"speed {speed}", "ecmo_flow") for speed in SPEEDS]
    falls = [i for i in range(len(flows) - 1) if flows[i + 1] < flows[i]]
    assert falls, flows
    assert falls[0] >= 2, flows
    assert flows[falls[0]] == max(flows[: falls[0] + 2]), flows


@pytest.mark.parametrize("heart", ["left", "both"])
def test_more_va_flow_never_raises_the_stroke_volume_of_a_failing_heart_without_reflexes(heart: str) -> None:
    strokes = [read(f"{heart} {flow}", "SV") for flow in VA_FLOWS]
    assert all(after <= before + 0.2 for before, after in itertools.pairwise(strokes)), strokes


def test_arterial_saturation_rises_with_ecmo_flow_over_cardiac_output() -> None:
    rows = sorted(
        (read(f"vv {flow}", "ecmo_flow") / read(f"vv {flow}", "RVCO"), read(f"vv {flow}", "SaO2_right_radial")) for flow in (2, 3, 4, 5)
    )
    saturations = [saturation for _, saturation in rows]
    assert all(after > before for before, after in itertools.pairwise(saturations)), rows


def test_above_2_5_litres_pco2_answers_sweep_at_least_twice_as_strongly_as_blood_flow() -> None:
    base = read("co2 base", "PaCO2")
    by_flow = log(read("co2 flow", "PaCO2") / base) / log(4.5 / 3.0)
    by_sweep = log(read("co2 sweep", "PaCO2") / base) / log(4.5 / 3.0)
    assert by_sweep < 0.0
    assert abs(by_sweep) >= 2.0 * abs(by_flow), (by_sweep, by_flow)


def test_esmolol_raises_arterial_saturation_while_oxygen_delivery_falls() -> None:
    assert read("esmolol given", "CO") < 0.9 * read("esmolol none", "CO")
    assert read("esmolol given", "SaO2_right_radial") > read("esmolol none", "SaO2_right_radial") + 0.3
    assert read("esmolol given", "DO2") < read("esmolol none", "DO2")


def test_left_atrial_pressure_rises_or_falls_with_va_flow_depending_on_the_right_ventricle() -> None:
    works = read("right ventricle works 5", "LAP") - read("right ventricle works 1", "LAP")
    conducts = read("right ventricle only conducts 5", "LAP") - read("right ventricle only conducts 1", "LAP")
    assert works > 0.5 > -0.1 > conducts, (works, conducts)
