"""What every device obeys, whatever its numbers: reflexes and ischaemia are held still, so that only mechanics speaks."""

from typing import Any

import pytest

import perfuse as pf

STILL = {"baroreflex_gain": 0, "lv_ischaemia_gain": 0}
WATT = 451.0  # mmHg L/min in 1 W
LVAD = pf.device("heartmate3", established=True)


def ended(patient: str, support: Any, minutes: float = 4.0, settings: dict[str, float] | None = None, **changes: float) -> dict[str, float]:
    """Averages at the end of a run; `settings` hold from the first minute on."""
    steps = [{"at": 60, "set": settings}] if settings else []
    run = pf.simulate({"library": patient, "set": {**STILL, **changes}}, support, minutes=minutes, protocol=steps)
    assert run.status["ok"], run.status
    return run.after


@pytest.fixture(scope="module")
def failing() -> dict[str, float]:
    return ended("dilated-heart-failure", None)


@pytest.fixture(scope="module")
def on_lvad() -> dict[str, float]:
    return ended("dilated-heart-failure", LVAD)


@pytest.mark.parametrize("rpm", [3000, 5400, 7000])
def test_a_motor_draws_more_than_the_blood_receives(rpm: int) -> None:
    n = ended("dilated-heart-failure", pf.device("heartmate3", rpm=rpm, established=True))
    assert n["lvad_power"] > n["lvad_head"] * n["lvad_flow"] / WATT > 0.0


def test_a_pump_at_zero_speed_supports_nobody(failing: dict[str, float]) -> None:
    stopped = ended("dilated-heart-failure", pf.device("heartmate3", rpm=0, established=True))
    assert stopped["lvad_flow"] < -0.2
    assert stopped["total_flow"] < failing["total_flow"]
    assert stopped["MAP"] < failing["MAP"]


def test_more_speed_gives_more_flow_and_empties_the_left_heart() -> None:
    """Bands of the mechanisms note: HeartMate 3 from 5,000 to 6,200 rpm, PCWP -5 to -10, CVP within 2 mmHg, flow +0.8 to +1.5."""
    slow, fast = (ended("dilated-heart-failure", pf.device("heartmate3", rpm=rpm, established=True), 6.0) for rpm in (5000, 6200))
    assert 0.7 <= fast["lvad_flow"] - slow["lvad_flow"] <= 1.5
    assert -10.0 <= fast["PCWP"] - slow["PCWP"] <= -4.0
    assert abs(fast["CVP"] - slow["CVP"]) <= 2.0


def test_a_failing_right_ventricle_starves_the_left_pump(on_lvad: dict[str, float]) -> None:
    weak = ended("dilated-heart-failure", LVAD, rv_contractility=0.137)
    assert weak["CVP"] > on_lvad["CVP"] + 1.5
    assert weak["PCWP"] < on_lvad["PCWP"] - 5.0
    assert weak["lvad_flow"] < on_lvad["lvad_flow"]


def test_a_catheter_pump_relieves_the_wall_and_va_ecmo_burdens_it() -> None:
    """At fixed contractility, while the right ventricle still fills the left."""
    none = ended("shock-scai-d", None)
    impella = ended("shock-scai-d", pf.device("impella_cp", level=8))
    ecmo = ended("shock-scai-d", pf.va_ecmo(rpm=3000))
    assert impella["LV_wall_stress"] < none["LV_wall_stress"]
    assert impella["LVPVA"] < none["LVPVA"]
    assert impella["LVEDV"] < none["LVEDV"]
    assert ecmo["RVCO"] > 0.3
    assert ecmo["LV_wall_stress"] > 1.1 * none["LV_wall_stress"]


def test_two_devices_share_the_blood_that_there_is() -> None:
    """VA-ECMO takes the venous blood that a catheter pump in the left ventricle waits for."""
    alone = ended("shock-scai-d", pf.device("impella_cp", level=6))
    both = ended("shock-scai-d", [pf.va_ecmo(rpm=3600), pf.device("impella_cp", level=6), pf.device("iabp_40", ratio=0)])
    assert both["impella_flow"] < alone["impella_flow"]
    assert both["total_flow"] > alone["total_flow"]
    assert both["PCWP"] < ended("shock-scai-d", pf.va_ecmo(rpm=3600))["PCWP"]


def test_with_aortic_regurgitation_the_pump_flows_more_and_the_body_less(on_lvad: dict[str, float]) -> None:
    leaking = ended("dilated-heart-failure", LVAD, settings={"patient.aortic_leak": 0.3})
    assert leaking["lvad_flow"] > on_lvad["lvad_flow"] + 1.0
    assert leaking["total_flow"] < on_lvad["total_flow"] - 0.3


def test_a_clotted_pump_shows_more_flow_than_it_gives(on_lvad: dict[str, float]) -> None:
    clotted = ended("dilated-heart-failure", LVAD, settings={"lvad.clot": 0.3})
    assert clotted["lvad_flow"] < on_lvad["lvad_flow"]
    assert clotted["lvad_power"] > on_lvad["lvad_power"] + 1.0
    assert clotted["lvad_flow_shown"] > on_lvad["lvad_flow_shown"] + 1.0


