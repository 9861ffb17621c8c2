"""Trials: the shipped data, the runner on real cases, and what a finding is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from perfuse.parameters.case import case_from
from perfuse.parameters.problems import InputError, Problems
from perfuse.parameters.protocols import (
    DERIVED,
    FOLDERS,
    Change,
    Protocol,
    Stairs,
    load_protocol,
    protocol_names,
    read_protocol,
    unit_of_reading,
)
from perfuse.parameters.sources import source_text
from perfuse.parameters.tables import controls
from perfuse.parameters.vocabulary import vocabulary
from perfuse.results.protocols import Trial, play_protocol
from perfuse.results.readings import DERIVATIONS, first_lasting, slope
from perfuse.results.trial import MET, NOT_MET, UNJUDGED, judge

SHIPPED = [(folder, name) for folder in FOLDERS for name in protocol_names(folder)]
VA = {
    "mode": "va",
    "drain": [{"cannula": "hls_pvl_2555", "site": "ivc"}],
    "return": [{"cannula": "hls_pas_1715", "site": "femoral_artery"}],
    "pump": {"model": "rotaflow", "rpm": "3000 rpm"},
    "lung": {"model": "quadrox_id"},
    "gas": {"sweep": "2 L/min"},
}
VV = VA | {"mode": "vv", "return": [{"cannula": "nextgen_jug_21", "site": "ra", "tip_distance": "10 cm"}]}


def case(patient: Any, support: Any = None, seconds: float = 120.0) -> Any:
    data = {"schema": "perfuse-case/1", "title": "short", "patient": patient, "duration": seconds}
    return case_from(data | ({"support": support} if support else {}))


def on(model: str, patient: Any, **settings: Any) -> Any:
    """A short case on one device."""
    data = {"schema": "perfuse-case/1", "title": "short", "patient": patient, "duration": "4 min"}
    return case_from(data | {"devices": [{"model": model, "start": "1 min", **settings}]})


def quick(name: str, folder: str = "protocols") -> Protocol:
    """A shipped protocol with short steps."""
    found = load_protocol(name, folder)
    ramp = None if found.ramp is None else replace(found.ramp, hold=20.0)
    return replace(found, before=40.0, window=20.0, ramp=ramp, steps=tuple(replace(s, hold=60.0, over=5.0) for s in found.steps))


@pytest.fixture(scope="module")
def turned_down() -> Trial:
    """A healthy heart on VA-ECMO, turned down."""
    return play_protocol(case("healthy-adult", VA), quick("va-turn-down"))


@pytest.mark.parametrize(("folder", "name"), SHIPPED)
def test_every_criterion_has_a_bound_with_source_and_mark(folder: str, name: str) -> None:
    found = load_protocol(name, folder)
    assert found.criteria
    assert all(source_text(key) for key in found.source)
    for one in (*found.criteria, *found.stops):
        assert one.title, one.name
        assert one.bound.mark, one.name
        assert all(source_text(key) for key in one.bound.source)
        assert one.bound.unit == unit_of_reading(one.of)
    assert all(change.control in controls() for step in found.steps for change in step.changes)


def test_what_is_derived_has_a_unit_and_a_formula() -> None:
    assert DERIVED.keys() == DERIVATIONS.keys()
    assert not DERIVED.keys() & vocabulary().keys()


def test_a_protocol_tells_all_its_flaws_at_once() -> None:
    data = {
        "schema": "perfuse-protocol/2",
        "title": "x",
        "source": ["textbook"],
        "measure": ["MAPP"],
        "steps": [{"name": "a", "hold": "1 min", "set": {"pump.rpmm": 1, "gas.sweep": {"times": 1, "by": 1}, "pump.flow": "40 L/min"}}],
        "criteria": {"m": {"title": "m", "of": "MAP", "is": "over", "at": "b", "bound": {"value": 60, "unit": "mmHg"}}},
        "colour": "red",
    }
    with pytest.raises(InputError) as error:
        read_protocol("x", data, Problems("x.yaml"))
    said = str(error.value)
    for words in (
        "perfuse-protocol/1",
        "'about' is missing",
        "MAPP",
        "pump.rpm",
        "times and by",
        "40 L/min",
        "not a comparison",
        "source",
        "colour",
    ):
        assert words in said, words


def test_changes_are_absolute_relative_and_kept_in_bounds() -> None:
    assert Change("pump.flow", to=1.25).value(5.0) == 1.25
    assert Change("pump.flow", times=0.5).value(5.0) == 2.5
    assert Change("pump.flow", times=0.33, least=1.5).value(4.0) == 1.5
    assert Change("pump.flow", times=0.33, least=1.5).value(1.2) == 1.2  # a floor never raises what is below it already
    assert Change("pump.flow", times=1.0, most=1.25).value(4.0) == 1.25
    assert Change("pump.flow", times=1.0, most=1.25).value(0.9) == 0.9
    assert Change("pump.rpm", by=-400.0).value(3000.0) == 2600.0


def test_stairs_end_at_their_last_value() -> None:
    assert Stairs(8000.0, 12000.0, 400.0).values(9000.0) == [8000.0 + 400.0 * i for i in range(11)]
    assert Stairs(None, 2.0, 2.0).values(8.0) == [6.0, 4.0, 2.0]
    assert Stairs(None, 2.0, 2.0).values(7.0) == [5.0, 3.0, 2.0]


def test_a_stop_needs_an_unbroken_stretch() -> None:
    t = np.arange(10.0)
    assert first_lasting(t, np.array([0, 1, 1, 0, 1, 1, 1, 1, 0, 0], dtype=bool), 3.0) == 7.0
    assert first_lasting(t, np.zeros(10, dtype=bool), 3.0) is None
    assert slope([6.0, 5.8, 5.6]) == pytest.approx(-0.2)
    assert slope([6.0, 5.8]) is None


def test_a_healthy_heart_meets_the_criteria_of_a_turn_down(turned_down: Trial) -> None:
    before, *steps = turned_down.steps
    flow = before.readings["ecmo_flow"]
    assert [s.readings["ecmo_flow"] for s in steps] == pytest.approx([0.66 * flow, max(1.5, 0.33 * flow), 1.25], abs=0.1)
    assert steps[-1].readings["CO"] > before.readings["CO"]
    found = {f.criterion.name: f.verdict for f in turned_down.findings}
    assert [found[name] for name in ("lvef", "vti", "tdsa", "map", "cvp")] == [MET] * 5
    assert turned_down.stop is None
    assert turned_down.summary()["criteria"][0]["source"][0].startswith("Aissaoui 2011")


def test_a_trial_stops_where_its_floor_is_passed_and_judges_nothing_beyond() -> None:
    weak = {"library": "shock-scai-d", "set": {"lv_contractility": 0.12}}
    floor = quick("va-turn-down")
    floor = replace(floor, stops=(replace(floor.stops[0], lasting=5.0, bound=replace(floor.stops[0].bound, value=62.0)),))
    trial = play_protocol(case(weak, VA | {"pump": {"model": "rotaflow", "flow": "4 L/min"}}), floor)
    assert trial.stop is not None
    assert trial.run.columns["t"][-1] == trial.stop.at
    assert not trial.steps[-1].ended
    found = {f.criterion.name: f for f in trial.findings}
    assert (found["vti"].verdict, found["vti"].value) == (UNJUDGED, None)
    assert "stopped" in found["vti"].why
    assert found["lactate"].verdict == NOT_MET  # read before the trial


def test_without_sweep_gas_the_membrane_gives_nothing() -> None:
    trial = play_protocol(case("covid-ards", VV, 300.0), replace(quick("vv-sweep-off"), stops=()))
    last = trial.steps[-1].readings
    assert last["sweep"] == 0.0
    assert trial.steps[1].readings["Pplat"] < 28.0
    assert last["S_post"] < trial.steps[0].readings["S_post"] - 20.0
    assert last["ecmo_flow"] == pytest.approx(trial.steps[0].readings["ecmo_flow"], rel=0.05)


def test_a_criterion_for_other_devices_is_shown_and_not_judged(turned_down: Trial) -> None:
    finding = judge(replace(turned_down.protocol.criteria[0], models=("heartmate2",)), turned_down)
    assert finding.verdict == UNJUDGED
    assert finding.value is not None
    assert "heartmate2" in finding.why


def test_an_occluded_coronary_takes_force_and_gives_it_back() -> None:
    balloon = replace(quick("protected-pci"), modes=("va",), before=30.0)
    steps = tuple(replace(step, hold=hold) for step, hold in zip(balloon.steps, (180.0, 600.0), strict=True))
    trial = play_protocol(case("shock-scai-b", VA), replace(balloon, steps=steps))
    before, up, down = (step.readings for step in trial.steps)
    assert up["coronary_flow"] < 0.5 * before["coronary_flow"]
    assert up["LVEF"] < before["LVEF"]
    assert down["LVEF"] > up["LVEF"]
    assert trial.against is not None
    alone = [step.readings for step in trial.against.steps]
    assert "ecmo_flow" not in alone[0]
    assert alone[1]["MAP"] < alone[0]["MAP"]
    assert alone[1]["MAP"] < up["MAP"]
    assert [f.criterion.name for f in trial.against.findings] == [f.criterion.name for f in trial.findings]


def test_a_bridge_question_takes_support_away() -> None:
    trial = play_protocol(case("shock-scai-c", VA), replace(quick("recovery", "bridges"), stops=()))
    assert trial.steps[-1].settings["pump.power"] == 0.0
    assert abs(trial.steps[-1].readings["ecmo_flow"]) < 0.05
    assert trial.steps[-1].readings["native_share"] == pytest.approx(1.0, abs=0.05)


def test_a_ramp_unloads_the_left_heart_step_by_step() -> None:
    trial = play_protocol(on("heartmate2", "dilated-heart-failure", rpm=9200), quick("ramp-study"))
    _, *steps = trial.steps
    assert [step.settings["lvad.rpm"] for step in steps] == [8000.0 + 400.0 * i for i in range(11)]
    assert steps[-1].readings["lvad_speed"] == pytest.approx(12000.0, rel=0.02)
    assert steps[-1].readings["PCWP"] < steps[0].readings["PCWP"] - 5.0
    assert steps[-1].readings["lvad_PI"] < steps[0].readings["lvad_PI"]
    found = {f.criterion.name: f for f in trial.findings}
    assert found["pcwp_slope"].verdict == MET
    assert found["lvedd"].value is not None
    assert found["lvedd"].value < 0.0


def test_an_impella_is_weaned_from_its_own_level_to_p2() -> None:
    trial = play_protocol(on("impella_cp", "shock-scai-c", level=8), quick("impella-wean"))
    assert [step.name for step in trial.steps] == ["before", "P-6", "P-4", "P-2"]
    flows = [step.readings["impella_flow"] for step in trial.steps]
    assert flows == sorted(flows, reverse=True)
    assert trial.steps[-1].readings["CPO_native"] > trial.steps[0].readings["CPO_native"]


def test_a_balloon_in_the_left_main_stem_costs_less_pressure_on_an_impella() -> None:
    pci = quick("protected-pci")
    steps = (replace(pci.steps[0], hold=180.0), replace(pci.steps[1], hold=120.0))
    trial = play_protocol(on("impella_cp", "shock-scai-c", level=8), replace(pci, steps=steps))
    assert trial.against is not None
    assert trial.against.case.devices == []
    fall, bare = (one.steps[1].readings["MAP"] - one.steps[0].readings["MAP"] for one in (trial, trial.against))
    assert bare < fall < 2.0


def test_support_that_is_taken_away_lets_nothing_through() -> None:
    trial = play_protocol(on("impella_cp", "shock-scai-c", level=8), replace(quick("recovery", "bridges"), stops=()))
    assert trial.steps[1].settings == {"impella.level": 2.0}
    off = trial.steps[-1].readings
    assert abs(off["impella_flow"]) < 0.05
    assert off["native_share"] == pytest.approx(1.0, abs=0.05)


def test_the_lvad_question_puts_the_patient_on_the_pump_without_other_support() -> None:
    trial = play_protocol(case("rv-failure", VA), quick("durable-lvad", "bridges"))
    assert trial.case.support is None
    assert [device.model for device in trial.case.devices] == ["heartmate3"]
    before, after = (step.readings for step in trial.steps)
    assert abs(before["lvad_flow"]) < 0.05 < after["lvad_flow"]
    assert after["PCWP"] < before["PCWP"]
    assert before["CVP/PCWP"] == pytest.approx(before["CVP"] / before["PCWP"], rel=0.05)


def test_a_replaced_heart_is_not_asked_for_its_recovery() -> None:
    with pytest.raises(InputError, match="ventricles are replaced"):
        play_protocol(on("syncardia_70", "dilated-heart-failure"), load_protocol("recovery", "bridges"))


def test_a_level_that_is_low_already_is_not_weaned() -> None:
    with pytest.raises(InputError, match="would lower it to 2"):
        play_protocol(on("impella_cp", "shock-scai-c", level=2), load_protocol("impella-wean"))


def test_vasodilators_lower_pulmonary_resistance() -> None:
    trial = play_protocol(case("rv-failure", VA), quick("transplant", "bridges"))
    before, nitric_oxide, _ = (step.readings for step in trial.steps)
    assert trial.case.support is None
    assert nitric_oxide["PVR"] < before["PVR"]
    assert before["TPG"] == pytest.approx(before["mPAP"] - before["PCWP"])


@pytest.mark.parametrize(("name", "support", "said"), [("va-turn-down", VV, "VV-ECMO"), ("va-turn-down", None, "no support")])
def test_a_trial_on_the_wrong_machine_is_refused(name: str, support: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        play_protocol(case("healthy-adult", support), load_protocol(name))


def test_the_same_trial_gives_the_same_numbers(turned_down: Trial) -> None:
    again = play_protocol(case("healthy-adult", VA), quick("va-turn-down"))
    assert again.summary() == turned_down.summary()
