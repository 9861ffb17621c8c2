"""Every limit of every table, typed here a second time from print: the value on the limit, and one just beside it."""

from typing import Any

import pytest

from perfuse import evidence
from perfuse.evidence.scoring.library import find_score

LIMITS: dict[str, dict[str, tuple[str, dict[float, float]]]] = {
    "resp": {
        "age": ("age", {18: 0, 49: 0, 49.9: 0, 50: -2, 59: -2, 59.9: -2, 60: -3, 100: -3}),
        "mv_before_ecmo": ("mv_hours", {0: 3, 47.9: 3, 48: 1, 168: 1, 168.1: 0}),
        "paco2_ge_75": ("paco2_mmHg", {74.9: 0, 75: -1}),
        "pip_ge_42": ("pip_cmH2O", {41.9: 0, 42: -1}),
    },
    "save": {
        "age": ("age", {18: 7, 38: 7, 39: 4, 52: 4, 53: 3, 62: 3, 63: 0}),
        "weight_kg": ("weight_kg", {64: 1, 65: 1, 65.1: 2, 89: 2, 89.5: 2, 90: 0}),
        "intubation_h": ("intubation_hours", {10: 0, 11: -2, 29: -2, 30: -4}),
        "pip_le_20": ("pip_cmH2O", {20: 3, 20.1: 0}),
        "dbp_ge_40": ("dbp_mmHg", {39.9: 0, 40: 3}),
        "pulse_pressure_le_20": ("pulse_pressure_mmHg", {20: -2, 20.1: 0}),
        "hco3_le_15": ("hco3_mmol_L", {15: -3, 15.1: 0}),
    },
    "preserve": {
        "age": ("age", {44: 0, 45: 2, 55: 2, 56: 3}),
        "bmi_gt_30": ("bmi", {30: 0, 30.1: -2}),
        "sofa_gt_12": ("sofa", {12: 0, 13: 1}),
        "mv_gt_6_days": ("mv_days", {6: 0, 6.1: 1}),
        "peep_lt_10": ("peep_cmH2O", {9.9: 1, 10: 0}),
        "pplat_gt_30": ("pplat_cmH2O", {30: 0, 30.1: 1}),
    },
    "preset": {
        "map_mmHg": ("map_mmHg", {101: 0, 100: 1, 91: 1, 90: 2, 81: 2, 80: 3, 71: 3, 70: 4}),
        "lactate_mmol_L": ("lactate_mmol_L", {1.5: 0, 1.51: 1, 3.0: 1, 3.01: 2, 6.0: 2, 6.01: 3, 10.0: 3, 10.01: 4}),
        "pH": ("pH", {7.301: 0, 7.3: 1, 7.201: 1, 7.2: 2, 7.101: 2, 7.1: 3}),
        "platelets_10e9_L": ("platelets_10e9_L", {201: 0, 200: 1, 101: 1, 100: 2}),
        "hospital_days": ("hospital_days", {2: 0, 3: 1, 7: 1, 8: 2}),
    },
    "encourage": {
        "age_gt_60": ("age", {60: 0, 61: 5}),
        "bmi_gt_25": ("bmi", {25: 0, 25.1: 6}),
        "gcs_lt_6": ("gcs", {5: 6, 6: 0}),
        "creatinine_gt_150": ("creatinine_umol_L", {150: 0, 151: 5}),
        "lactate_mmol_L": ("lactate_mmol_L", {1.9: 0, 2: 8, 8: 8, 8.1: 11}),
        "prothrombin_activity_lt_50": ("prothrombin_activity_pct", {49: 5, 50: 0}),
    },
    "murray_lis": {
        "cxr_quadrants": ("cxr_quadrants", {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}),
        "pf_mmHg": ("pf_mmHg", {300: 0, 299: 1, 225: 1, 224: 2, 175: 2, 174: 3, 100: 3, 99: 4}),
        "peep_cmH2O": ("peep_cmH2O", {5: 0, 6: 1, 8: 1, 9: 2, 11: 2, 12: 3, 14: 3, 15: 4}),
        "compliance": ("compliance_mL_cmH2O", {80: 0, 79: 1, 60: 1, 59: 2, 40: 2, 39: 3, 20: 3, 19: 4}),
    },
    "sofa": {
        "coagulation": ("platelets_10e9_L", {150: 0, 149: 1, 100: 1, 99: 2, 50: 2, 49: 3, 20: 3, 19: 4}),
        "liver": ("bilirubin_mg_dL", {1.1: 0, 1.2: 1, 1.9: 1, 2.0: 2, 5.9: 2, 6.0: 3, 11.9: 3, 12.0: 4}),
        "cns": ("gcs", {15: 0, 14: 1, 13: 1, 12: 2, 10: 2, 9: 3, 6: 3, 5: 4}),
        "renal": ("creatinine_mg_dL", {1.1: 0, 1.2: 1, 1.9: 1, 2.0: 2, 3.4: 2, 3.5: 3, 4.9: 3, 5.0: 4}),
        "respiration": ("pf_mmHg", {400: 0, 399: 1, 300: 1, 299: 2, 200: 2, 199: 3, 100: 3, 99: 4}),
    },
    "euromacs_rhf": {
        "ra_pcwp_gt_0_54": ("ra_pcwp", {0.54: 0, 0.55: 2}),
        "hemoglobin_le_10": ("hemoglobin_g_dL", {10: 1, 10.1: 0}),
        "iv_inotropes_ge_3": ("n_iv_inotropes", {2: 0, 3: 2.5}),
        "intermacs_1_3": ("intermacs", {1: 2, 3: 2, 4: 0}),
    },
    "michigan_rvfrs": {
        "ast_ge_80": ("ast_U_L", {79: 0, 80: 2}),
        "bilirubin_ge_2": ("bilirubin_mg_dL", {1.9: 0, 2.0: 2.5}),
        "creatinine_ge_2_3": ("creatinine_mg_dL", {2.2: 0, 2.3: 3}),
    },
    "cardshock": {
        "age_gt_75": ("age", {75: 0, 76: 1}),
        "lvef_lt_40": ("lvef_pct", {39: 1, 40: 0}),
        "lactate": ("lactate_mmol_L", {1.9: 0, 2: 1, 4: 1, 4.1: 2}),
        "egfr": ("egfr", {61: 0, 60: 1, 30: 1, 29: 2}),
    },
    "iabp_shock_ii": {
        "age_gt_73": ("age", {73: 0, 74: 1}),
        "glucose_gt_191": ("glucose_mg_dL", {191: 0, 192: 1}),
        "creatinine_gt_1_5": ("creatinine_mg_dL", {1.5: 0, 1.51: 1}),
        "lactate_gt_5": ("lactate_mmol_L", {5: 0, 5.1: 2}),
        "timi_lt_3": ("timi_post_pci", {0: 2, 2: 2, 3: 0}),
    },
    "be_alive": {
        "base_excess_lt_minus2": ("base_excess", {-2: 0, -2.1: 1}),
        "age": ("age", {64: 0, 65: 1, 74: 1, 75: 2, 84: 2, 85: 3}),
        "lactate": ("lactate_mmol_L", {1.9: 0, 2: 1, 4.9: 1, 5: 3, 9.9: 3, 10: 6}),
    },
}
CASES = [
    (name, item, given, value, points)
    for name, items in LIMITS.items()
    for item, (given, table) in items.items()
    for value, points in table.items()
]