@pytest.mark.parametrize("side", ["inflow", "outflow"])
def test_an_obstructed_graft_lowers_flow_power_and_pulsatility(on_lvad: dict[str, float], side: str) -> None:
    kinked = ended("dilated-heart-failure", LVAD, settings={f"lvad.{side}": 150})
    for name in ("lvad_flow", "lvad_power", "lvad_PI", "lvad_flow_shown"):
        assert kinked[name] < on_lvad[name], name


def test_an_empty_ventricle_shuts_over_the_inlet(on_lvad: dict[str, float]) -> None:
    steps = [{"at": 60, "give": {"bleed": 1800}, "over": 60}]
    patient = {"library": "dilated-heart-failure", "set": STILL}
    run = pf.simulate(patient, pf.device("heartmate3", rpm=7500, established=True), minutes=4, protocol=steps)
    assert run.status["ok"]
    assert run.after["lvad_suction"] > 5.0
    assert on_lvad["lvad_suction"] < 1.0


def test_a_foramen_with_a_left_pump_lets_venous_blood_across() -> None:
    """Once the left atrium is emptier than the right."""
    shut, open_ = (
        ended("rv-failure", pf.device("heartmate3", rpm=5600, established=True), settings={"patient.foramen": area}) for area in (0.0, 0.8)
    )
    assert open_["SaO2_right_radial"] < shut["SaO2_right_radial"] - 2.0
    assert open_["lvad_flow"] >= shut["lvad_flow"] - 0.05


def test_a_balloon_augments_diastole_and_relieves_systole() -> None:
    plain, assisted = ended("shock-scai-c", None), ended("shock-scai-c", pf.device("iabp_40"))
    assert assisted["iabp_augmented_diastolic"] > plain["DBP"] + 10.0
    assert assisted["iabp_assisted_systolic"] < plain["SBP"]
    assert assisted["CO"] > plain["CO"]


def test_an_early_or_late_balloon_helps_less() -> None:
    def with_timing(**settings: float) -> dict[str, float]:
        return ended("shock-scai-c", pf.device("iabp_40"), settings={name.replace("_", ".", 1): value for name, value in settings.items()})

    timed = with_timing(balloon_ratio=1.0)
    assert with_timing(balloon_inflation=120.0)["iabp_augmented_diastolic"] < timed["iabp_augmented_diastolic"]
    assert with_timing(balloon_inflation=-120.0)["CO"] < timed["CO"]
    assert with_timing(balloon_deflation=120.0)["CO"] < timed["CO"]
    early = with_timing(balloon_deflation=-200.0)
    assert early["iabp_assisted_end_diastolic"] > timed["iabp_assisted_end_diastolic"]


def test_a_slipped_catheter_shows_a_flat_motor_current() -> None:
    steady = pf.device("impella_cp", level=6)
    right = ended("shock-scai-c", steady)
    slipped = ended("shock-scai-c", steady, settings={"impella.position": 1.0})
    deep = ended("shock-scai-c", steady, settings={"impella.position": 2.0})
    assert right["impella_motor_pulse"] > 5.0 * max(slipped["impella_motor_pulse"], 0.1)
    assert slipped["total_flow"] < right["total_flow"]
    assert deep["total_flow"] < right["total_flow"]


def test_pulsatile_chambers_fill_and_eject_and_an_artificial_heart_needs_no_ventricle() -> None:
    both = ended("dilated-heart-failure", pf.device("excor_60", side="both"))
    heart = ended("dilated-heart-failure", pf.device("syncardia_70"))
    for n in (both, heart):
        assert 3.0 < n["pulsatile_left_flow"] < 9.5
        assert n["pulsatile_left_flow"] == pytest.approx(n["total_flow"], rel=0.05)
    assert abs(heart["CO"]) < 0.05 and abs(heart["RVCO"]) < 0.05


def test_a_vent_empties_the_left_ventricle_on_va_ecmo() -> None:
    plain = ended("shock-scai-e", pf.va_ecmo(rpm=3400))
    block = pf.va_ecmo(rpm=3400).model_dump(by_alias=True, exclude_none=True)
    block["drain"] = [*block["drain"], {"cannula": "nextgen_fem_art_17", "site": "lv"}]
    vented = ended("shock-scai-e", block)
    assert vented["LVEDV"] < plain["LVEDV"]
    assert vented["PCWP"] < plain["PCWP"]


def test_a_septostomy_on_va_ecmo_lowers_left_atrial_pressure() -> None:
    """Baruteau 2016 (seen): a defect of 15-20 mm, left atrial pressure 24 to 8 mmHg."""
    shut, holed = (ended("shock-scai-e", pf.va_ecmo(rpm=3400), settings={"patient.atrial_defect": area}) for area in (0.0, 2.4))
    assert holed["LAP"] < shut["LAP"] - 5.0
    assert holed["LAP"] - holed["CVP"] < 2.5
