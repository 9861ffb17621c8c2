"""A live patient: stepping, changing, looking, going back."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import perfuse as pf
from perfuse.engine.kernel import physics_hash


def test_a_live_patient_has_the_same_bits_as_a_run() -> None:
    support = pf.vv_ecmo(rpm=3000, start=5)
    live = pf.Simulation("healthy-adult", support).step(20)
    run = pf.simulate("healthy-adult", support, minutes="20 s")
    numbers = live.numerics()
    assert numbers["MAP"] == run.trends.column("MAP")[-1].as_py()
    assert numbers["SaO2_right_radial"] == run.trends.column("SaO2_right_radial")[-1].as_py()


def test_how_a_stretch_is_cut_changes_no_bit(sim: Any, settled: Any) -> None:
    whole = sim.set("pump.rpm", 3600, over=7.3).step(12).snapshot()
    sim.restore(settled).set("pump.rpm", 3600, over=7.3)
    for _ in range(120):
        sim.step(0.1)
    assert sim.snapshot() == whole


def test_more_speed_gives_more_flow(sim: Any) -> None:
    before = sim.numerics()["ecmo_flow"]
    assert sim.set("pump.rpm", "3800 rpm", over=5).step(30).numerics()["ecmo_flow"] > before + 0.3
    assert sim.time == pytest.approx(60.0)
    assert [text for _, text in sim.events][-1].startswith("pump.rpm")


def test_a_kinked_line_costs_flow_and_severity_0_ends_it(sim: Any) -> None:
    before = sim.numerics()["ecmo_flow"]
    assert sim.fault("drain-kink", 0.9).step(20).numerics()["ecmo_flow"] < before - 0.3
    assert sim.fault("drain-kink", 0).step(30).numerics()["ecmo_flow"] == pytest.approx(before, abs=0.2)


def test_bleeding_lowers_and_fluid_raises_central_venous_pressure(sim: Any, settled: Any) -> None:
    at_rest = sim.step(60).numerics()["CVP"]
    bled = sim.restore(settled).give("bleed", 800, over=30).step(60).numerics()["CVP"]
    filled = sim.restore(settled).give("crystalloid", "1 L", over=30).step(60).numerics()["CVP"]
    assert bled < at_rest < filled


def test_restoring_a_snapshot_repeats_the_future_bit_for_bit(sim: Any, settled: Any) -> None:
    first = sim.set("gas.sweep", 6).step(10).snapshot()
    assert sim.restore(settled).set("gas.sweep", 6).step(10).snapshot() == first
    assert sim.restore(settled).set("gas.sweep", 5).step(10).snapshot() != first


def test_a_snapshot_in_a_file_keeps_every_bit_and_says_what_it_is(sim: Any, tmp_path: Path) -> None:
    sim.set("pump.rpm", 3500, over=60)
    snapshot = sim.step(1.5).snapshot()
    snapshot.save(tmp_path / "moment.json")
    data = json.loads((tmp_path / "moment.json").read_text(encoding="utf-8"))
    assert (data["schema"], data["physics_hash"]) == ("perfuse-snapshot/1", physics_hash())
    assert "Not a medical device" in data["safety"]
    again = pf.Snapshot.load(tmp_path / "moment.json")
    assert again == snapshot
    ahead = sim.step(5).snapshot()
    assert sim.restore(again).step(5).snapshot() == ahead


def test_a_snapshot_of_other_physics_is_refused(sim: Any, tmp_path: Path) -> None:
    sim.snapshot().save(tmp_path / "moment.json")
    text = (tmp_path / "moment.json").read_text(encoding="utf-8")
    (tmp_path / "other.json").write_text(text.replace(physics_hash(), "0123456789abcdef"), encoding="utf-8")
    with pytest.raises(pf.InputError, match="0123456789abcdef"):
        pf.Snapshot.load(tmp_path / "other.json")
    (tmp_path / "none.json").write_text("{}", encoding="utf-8")
    with pytest.raises(pf.InputError, match="no snapshot"):
        pf.Snapshot.load(tmp_path / "none.json")
    with pytest.raises(pf.InputError, match="cannot be read"):
        pf.Snapshot.load(tmp_path / "absent.json")


def test_support_can_be_started_on_a_patient_who_is_there() -> None:
    sim = pf.Simulation("covid-ards").step(10)
    alone, body = sim.snapshot(), sim.numerics()
    assert "ecmo_flow" not in body
    sim.start(pf.vv_ecmo(rpm=3400))
    assert sim.numerics()["MAP"] == body["MAP"]
    assert sim.step(60).numerics()["ecmo_flow"] > 3.0
    assert sim.numerics()["SaO2_right_radial"] > body["SaO2_right_radial"]
    with pytest.raises(pf.InputError, match="already"):
        sim.start(pf.va_ecmo())
    sim.restore(alone)
    assert (sim.support, sim.time) == (None, 10.0)
    assert sim.numerics()["MAP"] == body["MAP"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda sim: sim.set("pump.rmp", 3000), "Did you mean pump.rpm"),
        (lambda sim: sim.set("pump.rpm", 9000), "5000 rpm"),
        (lambda sim: sim.set("pump.rpm", "4 L/min"), "rpm"),
        (lambda sim: sim.set("gas.fdo2", 1.2), "above 1"),
        (lambda sim: sim.set("drain2.clamp", 1), "second drainage line"),
        (lambda sim: sim.set("pump.rpm", 3000, over=-1), "below 0 s"),
        (lambda sim: sim.fault("drain-knik"), "drain-kink"),
        (lambda sim: sim.fault("drain-kink", 2), "above 1"),
        (lambda sim: sim.give("beer", 500), "beer"),
        (lambda sim: sim.give("crystalloid", -5), "below 0 mL"),
        (lambda sim: sim.step(-1), "below 0 s"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint_and_changes_nothing(sim: Any, settled: Any, call: Any, said: str) -> None:
    with pytest.raises(pf.InputError) as error:
        call(sim)
    assert said in str(error.value)
    assert "protocol[0]" not in str(error.value)
    assert sim.snapshot() == settled


def test_waveforms_move_on_and_sample_200_times_a_second(sim: Any) -> None:
    drawn = sim.waveforms(2.5)
    assert sim.time == pytest.approx(32.5)
    assert drawn.num_rows == 500
    assert np.ptp(drawn.column("P_LV").to_numpy()) > 50.0
    assert drawn.column("t")[-1].as_py() == pytest.approx(32.5)


def test_gases_are_read_at_every_site(sim: Any) -> None:
    gases = sim.gases()
    assert gases["after membrane lung"]["PO2"] > gases["before membrane lung"]["PO2"] + 100.0
    assert gases["right radial"]["SO2"] > gases["pulmonary artery"]["SO2"]


def test_a_patient_who_left_the_equations_says_so(sim: Any) -> None:
    sim._engine.put("lv_volume", float("nan"))
    assert not sim.step(1).status["ok"]
    assert "diverged before 31 s" in repr(sim)
