"""Scores of a simulated patient: what the simulator knows is read in its units, what it cannot know stays missing."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from perfuse import evidence
from perfuse.evidence.scoring.library import find_score
from perfuse.evidence.scoring.quantities import plain_unit
from perfuse.evidence.scoring.simulated import mapping, setting_at
from perfuse.parameters.case import case_from_text
from perfuse.parameters.problems import InputError
from perfuse.parameters.units import known
from perfuse.parameters.vocabulary import vocabulary

CASE = """
schema: perfuse-case/1
title: Two drugs
patient: {library: severe-ards, set: {norepinephrine_rate: 0.05 ug/kg/min}}
duration: 20 min
ventilator: {mode: pressure}
support:
  mode: vv
  start: 10 min
  drain: [{cannula: hls_pvl_2555, site: ivc}]
  return: [{cannula: nextgen_jug_21, site: ra}]
  pump: {model: rotaflow, rpm: 3000 rpm}
  lung: {model: quadrox_id}
  gas: {sweep: 4 L/min}
protocol:
  - {at: 2 min, over: 2 min, set: {drug.norepinephrine: 0.25 ug/kg/min}}
  - {at: 5 min, set: {drug.dobutamine: 5 ug/kg/min}}
"""
NUMBERS = {
    "MAP": 68.0, "DBP": 50.0, "PP": 35.0, "CVP": 12.0, "PCWP": 14.0, "PAS": 48.0, "PAD": 24.0, "CO": 5.0, "total_flow": 6.0, "LVEF": 55.0,
    "PaO2": 60.0, "PaCO2": 80.0, "pH": 7.21, "HCO3": 28.0, "BE": 1.0, "lactate": 3.5, "Hb": 9.0, "platelets": 150.0, "FiO2": 1.0,
    "SaO2_right_radial": 100.0000001, "SvO2": 60.0, "SpO2_right_hand": 88.0, "PEEP": 12.0, "Pplat": 32.0, "Ppeak": 45.0, "Crs": 20.0,
    "RR": 30.0, "temperature": 38.0, "ecmo_flow": 4.0, "S_pre": 70.0, "S_post": 100.0, "recirculation": 0.2, "LVEDD": 5.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Any:
    case = case_from_text(CASE)
    t = np.arange(1.0, 1201.0)
    columns = {"t": t, **{name: np.full(t.size, value) for name, value in NUMBERS.items()}}
    columns["lactate"] = np.where(t <= 600, 3.5, 1.0)
    return SimpleNamespace(
        case=case, title=case.title, columns=columns, parameters={"weight": 80.0, "height": 180.0, "norepinephrine_rate": 0.05},
        support=case.support, devices=[], status={"ok": True, "text": "ok"},
    )  # fmt: skip


def by_id(found: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in found["scores"]}


def test_what_the_simulator_knows_is_read_and_the_rest_is_missing(run: Any) -> None:
    found = evidence.scores_of(run, "10 min")
    json.dumps(found, allow_nan=False)
    scores = by_id(found)
    assert scores["preset"]["missing"] == ["hospital_days"]
    assert scores["preset"]["score_range"] == [4 + 2 + 1 + 1, 4 + 2 + 1 + 1 + 2]
    assert scores["berlin"]["severity"] == "severe"
    assert scores["papi"]["papi"] == pytest.approx(2.0)
    assert scores["cpo"]["cpo_classic_W"] == pytest.approx(68 * 5 / 451)
    assert scores["oxygen_transport"]["inputs"]["co_L_min"]["value"] == 6.0
    assert scores["oxygen_transport"]["inputs"]["sao2"]["value"] == 1.0
    assert "age" in scores["resp"]["missing"]
    assert "temperature_C" in scores["hope"]["error"]
    assert scores["sofa"]["components"]["respiration"] == 4


def test_drugs_follow_the_protocol_with_its_ramps(run: Any) -> None:
    at = {moment: setting_at(run.case, "drug.norepinephrine", run.parameters, moment) for moment in (60.0, 180.0, 300.0)}
    assert at == pytest.approx({60.0: 0.05, 180.0: 0.15, 300.0: 0.25})
    found = by_id(evidence.scores_of(run, 400.0))
    assert found["vis"]["vis"] == pytest.approx(30.0)
    assert found["sofa"]["components"]["cardiovascular"] == 4


def test_a_circuit_is_read_only_when_it_runs_and_the_answer_says_that_it_does(run: Any) -> None:
    before, later = evidence.scores_of(run, "9 min"), evidence.scores_of(run)
    assert "spre" not in before["known"] and by_id(before)["recirculation"]["missing"]
    assert later["known"]["spre"]["of"] == "S_pre"
    assert later["at_s"] == 1200.0 and "support runs" in " ".join(later["warnings"])
    assert "support runs" not in " ".join(before["warnings"])
    assert by_id(later)["preset"]["score_range"][0] == by_id(before)["preset"]["score_range"][0] - 2


@pytest.mark.parametrize("at", ["10", "21 min", "0 s", "soon", -5.0])
def test_a_moment_outside_the_run_or_without_a_unit_is_refused(run: Any, at: Any) -> None:
    with pytest.raises(InputError):
        evidence.scores_of(run, at)


def test_the_map_names_inputs_and_quantities_that_exist_in_units_that_agree() -> None:
    inputs = {name: one for s in evidence.scores() for name, one in find_score(s["id"]).inputs.items()}
    for name, (entry, expression) in mapping().items():
        assert name in inputs
        for one in expression.names:
            assert one in vocabulary() or one in ("age", "female", "weight", "height", "ventilated") or one.startswith("drug_")
        if expression.text in vocabulary():
            assert vocabulary()[expression.text].unit == entry["unit"]
        assert "unit" not in entry or known(plain_unit(entry["unit"]))