@pytest.mark.parametrize(("name", "item", "given", "value", "points"), CASES, ids=[f"{c[0]}-{c[1]}-{c[3]}" for c in CASES])
def test_a_value_beside_a_limit_has_the_printed_points(name: str, item: str, given: str, value: float, points: float) -> None:
    inputs: dict[str, Any] = {given: value, **({"resp_support": True} if item == "respiration" else {})}
    found = evidence.score(name, **inputs)
    assert next(line["points"] for line in found["contributions"] if line["item"] == item) == points


def test_every_item_with_limits_is_among_them() -> None:
    for name in LIMITS:
        numeric = {
            item.name
            for item in find_score(name).items.values()
            if item.bands and not item.words and find_score(name).inputs[item.of[0]].type in ("number", "integer")
        }
        assert numeric - set(LIMITS[name]) <= {"cardiovascular"}


@pytest.mark.parametrize(
    ("given", "points"),
    [
        ({"map_mmHg": 70}, 0),
        ({"map_mmHg": 69.9}, 1),
        ({"map_mmHg": 60, "dobutamine": 2}, 2),
        ({"map_mmHg": 80, "dopamine": 5}, 2),
        ({"map_mmHg": 80, "dopamine": 5.1}, 3),
        ({"map_mmHg": 80, "dopamine": 15}, 3),
        ({"map_mmHg": 80, "dopamine": 15.1}, 4),
        ({"map_mmHg": 80, "epinephrine": 0.1}, 3),
        ({"map_mmHg": 80, "epinephrine": 0.11}, 4),
        ({"map_mmHg": 80, "norepinephrine": 0.1}, 3),
        ({"map_mmHg": 80, "norepinephrine": 0.11}, 4),
        ({"map_mmHg": 80, "norepinephrine": 0}, 0),
    ],
)
def test_sofa_counts_the_strongest_circulatory_support(given: dict[str, float], points: int) -> None:
    assert evidence.score("sofa", **given)["components"]["cardiovascular"] == points


