"""The bedside: numbers follow the drawn waves, the same deeds give the same bits, samples are frozen, alarms keep their times."""

import json

import numpy as np
import pytest

from perfuse.bedside.actions import Refused
from perfuse.bedside.bed import Bed
from perfuse.bedside.monitor import RATE, breaths, heart_rate, pressures, r_waves
from perfuse.bedside.packing import packed, unpacked
from perfuse.parameters.circuits import default_devices, default_support
from perfuse.parameters.from_python import case_of

LONG = 604800.0
STATES = [
    ("covid-ards", "vv", {}),
    ("severe-ards", "vv", {"patient.heart_rate": 45.0}),
    ("severe-ards", "vv", {"patient.heart_rate": 150.0}),
    ("shock-scai-d", "va", {}),
    ("shock-scai-c", None, {}),
    ("dilated-heart-failure", "lvad", {}),
    ("shock-scai-c", "balloon", {}),
    ("healthy-adult", None, {}),
    ("near-fatal-asthma", None, {}),
    ("massive-pulmonary-embolism", "va", {}),
]


def bed_of(patient="covid-ards", support="vv", seed=1):
    blocks = []
    for word in support.split("+") if support else []:
        blocks += [{**block, "established": True} for block in default_devices(word) or [default_support(word)]]
    return Bed(case_of(patient, blocks or None, seconds=LONG, seed=seed))


def drawn_of(bed, seconds):
    """What was drawn during some seconds, channel by channel."""
    pieces = bed.advance(round(50 * seconds))
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


@pytest.mark.parametrize(("patient", "support", "settings"), STATES)
def test_what_is_shown_can_be_counted_on_the_screen(patient, support, settings):
    bed = bed_of(patient, support)
    for control, value in settings.items():
        bed.sim.set(control, value)
    bed.advance(50 * 60)
    screen = drawn_of(bed, 10)
    peaks = r_waves(screen["ECG"])
    counted = 60.0 * RATE * (len(peaks) - 1) / (peaks[-1] - peaks[0])
    assert bed.shown["HR"] == pytest.approx(counted, abs=1.0)
    beats = screen["ART"][peaks[-3] : peaks[-1]]
    assert bed.shown["SBP"] == pytest.approx(beats.max(), abs=4.0)
    assert bed.shown["DBP"] == pytest.approx(beats.min(), abs=4.0)
    assert beats.min() <= bed.shown["MAP"] <= beats.max()
    if bed.shown["EtCO2"] is not None:
        assert bed.shown["EtCO2"] == pytest.approx(screen["CO2"].max(), rel=0.1)


@pytest.mark.parametrize("cuts", [[1], [2], [7, 3, 50, 1], [137]])
def test_how_a_run_is_cut_into_pieces_changes_no_bit(cuts):
    whole, pieces = bed_of(), bed_of()
    whole.advance(50 * 20)
    i = 0
    while pieces.step < 50 * 20:
        pieces.advance(min(cuts[i % len(cuts)], 50 * 20 - pieces.step))
        i += 1
    assert packed(whole.state()) == packed(pieces.state())
    assert whole.happened == pieces.happened


def test_a_state_is_the_whole_of_what_decides_what_comes():
    bed = bed_of("shock-scai-d", "va")
    bed.advance(50 * 30 + 13)
    bed.act({"do": "set", "control": "pump.rpm", "value": 3600})
    bed.act({"do": "sensor", "sensor": "art_damping", "value": 0.5})
    bed.act({"do": "draw", "what": "gas", "site": "femoral"})
    kept = packed(bed.state())
    other = bed_of("shock-scai-d", "va")
    other.restore(unpacked(kept))
    assert packed(other.state()) == kept
    bed.advance(50 * 200)
    other.advance(50 * 200)
    bed.happened = bed.happened[-len(other.happened) :] if other.happened else []
    assert packed(bed.state()) == packed(other.state())


def test_a_gas_says_what_was_true_when_it_was_drawn():
    bed = bed_of()
    bed.advance(50 * 120)
    truth = bed.sim.gases()["right radial"]
    bed.act({"do": "draw", "what": "gas", "site": "right radial"})
    bed.act({"do": "set", "control": "gas.sweep", "value": 0.5})
    assert bed.laboratory.shown(bed.time)["results"] == []
    bed.advance(50 * 301)
    report = bed.laboratory.shown(bed.time)["results"][0]
    values = {line["label"]: line["value"] for line in report["values"]}
    assert values["PCO₂"] == truth["PCO2"]
    assert bed.sim.gases()["right radial"]["PCO2"] > truth["PCO2"] + 3.0
    assert 120.0 <= report["back"] - report["drawn"] <= 300.0


