"""Laws of scores: they stay in their range, rise or fall where their table does, and a range holds every completion."""

import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse import evidence
from perfuse.evidence.scoring.evaluate import item_points
from perfuse.evidence.scoring.library import find_score, score_ids
from perfuse.evidence.scoring.missing import explore
from perfuse.parameters.problems import InputError

sys.path.insert(0, str(Path(__file__).parent))
from drawn import complete, value_of

AVAILABLE = [name for name in score_ids() if find_score(name).available]
POINTS = [name for name in AVAILABLE if find_score(name).kind == "points"]
PRINTED = {
    "resp": (-22, 15), "save": (-35, 17), "preserve": (-2, 10), "preset": (0, 15), "encourage": (0, 45), "murray_lis": (0, 4),
    "sofa": (0, 24), "euromacs_rhf": (0, 9.5), "michigan_rvfrs": (0, 11.5), "cardshock": (0, 9), "iabp_shock_ii": (0, 9),
    "be_alive": (-1, 16),
}  # fmt: skip


def worked(name: str, inputs: dict[str, Any]) -> dict[str, Any] | None:
    """The answer; None where the inputs do not belong together (venous blood redder than arterial)."""
    try:
        return evidence.score(name, **inputs)
    except InputError as error:
        assert all(not problem.place for problem in error.problems), str(error)
        return None


@pytest.mark.parametrize("name", POINTS)
@given(data=st.data())
@settings(max_examples=25)
def test_a_score_never_leaves_its_range_and_has_one_class(name: str, data: st.DataObject) -> None:
    record = find_score(name)
    found = evidence.score(name, **data.draw(complete(record)))
    assert record.total_range == PRINTED[name]
    assert PRINTED[name][0] <= found["score"] <= PRINTED[name][1]
    assert len([one for one in record.classes if one.when.value({"score": found["score"]})]) == (1 if record.classes else 0)


@pytest.mark.parametrize("name", [name for name in POINTS if name != "sofa"])
def test_nothing_given_leaves_exactly_the_printed_range_and_every_class(name: str) -> None:
    found = evidence.score(name)
    assert tuple(found["score_range"]) == PRINTED[name]
    assert found["possible_classes"] == [one.label for one in find_score(name).classes]
    assert found["score"] is None


def test_sofa_reaches_24_with_every_drug_and_21_without_any() -> None:
    assert evidence.score("sofa")["score_range"] == [0, 21]
    assert evidence.score("sofa", norepinephrine=1)["score_range"] == [4, 24]


@pytest.mark.parametrize("name", AVAILABLE)
@given(data=st.data())
@settings(max_examples=12)
def test_a_range_holds_every_completion(name: str, data: st.DataObject) -> None:
    record = find_score(name)
    whole = data.draw(complete(record))
    hidden = data.draw(st.sets(st.sampled_from(sorted(whole))))
    whole_answer = worked(name, whole)
    # what a completion leaves out must stay left out, so optional inputs are not hidden unless their group needs one
    grouped = {one for group in record.one_of for one in group}
    hidden = {one for one in hidden if not record.inputs[one].optional or grouped >= set(whole) & grouped == {one}}
    some = worked(name, {one: value for one, value in whole.items() if one not in hidden})
    if whole_answer is None or some is None:
        return
    if name == "recirculation" and not 0.0 <= whole_answer["recirculation_fraction"] <= 1.0:
        return  # no fraction: the answer warns, and a range speaks of fractions only
    for output, value in whole_answer.items():
        if output in some["ranges"] and value is not None:
            low, high = some["ranges"][output]
            assert low - 1e-9 * abs(low) - 1e-12 <= value, output
            assert high is None or value <= high + 1e-9 * abs(high) + 1e-12, output
        elif output in some["choices"]:
            assert value in some["choices"][output]
        elif output in record.outputs and some[output] is not None:
            assert value == pytest.approx(some[output])
    assert set(whole_answer["possible_classes"]) <= set(some["possible_classes"])
    if record.failed:
        assert set(some["failed"]) <= set(whole_answer["failed"]) <= set(some["failed"]) | set(some.get("undecided", []))


@pytest.mark.parametrize("name", POINTS)
@given(data=st.data())
@settings(max_examples=15)
def test_both_ends_of_a_range_are_reached(name: str, data: st.DataObject) -> None:
    record = find_score(name)
    whole = data.draw(complete(record))
    hidden = data.draw(st.sampled_from([one for one in sorted(whole) if not record.inputs[one].optional]))
    rest = {one: value for one, value in whole.items() if one != hidden}
    low, high = evidence.score(name, **rest)["score_range"]
    reached = {evidence.score(name, **rest, **{hidden: value})["score"] for value in ends_and_limits(name, hidden)}
    assert {low, high} == {min(reached), max(reached)}


def ends_and_limits(name: str, one: str) -> list[Any]:
    """Values that reach every band of an input, found without the code under test: a fine net over the range."""
    given_input = find_score(name).inputs[one]
    if given_input.type == "bool":
        return [False, True]
    if given_input.type == "enum":
        return list(given_input.values)
    if given_input.type == "multi-enum":
        return [list(some) for some in ([v for i, v in enumerate(given_input.values) if n >> i & 1] for n in range(1, 32))]
    low, high = float(given_input.low or 0), float(given_input.high or 0)
    net = [low + (high - low) * i / 400 for i in range(401)]
    if given_input.type == "integer":
        return sorted({int(x) for x in net})
    return sorted({*net, *(x for x in (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 7.05, 7.15, 7.25) if low <= x <= high)})


