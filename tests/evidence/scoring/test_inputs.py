"""Inputs: units of every laboratory, words, ranges, and every problem at once."""

import json
import math
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse import evidence
from perfuse.evidence.scoring.library import find_score
from perfuse.evidence.scoring.quantities import read_quantity, substances
from perfuse.parameters.problems import InputError

sys.path.insert(0, str(Path(__file__).parent))
from drawn import complete

RESP: dict[str, Any] = {
    "age": 35, "immunocompromised": False, "mv_hours": 24, "diagnosis": "viral_pneumonia", "cns_dysfunction": False,
    "nonpulmonary_infection": False, "nmb": True, "inhaled_no": False, "bicarbonate_infusion": False, "cardiac_arrest": False,
    "paco2_mmHg": 60, "pip_cmH2O": 38,
}  # fmt: skip

OTHER_UNITS: list[tuple[str, str, str, float]] = [  # score, input, another unit, how many of it are one of the score's
    ("resp", "paco2_mmHg", "kPa", 0.133322387415),
    ("resp", "pip_cmH2O", "mbar", 0.980665),
    ("resp", "mv_hours", "days", 1 / 24),
    ("resp", "mv_hours", "min", 60),
    ("save", "weight_kg", "pound", 1 / 0.45359237),
    ("save", "hco3_mmol_L", "mEq/L", 1),
    ("preset", "map_mmHg", "kPa", 0.133322387415),
    ("preset", "lactate_mmol_L", "mg/dL", 8.907),
    ("preset", "platelets_10e9_L", "/uL", 1000),
    ("preset", "platelets_10e9_L", "G/L", 1),
    ("preset", "platelets_10e9_L", "x10^9/L", 1),
    ("preset", "platelets_10e9_L", "10^3/uL", 1),
    ("preset", "platelets_10e9_L", "K/uL", 1),
    ("preset", "hospital_days", "h", 24),
    ("encourage", "creatinine_umol_L", "mg/dL", 0.11312 / 10),
    ("sofa", "bilirubin_mg_dL", "umol/L", 10 / 0.58466),
    ("sofa", "creatinine_mg_dL", "umol/L", 10 / 0.11312),
    ("sofa", "creatinine_mg_dL", "mg/L", 10),
    ("iabp_shock_ii", "glucose_mg_dL", "mmol/L", 10 / 180.16),
    ("hmrs", "albumin_g_dL", "g/L", 10),
    ("hm3rs", "bun_mg_dL", "mmol/L", 10 / 28.0134),
    ("hm3rs", "lvedd_cm", "mm", 10),
    ("hope", "potassium_mmol_L", "mEq/L", 1),
    ("euromacs_rhf", "hemoglobin_g_dL", "g/L", 10),
    ("euromacs_rhf", "hemoglobin_g_dL", "mmol/L", 10 / 16.114),
]


@pytest.mark.parametrize(("name", "one", "unit", "factor"), OTHER_UNITS, ids=[f"{c[0]}-{c[1]}-{c[2]}" for c in OTHER_UNITS])
@given(data=st.data())
@settings(max_examples=15)
def test_a_score_does_not_depend_on_the_unit_used(name: str, one: str, unit: str, factor: float, data: st.DataObject) -> None:
    record = find_score(name)
    inputs = data.draw(complete(record))
    limits = sorted({x for item in record.items.values() for band in item.bands for x in band.when.limits.get(one, ())})
    if limits and data.draw(st.booleans()):
        inputs[one] = data.draw(st.sampled_from(limits))  # on a limit, where a rounding error would show
    here = evidence.score(name, **inputs)
    there = evidence.score(name, **{**inputs, one: f"{inputs[one] * factor!r} {unit}"})
    told = [*record.outputs, *([record.class_name] if record.class_name else [])]
    for output in told:
        assert there[output] == (pytest.approx(here[output], rel=1e-9) if isinstance(here[output], float) else here[output])