def test_bleeding_alarms_from_low_to_high_and_the_reaction_time_is_kept():
    bed = bed_of()
    bed.act({"do": "set", "control": "pump.rpm", "value": 4200})
    bed.act({"do": "fault", "fault": "bleeding", "severity": 1.0})
    bed.advance(50 * 900)
    drainage = [what for _, verb, what in bed.happened if verb == "alarm" and what["quantity"] == "P_ven" and what["side"] == "below"]
    assert {"medium", "high"} <= {what["priority"] for what in drainage}
    standing = [alarm for alarm in bed.alarms.listed() if alarm["state"] == "active" and alarm["priority"] == "high"]
    assert standing
    deed = bed.act({"do": "acknowledge"})
    assert all(one["seen"] >= 0.0 for one in deed.detail["alarms"])
    assert all(alarm["state"] == "seen" for alarm in bed.alarms.listed())


def test_no_limit_is_not_a_limit_of_zero():
    bed = bed_of("healthy-adult", None)
    bed.advance(50 * 15)
    bed.act({"do": "limit", "quantity": "CVP", "side": "above", "priority": "medium", "value": 0.0})
    bed.advance(50 * 15)
    assert any(alarm["quantity"] == "CVP" for alarm in bed.alarms.listed())
    bed.act({"do": "limit", "quantity": "CVP", "side": "above", "priority": "medium", "value": None})
    bed.advance(50 * 5)
    assert not any(alarm["quantity"] == "CVP" for alarm in bed.alarms.listed())


def test_a_high_alarm_that_nobody_saw_stays_until_it_is_seen():
    bed = bed_of()
    bed.advance(50 * 10)
    bed.act({"do": "set", "control": "return.clamp", "value": 1.0})
    bed.advance(50 * 15)
    bed.act({"do": "set", "control": "return.clamp", "value": 0.0})
    bed.advance(50 * 30)
    latched = [alarm for alarm in bed.alarms.listed() if alarm["state"] == "latched"]
    assert latched
    bed.act({"do": "acknowledge"})
    assert not [alarm for alarm in bed.alarms.listed() if alarm["state"] == "latched"]


def test_sound_comes_back_for_a_higher_alarm():
    bed = bed_of()
    bed.advance(50 * 5)
    bed.act({"do": "limit", "quantity": "MAP", "side": "below", "priority": "low", "value": 200.0})
    bed.advance(50 * 10)
    bed.act({"do": "audio", "seconds": 120})
    bed.advance(50 * 2)
    assert bed.alarms.silent_until is not None
    bed.act({"do": "set", "control": "pump.power", "value": 0.0})
    bed.advance(50 * 15)
    assert bed.alarms.silent_until is None


def test_a_stopped_pump_lets_blood_run_backwards_and_that_is_always_high():
    bed = bed_of("shock-scai-d", "va")
    bed.advance(50 * 10)
    bed.act({"do": "set", "control": "pump.power", "value": 0.0})
    bed.advance(50 * 20)
    assert bed.shown["ecmo_flow"] < 0.0
    found = {alarm["words"]: alarm["priority"] for alarm in bed.alarms.listed()}
    assert found["Flow backwards"] == "high"


def test_right_hand_and_foot_differ_when_a_heart_recovers_with_bad_lungs():
    bed = bed_of("severe-ards", "va")
    bed.sim.set("ventilator.fio2", 0.21)
    bed.advance(50 * 600)
    assert bed.shown["SpO2_foot"] - bed.shown["SpO2_right_hand"] > 5.0


@pytest.mark.parametrize(
    ("sensor", "value", "quantity"),
    [
        ("art_zero", 20.0, "MAP"),
        ("cvp_zero", 5.0, "CVP"),
        ("flow_error", 20.0, "ecmo_flow"),
        ("p_ven_zero", 30.0, "P_ven"),
        ("s_pre_drift", -8.0, "S_pre"),
    ],
)
def test_a_sensor_that_is_wrong_moves_what_is_shown_and_not_the_patient(sensor, value, quantity):
    right, wrong = bed_of(), bed_of()
    wrong.act({"do": "sensor", "sensor": sensor, "value": value})
    for bed in (right, wrong):
        bed.advance(50 * 30)
    moved = wrong.shown[quantity] - right.shown[quantity]
    assert moved * np.sign(value) > 0.5
    assert right.sim.snapshot().engine.buffer == wrong.sim.snapshot().engine.buffer


