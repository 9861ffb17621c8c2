"""What a run says of its devices: words, warnings, waves, and columns of a table of patients."""

from typing import Any

import numpy as np
import pytest

import perfuse as pf
from perfuse.parameters import InputError
from perfuse.parameters.from_python import case_of
from perfuse.results import device_waves
from perfuse.results.rows_given import cases_of
from perfuse.results.run import meaningful
from perfuse.results.simulate import sources_of
from perfuse.results.supported import NATIVE_VENTRICLES, names, with_flows
from perfuse.results.warnings import outside, warnings_of


def on(*support: Any) -> Any:
    """A case on these."""
    return case_of("shock-scai-d", list(support), seconds=600.0)


def column(value: float) -> Any:
    return np.full(60, value)


@pytest.mark.parametrize(
    ("support", "words"),
    [
        ([pf.va_ecmo(flow=4), pf.device("impella_cp", level=6)], "VA-ECMO 4.1 L/min, Impella CP with SmartAssist 2.3 L/min"),
        ([pf.device("heartmate3"), pf.device("heartmate3", side="right")], "HeartMate 3 3.9 L/min, HeartMate 3 (right) 3.1 L/min"),
        ([pf.device("iabp_40")], "Intra-aortic balloon 40 mL augmenting to 91 mmHg"),
        ([pf.device("excor_60", side="both")], "EXCOR 60 mL (both sides) 5.0 and 4.5 L/min"),
        ([pf.device("syncardia_70")], "SynCardia 70 cc 5.0 and 4.5 L/min"),
        ([pf.device("tandemheart")], "TandemHeart 3.9 L/min"),
    ],
)
def test_a_run_names_its_support_with_its_flow(support: list[Any], words: str) -> None:
    numbers = {"ecmo_flow": 4.1, "impella_flow": 2.3, "lvad_flow": 3.9, "rvad_flow": 3.1, "iabp_augmented_diastolic": 91.2}
    numbers |= {"pulsatile_left_flow": 5.0, "pulsatile_right_flow": 4.5}
    case = on(*support)
    assert with_flows(case.support, case.devices, numbers) == words
    assert len(names(case.support, case.devices)) == len(support)


def test_without_support_a_run_says_so() -> None:
    assert with_flows(None, [], {}) == "no support"


def test_a_replaced_ventricle_has_no_ejection_fraction_and_an_absent_chamber_no_flow() -> None:
    numbers = dict.fromkeys((*NATIVE_VENTRICLES, "MAP", "pulsatile_left_flow", "pulsatile_right_flow"), 1.0)
    assert set(meaningful(numbers, None, on(pf.device("syncardia_70")).devices)) == {"MAP", "pulsatile_left_flow", "pulsatile_right_flow"}
    assert "pulsatile_right_flow" not in meaningful(numbers, None, on(pf.device("excor_60")).devices)


def said(case: Any, **columns: float) -> list[str]:
    """Warnings of a run with steady columns."""
    return warnings_of(case, columns, {name: column(value) for name, value in columns.items()})


def test_an_assumed_curve_is_said_in_every_run() -> None:
    assert any("curve of TandemHeart is assumed" in text for text in said(on(pf.device("tandemheart")), lvad_flow=3.0))
    assert not any("assumed" in text for text in said(on(pf.device("heartmate3")), lvad_flow=3.0))


def test_flow_beyond_the_curve_backwards_flow_suction_and_a_deceived_controller_are_said() -> None:
    case = on(pf.device("impella_cp", level=8))
    assert any("Flow reached 5.0 L/min in Impella CP" in text for text in said(case, impella_flow=5.0))
    assert outside(case, {}, {"impella_flow": column(5.0)})
    lvad = on(pf.device("heartmate3"))
    assert any("ran backwards through HeartMate 3, up to 1.2 L/min" in text for text in said(lvad, lvad_flow=-1.2))
    assert any("sucked shut for up to 20 %" in text for text in said(lvad, lvad_flow=3.0, lvad_suction=20.0))
    assert any("would show 9.0 L/min" in text for text in said(lvad, lvad_flow=3.0, lvad_flow_shown=9.0))
    assert said(lvad, lvad_flow=3.0, lvad_suction=4.0, lvad_flow_shown=3.4) == []