@pytest.mark.parametrize(
    ("given", "unit", "substance", "value"),
    [
        ("180 umol/L", "mg/dL", "creatinine", 2.03616),
        ("17.1 umol/L", "mg/dL", "bilirubin", 0.99977),
        ("10 mmol/L", "mg/dL", "glucose", 180.16),
        ("10 mmol/L", "mg/dL", "urea nitrogen", 28.0134),
        ("36 mg/dL", "mmol/L", "lactate", 4.0418),
        ("8 mmol/L", "g/dL", "haemoglobin", 12.8912),
        ("35 g/L", "g/dL", "albumin", 3.5),
        ("140 mEq/L", "mmol/L", "sodium", 140.0),
        ("88 %", "fraction", "", 0.88),
        ("2 days", "h", "", 48.0),
        ("8 kPa", "mmHg", "", 60.00493),
        ("180000/uL", "10^9/L", "", 180.0),
        ("180 10⁹/L", "10^9/L", "", 180.0),
        ("180e9/L", "10^9/L", "", 180.0),
        ("86 °F", "degC", "", 30.0),
        ("45 mL/min/1.73 m2", "mL/min/1.73m2", "", 45.0),
        ("0.05 mg/kg/h", "ug/kg/min", "", 0.8333333),
        ("50 mL/h", "mL/day", "", 1200.0),
    ],
)
def test_units_of_the_bedside_and_of_laboratories(given: str, unit: str, substance: str, value: float) -> None:
    assert read_quantity(given, unit, substance) == pytest.approx(value, rel=1e-4)


def test_every_substance_of_a_record_has_a_molar_mass_with_a_source() -> None:
    used = {one.substance for s in evidence.scores() for one in find_score(s["id"]).inputs.values() if one.substance}
    assert used == set(substances())
    assert all(one.source and one.molar_mass > 0 for one in substances().values())


def refusal(name: str, **inputs: Any) -> str:
    with pytest.raises(InputError) as caught:
        evidence.score(name, **inputs)
    return str(caught.value)


