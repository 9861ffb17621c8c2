"""Pump curves: laws first (more speed more head, more flow less head, a stopped pump leaks back), then published points."""

from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.engine.pump_curves import flow_against
from perfuse.engine.pump_curves import head as head_of
from perfuse.engine.pump_curves import power as power_of
from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.devices import Pump
from perfuse.parameters.library import device_kind, load_device, load_pump, running_pumps
from perfuse.parameters.records import MARKS, Quantity, Row
from perfuse.parameters.sources import source_text

PUMPS = {name: pump for name, pump in device_kind("rotary_pumps").items() if isinstance(pump, RotaryPump)}
WITH_LEVELS = [name for name, pump in PUMPS.items() if pump.levels]
SPEED = st.floats(0.0, 1.0)
FLOW = st.floats(-8.0, 12.0)
PLACES = {"lv", "la", "rv", "ra", "ivc", "root", "ascending", "descending", "femoral", "pa"}


def rotary(name: str) -> RotaryPump:
    return PUMPS[name]


# Laws


@pytest.mark.parametrize("name", PUMPS)
@given(share=SPEED, flow=FLOW, more=st.floats(0.01, 3.0))
def test_more_flow_never_finds_more_head(name: str, share: float, flow: float, more: float) -> None:
    pump = PUMPS[name]
    rpm = share * pump.rpm_max.value
    assert head_of(pump, rpm, flow + more) <= head_of(pump, rpm, flow) + 1e-9


@pytest.mark.parametrize("name", PUMPS)
@given(share=st.floats(0.05, 0.95), flow=st.floats(-3.0, 0.0))
def test_more_speed_makes_more_head(name: str, share: float, flow: float) -> None:
    pump = PUMPS[name]
    rpm = share * pump.rpm_max.value
    assert head_of(pump, 1.05 * rpm, flow) > head_of(pump, rpm, flow)


@pytest.mark.parametrize("name", PUMPS)
def test_more_speed_makes_more_flow_against_a_patient(name: str) -> None:
    pump = PUMPS[name]
    speeds = [share * pump.usual_rpm_high.value for share in (0.0, 0.3, 0.5, 0.7, 0.85, 1.0)]
    flows = [flow_against(pump, rpm, 70.0, line=True) for rpm in speeds]
    assert all(a < b for a, b in pairwise(flows))


@pytest.mark.parametrize("name", PUMPS)
@given(share=SPEED, head=st.floats(-60.0, 200.0))
def test_flow_and_head_are_each_others_inverse(name: str, share: float, head: float) -> None:
    pump = PUMPS[name]
    rpm = share * pump.rpm_max.value
    assert head_of(pump, rpm, flow_against(pump, rpm, head)) == pytest.approx(head, abs=1e-6)


@pytest.mark.parametrize("name", PUMPS)
def test_a_stopped_pump_leaks_backwards_by_a_finite_amount(name: str) -> None:
    leak = -flow_against(PUMPS[name], 0.0, 70.0)
    assert 1.0 < leak < 2.5
    assert 0.0 < -flow_against(PUMPS[name], 0.0, 70.0, line=True) <= leak


@pytest.mark.parametrize("name", PUMPS)
def test_a_stopped_pump_is_a_resistance_both_ways(name: str) -> None:
    pump = PUMPS[name]
    assert head_of(pump, 0.0, 3.0) < 0.0 < head_of(pump, 0.0, -3.0)
    assert head_of(pump, 0.0, 0.0) == 0.0


@pytest.mark.parametrize("name", WITH_LEVELS)
def test_levels_rise(name: str) -> None:
    levels = PUMPS[name].levels
    assert len(levels) == 10
    assert levels[0] == 0.0
    assert all(a < b for a, b in pairwise(levels))
    assert levels[-1] == PUMPS[name].rpm_max.value


@pytest.mark.parametrize("name", PUMPS)
def test_power_rises_with_speed_and_flow_and_never_turns_the_pump_into_a_source(name: str) -> None:
    pump = PUMPS[name]
    low, high = pump.usual_rpm_low.value, pump.usual_rpm_high.value
    assert power_of(pump, low, 1.0) < power_of(pump, high, 1.0)
    assert power_of(pump, high, -2.0) >= 0.0
    for flow in (1.0, 2.5):
        assert power_of(pump, high, flow) > head_of(pump, high, flow) * flow * 133.322e-3 / 60.0


@pytest.mark.parametrize("name", PUMPS)
def test_ranges_places_and_cycles_make_sense(name: str) -> None:
    pump = PUMPS[name]
    assert pump.rpm_min.value <= pump.usual_rpm_low.value <= pump.usual_rpm.value <= pump.usual_rpm_high.value <= pump.rpm_max.value
    for side in ("left", "right"):
        assert all(place in PLACES for place in pump.places(side)) if side in pump.sides else pump.places(side) == ("", "")
    cycle = [getattr(pump, f.name) for f in fields(pump) if f.name.startswith("pulse_")]
    assert all(cycle) or not any(cycle)
    if pump.pulse_period and pump.pulse_drop_time and pump.pulse_rise_time:
        assert pump.pulse_drop_time.value + pump.pulse_rise_time.value < pump.pulse_period.value
    assert pump.runs
    assert ("assumed curve" in pump.line) == pump.assumed == (pump.a.mark == "assumed")