def test_sources_name_each_number_of_a_device_with_its_own_mark() -> None:
    found = sources_of(None, None, on(pf.device("heartmate3")).devices)
    assert {line["mark"] for line in found} >= {"seen", "computed", "assumed"}
    assert any(line["key"].startswith("heartmate3.") for line in found)


@pytest.mark.parametrize(
    ("support", "row", "key", "value"),
    [
        (pf.device("heartmate3"), {"lvad.rpm": 6000}, "rpm", 6000.0),
        (pf.device("heartmate3", side="right"), {"rvad.rpm": 4000}, "rpm", 4000.0),
        (pf.device("impella_cp", rpm=40000), {"impella.level": 4}, "level", 4.0),
        (pf.device("impella_rp"), {"impella_rp.level": 5}, "level", 5.0),
        (pf.device("iabp_40"), {"balloon.ratio": 2}, "ratio", 2.0),
    ],
)
def test_a_column_of_a_device_is_its_setting_from_the_start(support: Any, row: dict[str, float], key: str, value: float) -> None:
    (case,) = cases_of([{"patient": "shock-scai-d", **row}], support, 60.0, (), None, 1)
    assert getattr(case.devices[0], key) == value
    assert case.protocol == []


def test_other_columns_of_a_device_are_set_when_it_starts_beside_a_circuit_too() -> None:
    row = {"patient": "shock-scai-d", "lvad.rpm": 6000, "lvad.clot": 0.2, "pump.rpm": 3100}
    (case,) = cases_of([row], [pf.va_ecmo(flow=4), pf.device("heartmate3")], 60.0, (), None, 1)
    assert case.support is not None
    assert (case.support.pump.rpm, case.support.pump.flow, case.devices[0].rpm) == (3100.0, None, 6000.0)
    assert case.protocol[0].settings == {"lvad.clot": 0.2}


def test_a_wrong_value_of_a_device_is_told_by_its_column() -> None:
    with pytest.raises(InputError, match=r"lvad\.rpm in row 1: 120 rpm is below the pump's range"):
        cases_of([{"patient": "shock-scai-d", "lvad.rpm": 120}], pf.device("heartmate3"), 60.0, (), None, 1)


def test_waves_of_devices() -> None:
    places = {place: column(10.0 * i) for i, place in enumerate(("lv", "root", "ascending", "descending", "femoral", "pa"))}
    rows = {f"left_to_{place}": column(float(place == "root")) for place in places}
    rows |= {"left_flow": column(50.0), "left_speed": column(44000.0), "left_flow_felt": column(50.0), "left_transvalvular": column(1.0)}
    made = device_waves.signals(rows, places)
    assert made["impella_flow"][0] == pytest.approx(3.0)
    assert made["impella_placement"][0] == places["root"][0]
    balloon = {"balloon_gas": np.array([0.0, 40.0]), "arterial_stiffness": np.ones(2)}
    low, high = device_waves.signals(balloon, {"descending": np.full(2, 60.0)})["P_balloon"]
    assert low == device_waves.EMPTY
    assert high > 60.0
    sacs = {f"{side}_sac_{what}": column(1.0) for side in ("left", "right") for what in ("volume", "air", "out")}
    sacs |= {"left_sac_from_lv": column(1.0)}
    sacs |= {f"{side}_sac_from_{place}": column(0.0) for side, place in (("left", "la"), ("left", "ra"), ("left", "rv"))}
    sacs |= {f"right_sac_from_{place}": column(0.0) for place in ("la", "lv", "ra", "rv")}
    assert {name for name in device_waves.signals(sacs, {}) if "right" in name} == set()
    assert "pulsatile_left_volume" in device_waves.signals(sacs, {})