@pytest.mark.parametrize(("urine", "points"), [(None, 0), (500, 0), (499, 3), (200, 3), (199, 4)])
def test_sofa_counts_little_urine(urine: float | None, points: int) -> None:
    assert evidence.score("sofa", creatinine_mg_dL=1.0, urine_mL_day=urine)["components"]["renal"] == points


@pytest.mark.parametrize(("pf", "points"), [(90, 2), (199, 2), (299, 2), (300, 1), (399, 1), (400, 0)])
def test_sofa_gives_no_more_than_two_points_for_lungs_without_support(pf: float, points: int) -> None:
    assert evidence.score("sofa", pf_mmHg=pf, resp_support=False)["components"]["respiration"] == points


CLASSES: dict[str, tuple[str, dict[str, tuple[float, float]]]] = {
    "resp": ("risk_class", {"V": (-22, -6), "IV": (-5, -2), "III": (-1, 2), "II": (3, 5), "I": (6, 15)}),
    "save": ("risk_class", {"V": (-35, -10), "IV": (-9, -5), "III": (-4, 0), "II": (1, 5), "I": (6, 17)}),
    "preserve": ("risk_class", {"0-2": (-2, 2), "3-4": (3, 4), "5-6": (5, 6), ">=7": (7, 10)}),
    "preset": ("risk_class", {"I": (0, 5), "II": (6, 9), "III": (10, 15)}),
    "encourage": ("risk_class", {"0-12": (0, 12), "13-18": (13, 18), "19-22": (19, 22), "23-27": (23, 27), ">=28": (28, 45)}),
    "murray_lis": ("category", {"no lung injury": (0, 0), "mild-to-moderate": (0.25, 2.5), "severe": (2.75, 4)}),
    "hmrs": ("risk_group", {"low": (0, 1.579), "medium": (1.58, 2.48), "high": (2.481, 9)}),
    "hm3rs": ("risk_group", {"higher survival": (0, 2.409), "average": (2.41, 2.97), "lower": (2.971, 8)}),
    "euromacs_rhf": ("risk_group", {"low": (0, 2), "intermediate": (2.5, 4), "high": (4.5, 9.5)}),
    "michigan_rvfrs": ("band", {"<=3.0": (0, 3), "4.0-5.0": (4, 5), ">=5.5": (5.5, 11.5)}),
    "cardshock": ("risk_class", {"low": (0, 3), "intermediate": (4, 5), "high": (6, 9)}),
    "iabp_shock_ii": ("risk_class", {"low": (0, 2), "intermediate": (3, 4), "high": (5, 9)}),
}


@pytest.mark.parametrize("name", CLASSES)
def test_both_ends_of_a_class_belong_to_it_and_to_no_other(name: str) -> None:
    record = find_score(name)
    key, bounds = CLASSES[name]
    assert record.class_name == key
    for label, ends in bounds.items():
        for value in ends:
            assert [one.label for one in record.classes if one.when.value({"score": value})] == [label]


@pytest.mark.parametrize(
    ("pf", "peep", "severity"),
    [
        (300, 5, "mild"),
        (301, 5, None),
        (200.1, 5, "mild"),
        (200, 5, "moderate"),
        (100.1, 5, "moderate"),
        (100, 5, "severe"),
        (90, 4.9, None),
    ],
)
def test_berlin_has_a_severity_only_up_to_300_and_from_a_peep_of_5(pf: float, peep: float, severity: str | None) -> None:
    assert evidence.score("berlin", pf_mmHg=pf, peep_cmH2O=peep)["severity"] == severity