# Published points


@pytest.mark.parametrize(("rpm", "head", "flow"), [(6000, 60, 6.7), (6000, 80, 5.7), (6000, 100, 4.0), (5000, 60, 4.4)])
def test_heartmate_3_meets_rows_f07_and_f08(rpm: float, head: float, flow: float) -> None:
    assert flow_against(rotary("heartmate3"), rpm, head) == pytest.approx(flow, rel=0.08)


@pytest.mark.parametrize(("flow", "head"), [(4.8, 55), (3.4, 70), (5.0, 53)])
def test_heartmate_2_meets_its_pulsatile_means(flow: float, head: float) -> None:
    assert head_of(rotary("heartmate2"), 9000, flow) == pytest.approx(head, abs=5.0)


@pytest.mark.parametrize(("name", "near", "far"), [("heartmate3", 5.0, 13.0), ("heartmate2", 2.0, 4.5)])
def test_durable_pumps_pass_near_every_digitised_point(name: str, near: float, far: float) -> None:
    """Root mean square and worst misfit in mmHg; the worst of the HeartMate 3 lie on the curve of 7000 rpm, broken in its source."""
    pump = rotary(name)
    misfits = [head_of(pump, rpm, flow) - head for rpm, flow, head in (point.values for point in pump.points_seen)]
    assert (sum(m * m for m in misfits) / len(misfits)) ** 0.5 < near
    assert max(map(abs, misfits)) < far


OUT_OF_REACH = {
    ("impella_25", 1, 30): "the shut-off head of 25,000 rpm is 40 mmHg by the law that meets P-2 to BOOST: 0.7 L/min at 30 mmHg, not 1.1",
    ("impella_cp", 1, 30): "the speed of P-1 is recalled as 23,000 or 25,000 rpm; with the former the law gives 1.06 L/min, not 0.9",
}
LEVELS = [
    pytest.param(
        name,
        *point.values,
        id=f"{name} P-{point.values[0]:g} at {point.values[2]:g} mmHg",
        marks=pytest.mark.xfail(reason=OUT_OF_REACH[key], strict=True)
        if (key := (name, int(point.values[0]), int(point.values[2]))) in OUT_OF_REACH
        else (),
    )
    for name in WITH_LEVELS
    for point in PUMPS[name].level_points
]


@pytest.mark.parametrize(("name", "level", "flow", "head"), LEVELS)
def test_catheter_pumps_meet_their_level_tables(name: str, level: float, flow: float, head: float) -> None:
    """Printed lower flow at 60 mmHg, upper at 30 mmHg."""
    pump = rotary(name)
    assert flow_against(pump, pump.levels[int(level)], head) == pytest.approx(flow, abs=0.15)


def test_tables_of_levels_are_whole() -> None:
    assert {name for name in WITH_LEVELS if PUMPS[name].level_points} == {"impella_25", "impella_cp", "impella_55"}
    assert len(LEVELS) > 45


def test_impella_rp_gives_the_flows_seen_on_support_at_high_levels() -> None:
    pump = rotary("impella_rp")
    for level in (8, 9):
        assert 2.5 < flow_against(pump, pump.levels[level], 17.0) < 4.0


@pytest.mark.parametrize(("arterial", "flow"), [(6.392, 5.0), (12.49, 4.5)], ids=["17 Fr", "15 Fr"])
def test_tandemheart_meets_its_ceilings_with_the_newer_transseptal_cannula(arterial: float, flow: float) -> None:
    pump = rotary("tandemheart")
    line = replace(pump.line_b, value=pump.line_b.value - 6.392 + arterial)
    assert flow_against(replace(pump, line_b=line), 7500, 70.0, line=True) == pytest.approx(flow, rel=0.05)


@pytest.mark.xfail(reason="the paediatric pump falls faster; only its shut-off head is assumed for the adult one", strict=True)
def test_tandemheart_meets_the_point_of_the_paediatric_pump() -> None:
    assert head_of(rotary("tandemheart"), 5500, 2.0) == pytest.approx(250, rel=0.08)


@pytest.mark.parametrize(("name", "rpm", "flow"), [("heartmate3", 5400, 5.0), ("heartmate2", 9100, 5.0), ("hvad", 2600, 5.0)])
def test_speeds_of_full_support_give_5_litres_against_a_usual_head(name: str, rpm: float, flow: float) -> None:
    assert 50.0 < head_of(rotary(name), rpm, flow) < 75.0


@pytest.mark.parametrize("name", ["heartmate3", "heartmate2", "hvad"])
def test_power_meets_the_recalled_readings(name: str) -> None:
    pump = rotary(name)
    for point in pump.power_points:
        rpm, flow, power = point.values
        assert power_of(pump, rpm, flow) == pytest.approx(power, abs=0.2)