def test_a_damped_line_keeps_the_mean_and_loses_the_pulse():
    bed = bed_of("healthy-adult", None)
    bed.advance(50 * 30)
    before = dict(bed.shown)
    bed.act({"do": "sensor", "sensor": "art_damping", "value": 1.0})
    bed.advance(50 * 30)
    assert bed.shown["MAP"] == pytest.approx(before["MAP"], abs=2.0)
    assert bed.shown["PP"] < 0.8 * before["PP"]


@pytest.mark.parametrize(
    ("sensor", "quantity", "why"),
    [("ecg_off", "HR", "lead off"), ("co2_blocked", "EtCO2", "no breath"), ("spo2_right_off", "SpO2_right_hand", "probe off")],
)
def test_a_sensor_that_is_off_gives_no_number_and_says_why(sensor, quantity, why):
    bed = bed_of()
    bed.act({"do": "sensor", "sensor": sensor, "value": 1.0})
    bed.advance(50 * 30)
    assert bed.shown[quantity] is None
    assert bed.why[quantity] == why


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "set", "control": "pump.rpm", "value": 9e9},
        {"do": "set", "control": "pump.rpm", "value": float("nan")},
        {"do": "set", "control": "pump.rpm", "value": "3000"},
        {"do": "set", "control": "pump.rpm", "value": True},
        {"do": "set", "control": "lvad.rpm", "value": 5000},
        {"do": "set", "control": "nothing", "value": 1},
        {"do": "give", "fluid": "beer", "volume": 100},
        {"do": "give", "fluid": "crystalloid", "volume": -5},
        {"do": "fault", "fault": "balloon-leak"},
        {"do": "fault", "fault": "bleeding", "severity": 2},
        {"do": "do", "procedure": "reposition-catheter"},
        {"do": "draw", "what": "gas", "site": "moon"},
        {"do": "start", "support": "va"},
        {"do": "note", "text": "x" * 600},
        {"do": "limit", "quantity": "MAP", "side": "left", "priority": "low", "value": 1},
        {"do": "fly"},
        {},
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(request_):
    bed = bed_of()
    bed.advance(50)
    before = packed(bed.state())
    with pytest.raises(Refused) as refused:
        bed.act(request_)
    assert refused.value.text
    assert packed(bed.state()) == before


def test_a_speed_that_is_set_ends_the_flow_mode():
    bed = bed_of()
    bed.act({"do": "set", "control": "pump.flow", "value": 4.0})
    bed.advance(50 * 60)
    assert bed.shown["ecmo_flow"] == pytest.approx(4.0, abs=0.15)
    bed.act({"do": "set", "control": "pump.rpm", "value": 2500})
    bed.advance(50 * 5)
    assert bed.setting("pump.flow") == 0.0
    assert bed.shown["pump_speed"] == pytest.approx(2500, abs=30)


def test_support_can_be_started_at_the_bed():
    bed = bed_of("shock-scai-d", None)
    bed.advance(50 * 20)
    bed.act({"do": "start", "support": "va"})
    bed.advance(50 * 60)
    assert bed.shown["ecmo_flow"] > 2.0


def test_numbers_of_a_wave_are_what_a_reader_would_measure():
    t = np.arange(10 * RATE) / RATE
    phase = (t * 1.25) % 1.0
    ecg = np.where(phase < 0.02, 1.0, 0.0)
    wave = 90.0 + 30.0 * np.sin(2 * np.pi * 1.25 * t)
    peaks = r_waves(ecg)
    assert heart_rate(peaks, len(ecg)) == pytest.approx(75.0, abs=0.5)
    high, low, mean = pressures(wave, peaks)
    assert (high, low, mean) == (pytest.approx(120.0, abs=0.5), pytest.approx(60.0, abs=0.5), pytest.approx(90.0, abs=0.5))
    assert heart_rate(peaks[:3], len(ecg)) is None, "the last beat is too long ago"
    assert breaths(np.zeros(10 * RATE)) == (None, 0.0)


def test_an_artificial_heart_has_a_rate_and_no_alarm_for_a_lost_one():
    bed = bed_of("dilated-heart-failure", "tah")
    bed.advance(50 * 20)
    assert bed.shown["HR"] == pytest.approx(bed.setting("pulsatile.rate"), abs=0.5)
    assert "No heartbeat seen" not in {alarm["words"] for alarm in bed.alarms.listed()}


def test_a_state_is_plain_data():
    json.loads(packed(bed_of().state()))


def test_a_shut_circuit_alarms_before_its_limits_are_counted():
    bed = bed_of()
    bed.advance(50 * 2)
    bed.act({"do": "set", "control": "return.clamp", "value": 1.0})
    bed.advance(50 * 8)
    assert {"Flow low": "high"}.items() <= {alarm["words"]: alarm["priority"] for alarm in bed.alarms.listed()}.items()