@pytest.mark.parametrize(
    ("given", "criterion", "severity"),
    [
        ({"intubated": True, "pf_mmHg": 100, "peep_cmH2O": 5}, True, "severe"),
        ({"intubated": True, "pf_mmHg": 100.1, "peep_cmH2O": 5}, True, "moderate"),
        ({"intubated": True, "pf_mmHg": 200.1, "peep_cmH2O": 5}, True, "mild"),
        ({"intubated": True, "pf_mmHg": 300, "peep_cmH2O": 5}, True, "mild"),
        ({"intubated": True, "pf_mmHg": 301, "peep_cmH2O": 5}, False, None),
        ({"intubated": True, "pf_mmHg": 150}, True, "moderate"),
        ({"intubated": True, "pf_mmHg": 150, "peep_cmH2O": 4}, False, None),
        ({"intubated": True, "sf": 148, "spo2_pct": 97, "peep_cmH2O": 8}, True, "severe"),
        ({"intubated": True, "sf": 149, "spo2_pct": 97, "peep_cmH2O": 8}, True, "moderate"),
        ({"intubated": True, "sf": 235, "spo2_pct": 97, "peep_cmH2O": 8}, True, "moderate"),
        ({"intubated": True, "sf": 236, "spo2_pct": 97, "peep_cmH2O": 8}, True, "mild"),
        ({"intubated": True, "sf": 315, "spo2_pct": 97, "peep_cmH2O": 8}, True, "mild"),
        ({"intubated": True, "sf": 316, "spo2_pct": 97, "peep_cmH2O": 8}, False, None),
        ({"intubated": True, "sf": 240, "spo2_pct": 97.1, "peep_cmH2O": 8}, False, None),
        ({"intubated": False, "hfno_L_min": 30, "pf_mmHg": 300}, True, None),
        ({"intubated": False, "hfno_L_min": 29.9, "pf_mmHg": 300}, False, None),
        ({"intubated": False, "peep_cmH2O": 5, "pf_mmHg": 250}, True, None),
        ({"intubated": False, "pf_mmHg": 250}, False, None),
    ],
)
def test_the_global_definition_needs_support_and_hypoxaemia(given: dict[str, Any], criterion: bool, severity: str | None) -> None:
    found = evidence.score("ards_global_2023", **given)
    assert (found["oxygenation_criterion"], found["severity"]) == (criterion, severity)


EOLIA = {"pf_mmHg": 110, "hours_pf": 0, "pH": 7.4, "paco2_mmHg": 40, "hours_acidosis": 0, "mv_days": 2, "optimised": True}


@pytest.mark.parametrize(
    ("given", "eligible"),
    [
        ({"pf_mmHg": 49, "hours_pf": 3.1}, True),
        ({"pf_mmHg": 50, "hours_pf": 3.1}, False),
        ({"pf_mmHg": 49, "hours_pf": 3}, False),
        ({"pf_mmHg": 79, "hours_pf": 6.1}, True),
        ({"pf_mmHg": 80, "hours_pf": 6.1}, False),
        ({"pf_mmHg": 79, "hours_pf": 6}, False),
        ({"pH": 7.24, "paco2_mmHg": 60, "hours_acidosis": 6.1}, True),
        ({"pH": 7.25, "paco2_mmHg": 60, "hours_acidosis": 6.1}, False),
        ({"pH": 7.24, "paco2_mmHg": 59.9, "hours_acidosis": 6.1}, False),
        ({"pH": 7.24, "paco2_mmHg": 60, "hours_acidosis": 6}, False),
        ({"pf_mmHg": 49, "hours_pf": 4, "mv_days": 7}, False),
        ({"pf_mmHg": 49, "hours_pf": 4, "mv_days": 6.9}, True),
        ({"pf_mmHg": 49, "hours_pf": 4, "optimised": False}, False),
    ],
)
def test_eolia_takes_patients_inside_its_limits_only(given: dict[str, Any], eligible: bool) -> None:
    assert evidence.score("eolia_eligibility", **(EOLIA | given))["eligible"] is eligible


ECPR = {
    "age": 50, "witnessed": True, "no_flow_min": 2, "rhythm": "VF", "arrest_to_ecmo_min": 50, "etco2_mmHg": 18,
    "life_limiting": False, "aortic_regurgitation_more_than_mild": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        ({"age": 69.9}, []),
        ({"age": 70}, ["age"]),
        ({"witnessed": False}, ["witnessed"]),
        ({"no_flow_min": 5}, ["no_flow"]),
        ({"no_flow_min": 4.9}, []),
        ({"rhythm": "pVT"}, []),
        ({"rhythm": "PEA"}, []),
        ({"rhythm": "asystole"}, ["rhythm"]),
        ({"arrest_to_ecmo_min": 60}, ["arrest_to_ecmo"]),
        ({"etco2_mmHg": 10}, ["etco2"]),
        ({"etco2_mmHg": 10.1}, []),
        ({"life_limiting": True, "aortic_regurgitation_more_than_mild": True}, ["no_life_limiting_comorbidity", "aortic_valve"]),
    ],
)
def test_the_ecpr_checklist_names_what_is_not_met(given: dict[str, Any], failed: list[str]) -> None:
    found = evidence.score("ecpr_elso", **(ECPR | given))
    assert (found["all_met"], found["failed"]) == (not failed, failed)