def test_a_heartmate_3_in_usual_use_stays_below_the_power_that_its_card_asks_to_report() -> None:
    assert power_of(rotary("heartmate3"), 6000, 6.0) < 10.0


def extracorporeal(name: str) -> Pump:
    pump = load_pump(name)
    assert pump.a and pump.c and pump.c_back
    return pump


@pytest.mark.parametrize("name", ["rotaflow", "centrimag"])
def test_ecmo_pumps_pass_near_their_published_points(name: str) -> None:
    pump = extracorporeal(name)
    assert len(pump.points_seen) >= 2
    for point in pump.points_seen:
        rpm, flow, head = point.values
        assert head_of(pump, rpm, flow) == pytest.approx(head, rel=0.08)


def test_a_rotaflow_shuts_off_higher_than_a_centrimag_and_gives_more_flow_at_one_speed() -> None:
    """Guan et al. (guan_rotaflow_centrimag), haematocrit 40 %: true of the published pair at every speed."""
    rotaflow, centrimag = extracorporeal("rotaflow"), extracorporeal("centrimag")
    assert float(rotaflow.a or 0) > float(centrimag.a or 0)
    assert float(rotaflow.c or 0) < float(centrimag.c or 0)


@pytest.mark.parametrize("name", ["affinity_cp", "biopump_bp80", "revolution"])
def test_an_ecmo_pump_with_an_assumed_curve_says_so_and_carries_a_wide_spread(name: str) -> None:
    pump = extracorporeal(name)
    assert pump.assumed
    assert "assumed curve" in pump.line
    assert pump.curve_spread is not None
    assert pump.curve_spread.value >= 0.15
    assert pump.pressure_max is None or float(pump.a or 0) * (float(pump.rpm_max or 0) / 1000) ** 2 <= pump.pressure_max.value


def test_a_revolution_reaches_the_condition_it_was_tested_at() -> None:
    pump = extracorporeal("revolution")
    assert head_of(pump, 3500, 5.0) > 350.0


# Files


@pytest.mark.parametrize("name", [n for kind in ("rotary_pumps", "balloons", "pulsatile_pumps") for n in device_kind(kind)])
def test_every_number_of_the_new_files_has_a_source_and_a_mark(name: str) -> None:
    device = load_device(name)
    for field in fields(device):
        value = getattr(device, field.name)
        if isinstance(value, Quantity | Row):
            assert value.mark in MARKS, field.name
            assert value.source and all(source_text(key) for key in value.source), field.name


@pytest.mark.parametrize("name", [name for name, pump in PUMPS.items() if pump.assumed])
def test_an_assumed_curve_is_wide(name: str) -> None:
    pump = PUMPS[name]
    assert pump.curve_spread.value >= 0.12
    assert pump.a.low is not None and pump.a.high is not None
    assert pump.a.high / pump.a.low > 1.3


def test_no_two_devices_share_a_name() -> None:
    from perfuse.parameters.library import KINDS

    names = [name for kind in KINDS for name in device_kind(kind)]
    assert len(set(names)) == len(names)
    assert "tandemheart" not in running_pumps()


@pytest.mark.parametrize("name", list(device_kind("balloons")))
def test_a_balloon_fills_and_empties_within_a_fast_beat(name: str) -> None:
    balloon = load_device(name)
    assert isinstance(balloon, Balloon)
    assert balloon.fill_time.value + balloon.empty_time.value < 60.0 / 150.0
    assert 20.0 <= balloon.volume.value <= 50.0


@pytest.mark.parametrize("name", list(device_kind("pulsatile_pumps")))
def test_a_chamber_stays_within_its_drive_and_its_published_ceiling(name: str) -> None:
    pump = load_device(name)
    assert isinstance(pump, PulsatilePump)
    assert pump.rate_min.value <= pump.rate.value <= pump.rate_max.value
    assert pump.systole_min.value <= pump.systole.value <= pump.systole_max.value
    assert pump.drive_min.value <= pump.right_drive.value < pump.left_drive.value <= pump.drive_max.value
    assert pump.vacuum_min.value <= pump.vacuum.value <= pump.vacuum_max.value <= 0.0
    if pump.flow_max is not None:
        assert pump.flow_full <= pump.flow_max.value
    if pump.kind == "catheter":  # its bore decides, and it is not meant to fill wholly
        return
    # the valve must pass a whole stroke within diastole without eating up the filling pressure
    mean_inflow = pump.flow_full / (1.0 - pump.systole.value)
    assert pump.valve_drop(mean_inflow) < 15.0


def test_every_pump_that_runs_is_drawn() -> None:
    pictures = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "devices"
    drawn = {path.stem for path in pictures.glob("*.svg")}
    assert {*PUMPS, *running_pumps(), "balloons", "pulsatile_pumps"} <= drawn