def test_every_problem_is_told_at_once_with_range_source_and_the_nearest_name() -> None:
    said = refusal("resp", **{**RESP, "age": 135, "diagnosis": "viral_pneumonie", "nmb": "maybe", "pip_cmH2O": "38 mL"}, agee=35)
    assert "5 problems" in said
    assert "18 to 100 years (limits of plausible entry, chosen for this library, assumed)" in said
    assert "Did you mean viral_pneumonia" in said
    assert "'maybe' is neither true nor false" in said
    assert "cannot be converted" in said
    assert "Did you mean age?" in said


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("resp", {"age": math.nan}, "not a finite number"),
        ("resp", {"age": "nan"}, "not a number"),
        ("resp", {"age": True}, "not a number"),
        ("resp", {"age": [35]}, "not a number"),
        ("resp", {"age": ""}, "not a number"),
        ("encourage", {"gcs": 14.5}, "not a whole number"),
        ("resp", {"diagnosis": 3}, "a word should stand here"),
        ("save", {"diagnoses": []}, "one word or several"),
        ("save", {"diagnoses": ["myocarditis", "flu"]}, "'flu' is not one of its words"),
        ("recirculation", {"spre": 88}, "Is it a percentage? Write '88 %' or 0.88"),
        ("rox", {"spo2_pct": 0.92}, "Is it a fraction? Write 92"),
        ("recirculation", {"spre": 0.8, "spost": 0.7, "svo2": 0.7}, "denominator"),
        ("papi", {"pa_sys": 35, "pa_dia": 20, "rap": 0}, "lies outside its range"),
        ("papi", {"pa_sys": 15, "pa_dia": 20, "rap": 5}, "below the diastolic"),
        ("cpo", {"map_mmHg": 20, "co_L_min": 3, "rap_mmHg": 25}, "not be positive"),
        ("oxygen_transport", {"hb_g_dL": 10, "sao2": 0.5, "pao2_mmHg": 30, "svo2": 0.9, "pvo2_mmHg": 60, "co_L_min": 5}, "negative"),
        ("vis", {"vasopressin_U_kg_min": "0.03 U/min"}, "cannot be converted"),
        ("ards_global_2023", {"intubated": "perhaps"}, "neither true nor false"),
        ("roch", {"age": 50}, "points per item"),
        ("scai", {}, "described, not worked out"),
        ("rsep", {}, "Did you mean resp"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(name: str, given: dict[str, Any], words: str) -> None:
    assert words in refusal(name, **given)


ODD: list[Any] = [
    "", " ", "\0", "nan", "inf", "-inf", "1e999", "1,5", "1_000", "0x1f", "½", "12 mmHg mmHg", "5 m^99999", "5 /", "(5)", "--", "yes",
    "a" * 5000,
    0, -1, 1e308, -1e308, math.nan, math.inf, 10**400, -(10**5000), True, [], [None], {}, (), set(), b"5", object(), 1j, Decimal("5"),
    Decimal("NaN"), Decimal("sNaN"), Fraction(1, 3), np.float64(5), np.bool_(True), np.array([1, 2]),
    np.array(5.0), np.datetime64("2020"), range(3),
    type,
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(one["id"] for one in evidence.scores() if find_score(one["id"]).available))
@given(data=st.data())
@settings(max_examples=15)
def test_whatever_is_given_there_is_an_answer_in_finite_numbers_or_a_refusal_in_words(name: str, data: st.DataObject) -> None:
    record = find_score(name)
    values = data.draw(complete(record))
    spoiled = data.draw(st.dictionaries(st.sampled_from(sorted(record.inputs)), st.sampled_from(ODD), max_size=2))
    try:
        json.dumps(evidence.score(name, **{**values, **spoiled}), allow_nan=False)
    except InputError as told:
        assert str(told) and json.dumps(told.as_json())


@pytest.mark.parametrize("word", [True, "true", "True", "yes", "y", 1, "1", np.bool_(True)])
def test_yes_has_many_forms(word: Any) -> None:
    assert evidence.score("resp", **{**RESP, "nmb": word})["score"] == 7


def test_numbers_of_numpy_words_with_blanks_and_lists_as_text_are_understood() -> None:
    assert evidence.score("resp", **{**RESP, "age": np.int64(35), "pip_cmH2O": np.float32(38)})["score"] == 7
    assert evidence.score("RESP", **{**RESP, "diagnosis": "Viral pneumonia"})["score"] == 7
    whole = {"diagnoses": "myocarditis; refractory vt vf"}
    assert evidence.score("save", **whole)["inputs"]["diagnoses"]["value"] == ["myocarditis", "refractory_vt_vf"]
    assert evidence.score("save", diagnoses=["other", "other"])["inputs"]["diagnoses"]["value"] == ["other"]


def test_none_is_missing_and_what_is_missing_is_named_with_what_it_could_add() -> None:
    found = evidence.score("resp", **{**RESP, "diagnosis": None})
    assert found["missing"] == ["diagnosis"]
    assert found["could_add"] == [{"input": "diagnosis", "item": "diagnosis", "adds": [0, 11]}]
    assert (found["score"], found["score_range"], found["risk_class"], found["possible_classes"]) == (None, [4, 15], None, ["I", "II"])
    assert [one["label"] for one in found["possible_outcomes"]] == ["I", "II"]


def test_a_class_that_every_completion_shares_is_told() -> None:
    found = evidence.score("resp", **{**RESP, "pip_cmH2O": None})
    assert (found["score"], found["score_range"], found["risk_class"], found["hospital_survival_pct"]) == (None, [6, 7], "I", 92)


def test_optional_inputs_that_are_absent_are_told_with_their_rule() -> None:
    found = evidence.score("sofa", pf_mmHg=90, resp_support=True, platelets_10e9_L=120, bilirubin_mg_dL=1.0, map_mmHg=75, gcs=15,
                           creatinine_mg_dL=1.0)  # fmt: skip
    assert any("urine_mL_day not given" in one for one in found["warnings"])
    assert any("dopamine, dobutamine, epinephrine, norepinephrine not given: not infused" in one for one in found["warnings"])
    assert evidence.score("murray_lis", cxr_quadrants=3, pf_mmHg=120)["score"] == 3.0


def test_a_group_of_which_one_is_needed_is_missing_as_a_whole() -> None:
    assert evidence.score("ards_global_2023", intubated=True)["missing"] == ["pf_mmHg or sf"]
    assert evidence.score("vis")["score_range"][0] == 0
    assert evidence.score("vis")["vis"] is None


def test_hope_uses_the_printed_formula_above_potassium_9_and_says_what_a_ceiling_would_give() -> None:
    rest = {"male": True, "asphyxia": False, "age": 45, "cpr_minutes": 90, "temperature_C": 24}
    high, nine = evidence.score("hope", **rest, potassium_mmol_L=12), evidence.score("hope", **rest, potassium_mmol_L=9)
    assert high["survival_prob"] < nine["survival_prob"]
    assert high["survival_prob_potassium_held_at_9"] == pytest.approx(nine["survival_prob"])
    assert any("potassium above 9" in one for one in high["warnings"])
    assert not nine["warnings"]