RISING = {
    "resp": {"age": -1, "mv_hours": -1, "paco2_mmHg": -1, "pip_cmH2O": -1},
    "save": {"age": -1, "intubation_hours": -1, "pip_cmH2O": -1, "dbp_mmHg": 1, "pulse_pressure_mmHg": 1, "hco3_mmol_L": 1},
    "preserve": {"age": 1, "bmi": -1, "sofa": 1, "mv_days": 1, "peep_cmH2O": -1, "pplat_cmH2O": 1},
    "preset": {"map_mmHg": -1, "lactate_mmol_L": 1, "pH": -1, "platelets_10e9_L": -1, "hospital_days": 1},
    "encourage": {"age": 1, "bmi": 1, "gcs": -1, "creatinine_umol_L": 1, "lactate_mmol_L": 1, "prothrombin_activity_pct": -1},
    "murray_lis": {"cxr_quadrants": 1, "pf_mmHg": -1, "peep_cmH2O": 1, "compliance_mL_cmH2O": -1},
    "sofa": {"pf_mmHg": -1, "platelets_10e9_L": -1, "bilirubin_mg_dL": 1, "map_mmHg": -1, "gcs": -1, "creatinine_mg_dL": 1},
    "euromacs_rhf": {"ra_pcwp": 1, "hemoglobin_g_dL": -1, "n_iv_inotropes": 1, "intermacs": -1},
    "michigan_rvfrs": {"ast_U_L": 1, "bilirubin_mg_dL": 1, "creatinine_mg_dL": 1},
    "cardshock": {"age": 1, "lvef_pct": -1, "lactate_mmol_L": 1, "egfr": -1},
    "iabp_shock_ii": {"age": 1, "glucose_mg_dL": 1, "creatinine_mg_dL": 1, "lactate_mmol_L": 1, "timi_post_pci": -1},
    "be_alive": {"base_excess": -1, "age": 1, "lactate_mmol_L": 1},
    "hmrs": {"age": 1, "albumin_g_dL": -1, "creatinine_mg_dL": 1, "inr": 1},
    "hm3rs": {"age": 1, "sodium_mmol_L": -1, "bun_mg_dL": 1, "lvedd_cm": -1, "rap_mmHg": 1, "pcwp_mmHg": -1},
    "meld_xi": {"bilirubin_mg_dL": 1, "creatinine_mg_dL": 1},
}
LINES = [(name, one, sign) for name, inputs in RISING.items() for one, sign in inputs.items()]


@pytest.mark.parametrize(("name", "one", "sign"), LINES, ids=[f"{name}-{one}" for name, one, _ in LINES])
@given(data=st.data())
@settings(max_examples=10)
def test_a_score_rises_or_falls_where_its_table_does(name: str, one: str, sign: int, data: st.DataObject) -> None:
    record = find_score(name)
    rest = {key: value for key, value in data.draw(complete(record)).items() if key != one}
    low, high = sorted(data.draw(st.tuples(value_of(record.inputs[one]), value_of(record.inputs[one]))))
    first, second = (evidence.score(name, **rest, **{one: value})["score"] for value in (low, high))
    assert sign * (second - first) >= -1e-12


def test_weight_in_save_is_the_one_item_that_turns() -> None:
    item = find_score("save").items["weight_kg"]
    assert [item_points(item, {"weight_kg": kg}) for kg in (50, 75, 100)] == [1, 2, 0]


def test_hope_is_highest_where_its_parabola_turns_and_the_range_finds_it() -> None:
    rest = {"male": False, "asphyxia": False, "age": 20, "potassium_mmol_L": 4, "cpr_minutes": 30}
    turn = 0.937 / (2 * 0.0247)
    found = evidence.score("hope", **rest)
    assert found["score_range"][1] == pytest.approx(evidence.score("hope", **rest, temperature_C=turn)["survival_prob"])
    assert found["ranges"]["linear_predictor"][0] == evidence.score("hope", **rest, temperature_C=36)["linear_predictor"]


def test_hmrs_names_a_class_that_lies_only_between_two_ends() -> None:
    found = evidence.score("hmrs", age=60, creatinine_mg_dL=1.4, inr=1.2, low_volume_center=False)
    assert found["possible_classes"] == ["low", "medium", "high"]
    assert find_score("hmrs").classes[1].label == "medium"


@given(st.floats(0, 1), st.floats(0, 1))
def test_recirculation_without_venous_saturation_lies_between_none_and_what_bloodless_veins_would_give(pre: float, post: float) -> None:
    if not 0.01 <= pre < post:
        return
    low, high = evidence.score("recirculation", spre=pre, spost=post)["score_range"]
    assert low == 0 and high == pytest.approx(pre / post)


def test_exploring_with_nothing_missing_says_what_evaluating_says() -> None:
    record = find_score("resp")
    inputs: dict[str, Any] = {
        "age": 50, "immunocompromised": False, "mv_hours": 48, "diagnosis": "asthma", "cns_dysfunction": False,
        "nonpulmonary_infection": False, "nmb": True, "inhaled_no": False, "bicarbonate_infusion": False, "cardiac_arrest": False,
        "paco2_mmHg": 75, "pip_cmH2O": 42,
    }  # fmt: skip
    assert explore(record, inputs, []).outputs["score"] == evidence.score("resp", **inputs)["score"] == 9


def test_survival_of_hm3rs_follows_from_its_score() -> None:
    found = evidence.score("hm3rs", age=60, prior_cardiac_surgery=False, sodium_mmol_L=137, bun_mg_dL=24, lvedd_cm=5.5, rap_mmHg=8,
                           pcwp_mmHg=18)  # fmt: skip
    assert found["survival_1y_pct"] == pytest.approx(100 * 0.9928 ** math.exp(found["score"]))
    assert found["warnings"][0].startswith("Coefficients were recovered")
