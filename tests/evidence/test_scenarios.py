"""Scenarios are fitted, refused when a base is missed, played, and judged sign by sign."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfuse.evidence.readings import Arm
from perfuse.evidence.rows import HERE
from perfuse.evidence.scenario_files import Action, Scenario, Sign, Unread, names, read_scenarios
from perfuse.evidence.scenario_patient import bedside, cannula, sizes, support, support_of_actions, ventilator
from perfuse.evidence.scenario_play import SETTLE, beginning, understood
from perfuse.evidence.scenarios import play_file
from perfuse.evidence.signs import Reader
from perfuse.evidence.simulator import Playable, Wanted
from perfuse.parameters.problems import InputError
from perfuse.parameters.units import read

SHIPPED = HERE / "data" / "scenarios.yaml"
FILE = """
patients:
  LUNG:
    kg: 80
    map: 70
    hb: 9.0
    vent: {mode: PC, peep: 10, pinsp: 12, rr: 10, fio2: 0.4}
    circuit: {mode: VV, drain: 25 Fr multistage R femoral, ret: 21 Fr R jugular, flow: 4.8, p1: -47, sweep: 5, fdo2: 1.0, rec: 0.12}
scenarios:
  - id: KINK
    title: a kink
    mode: VV
    kind: fault
    patient: LUNG
    events:
      - {t: 0, what: drainage path resistance x8 in 2 s}
    signs:
      - {q: flow, dir: down, base: 4.8, band: [2.4, 3.1], t: 15, by: calc}
      - {q: map, dir: same, base: 70, t: 15}
      - {q: ldh, dir: up, base: 320, t: 15}
    stays:
      - {q: cvp, tol: 3, tol_unit: mmHg}
    actions:
      - {id: look, do: circuit.inspect}
"""


def circuit(flow: float, drop: float, cvp: float = 0.0) -> Any:
    """A patient whose flow falls by `drop` as soon as the drainage line is kinked."""

    def readings(case: Mapping[str, Any], second: float) -> Mapping[str, float]:
        kinked = any("drain.kink" in step["set"] and second > read(step["at"], "s") for step in case["protocol"])
        fallen = {"ecmo_flow": flow - drop, "CVP": 9.0 + cvp} if kinked else {"ecmo_flow": flow, "CVP": 9.0}
        return {"MAP": 70.0, "Hb": 9.0, "P_ven": -47.0, "sweep": 5.0, "FdO2": 1.0, "recirculation": 0.12, **fallen}

    return readings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def statuses(results: list[dict[str, Any]]) -> dict[str, str]:
    return {result["id"]: result["status"] for result in results}


def test_signs_in_their_bands_pass_and_what_is_not_modelled_says_so(file: Path, fake_simulator: Any) -> None:
    found = statuses(play_file(file, simulator=fake_simulator(circuit(4.8, 2.0))))
    assert found == {"KINK:base": "pass", "KINK:flow": "pass", "KINK:map": "pass", "KINK:ldh": "not_expressible", "KINK:stays:cvp": "pass"}


def test_a_sign_outside_its_band_and_a_quantity_that_moves_fail(file: Path, fake_simulator: Any) -> None:
    found = statuses(play_file(file, simulator=fake_simulator(circuit(4.8, 1.0, cvp=4.0))))
    assert found["KINK:flow"] == "fail"
    assert found["KINK:stays:cvp"] == "fail"
    assert found["KINK:map"] == "pass"


def test_a_missed_base_refuses_the_scenario_and_prints_what_was_reached(file: Path, fake_simulator: Any) -> None:
    simulator = fake_simulator(circuit(3.9, 1.0))
    results = play_file(file, simulator=simulator)
    assert statuses(results)["KINK:base"] == "refused"
    assert statuses(results)["KINK:flow"] == "refused"
    assert "flow 3.9 (4.8 L/min)" in results[0]["note"]
    assert "map 70 (70 mmHg)" in results[0]["simulated"]
    assert len(simulator.cases) == 1, "nothing is played after a missed base"


def test_an_event_that_is_not_understood_is_not_played_and_is_quoted(file: Path, fake_simulator: Any) -> None:
    file.write_text(FILE.replace("drainage path resistance x8 in 2 s", "a dragon bites the line"), encoding="utf-8")
    results = play_file(file, simulator=fake_simulator(circuit(4.8, 2.0)))
    assert statuses(results)["KINK:flow"] == "not_expressible"
    assert "a dragon bites the line" in results[0]["note"]


def test_events_can_be_written_in_protocol_words(file: Path, fake_simulator: Any) -> None:
    own = "{t: 0, do: [{at: 0 s, set: {drain.kink: 8}, over: 2 s}]}"
    file.write_text(FILE.replace("{t: 0, what: drainage path resistance x8 in 2 s}", own), encoding="utf-8")
    simulator = fake_simulator(circuit(4.8, 2.0))
    assert statuses(play_file(file, simulator=simulator))["KINK:flow"] == "pass"
    standing, kink = simulator.cases[-1]["protocol"]
    assert standing == {"at": "0 s", "set": {"pump.depth": 0.0}}
    assert kink == {"at": f"{SETTLE:g} s", "set": {"drain.kink": 8}, "over": "2 s"}


def test_a_run_that_breaks_fails_the_signs_and_hides_no_other_scenario(file: Path, fake_simulator: Any) -> None:
    text = FILE + FILE[FILE.index("  - id: KINK") :].replace("id: KINK", "id: SECOND").replace("a kink", "fine")

    def readings(case: Mapping[str, Any], second: float) -> Mapping[str, float]:
        if "a kink" in case["title"] and len(case["protocol"]) > 1:
            raise ArithmeticError("diverged")
        return circuit(4.8, 2.0)(case, second)  # type: ignore[no-any-return]

    file.write_text(text, encoding="utf-8")
    found = statuses(play_file(file, simulator=fake_simulator(readings)))
    assert found["KINK:flow"] == "fail"
    assert found["SECOND:flow"] == "pass"


def test_a_scenario_on_a_faster_clock_is_read_later(file: Path, fake_simulator: Any) -> None:
    file.write_text(FILE.replace("x8 in 2 s", "x8 in 2 s; time x4"), encoding="utf-8")
    simulator = fake_simulator(circuit(4.8, 2.0))
    play_file(file, simulator=simulator)
    assert read(simulator.cases[-1]["duration"], "s") == SETTLE + 60


@pytest.mark.parametrize(
    ("good", "other", "why"),
    [
        ("q: map", "q: spleen", "spleen"),
        ("patient: LUNG", "patient: NOBODY", "NOBODY"),
        ("dir: down", "dir: sideways", "signs.0.dir"),
    ],
)
def test_a_scenario_of_another_form_is_named_with_its_reason_and_hides_no_other(
    file: Path, fake_simulator: Any, good: str, other: str, why: str
) -> None:
    second = FILE[FILE.index("  - id: KINK") :].replace("id: KINK", "id: SECOND")
    file.write_text(FILE.replace(good, other, 1) + second, encoding="utf-8")
    results = play_file(file, simulator=fake_simulator(circuit(4.8, 2.0)))
    assert results[0]["id"] == "KINK:form"
    assert results[0]["status"] == "not_expressible"
    assert why in results[0]["note"]
    assert statuses(results)["SECOND:flow"] == "pass"


def test_an_event_that_waits_for_a_learner_is_not_played_and_alone_is_no_scenario(file: Path, fake_simulator: Any) -> None:
    file.write_text(FILE.replace("{t: 0, what", "{t: on start, what"), encoding="utf-8")
    results = play_file(file, simulator=fake_simulator(circuit(4.8, 2.0)))
    assert statuses(results)["KINK:flow"] == "not_expressible"
    assert "nothing happens" in results[0]["note"]


def test_a_scenario_without_signs_is_listed_as_such(file: Path, fake_simulator: Any) -> None:
    text = FILE + "  - {id: BARE, patient: LUNG, events: [], note_on_signs: not listed}\n"
    file.write_text(text, encoding="utf-8")
    results = play_file(file, simulator=fake_simulator(circuit(4.8, 2.0)))
    assert (results[-1]["id"], results[-1]["note"]) == ("BARE:form", "no signs are stated (not listed)")


def test_a_tolerance_in_per_cent_is_a_share_of_the_value_before(file: Path, fake_simulator: Any) -> None:
    file.write_text(FILE.replace("{q: cvp, tol: 3, tol_unit: mmHg}", "{q: cvp, tol: 30, tol_unit: '%'}"), encoding="utf-8")
    assert statuses(play_file(file, simulator=fake_simulator(circuit(4.8, 2.0, cvp=2.0))))["KINK:stays:cvp"] == "pass"
    assert statuses(play_file(file, simulator=fake_simulator(circuit(4.8, 2.0, cvp=4.0))))["KINK:stays:cvp"] == "fail"


SEEDS = """
patients:
  LUNG: {kg: 80, map: 70, circuit: {mode: VV, flow: 4.8}, vent: {mode: PC, peep: 10, vt: 300}}
scenarios:
  - id: TWO
    patient: LUNG
    override: {crs: A 38 / B 24, vent: {vt: seed A 430 / seed B 330}, lvef: A 32 / B 20 with RV failure}
    events: [{t: 0, what: 'seed A: SVR x1.7; seed B: SVR x1.2'}]
    signs:
      - {q: map, dir: up, base: 70, t: 60, note: seed A}
      - {q: map, dir: up, base: 70, t: 90, note: 'seed B: less'}
      - {q: cvp, dir: same, t: 60, note: 'A and B: still'}
      - {q: hr, dir: down, t: 60}
"""


def test_a_scenario_in_two_seeds_is_two_scenarios(tmp_path: Path) -> None:
    path = tmp_path / "seeds.yaml"
    path.write_text(SEEDS, encoding="utf-8")
    first, second = read_scenarios(path).scenarios
    assert isinstance(first, Scenario)
    assert isinstance(second, Scenario)
    assert (first.id, second.id) == ("TWO.A", "TWO.B")
    assert [sign.t for sign in first.signs] == [60.0, 60.0, 60.0]
    assert [sign.t for sign in second.signs] == [90.0, 60.0, 60.0]
    assert (first.override["crs"], second.override["crs"]) == (38.0, 24.0)
    assert (first.override["vent"]["vt"], second.override["lvef"]) == (430.0, 20.0)
    assert (first.events[0].what, second.events[0].what) == ("SVR x1.7", "SVR x1.2")


def test_quantities_told_in_words_and_notes_that_name_another_quantity_are_read(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(
        """
patients: {P: {kg: 80}}
scenarios:
  - id: WORDS
    patient: P
    events: [{t: 0, what: 3 cm too deep}]
    signs:
      - {q: imp_ps, dir: is, base: aortic, value: ventricular, t: 10}
      - {q: lvad_flow, dir: up, base: 4.5, t: 60, note: DISPLAYED flow is falsely high}
  - id: WRONG
    patient: P
    events: []
    signs: [{q: imp_ps, dir: is, base: sideways, t: 10}]
""",
        encoding="utf-8",
    )
    words, wrong = read_scenarios(path).scenarios
    assert isinstance(words, Scenario)
    assert (words.signs[0].base, words.signs[0].band) == (1.0, (-0.25, 0.25))
    assert words.signs[1].seen == "lvad_flow_shown"
    assert isinstance(wrong, Unread)
    assert "sideways" in wrong.why


def test_a_sign_at_0_s_tells_the_beginning_where_the_block_says_nothing_or_another_thing() -> None:
    signs = [Sign(q="lactate", dir="same", t=0, base=1.3, band=(1.0, 1.6)), Sign(q="aptt_r", dir="up", t=0, base=1.8, band=(2.8, 3.4))]
    scenario = Scenario(id="S", patient="P", events=(), signs=tuple(signs))
    made = beginning(scenario, {"lactate": 2.6, "labs": {"aptt_r": 3.1, "plt": 42}})
    assert made == {"lactate": 1.3, "labs": {"aptt_r": 3.1, "plt": 42}}
    assert beginning(scenario, {"labs": {"aptt_r": 1.0}}) == {"lactate": 1.3, "aptt_r": 1.8, "labs": {}}


def test_every_shipped_scenario_with_signs_is_read_and_its_events_understood() -> None:
    found = read_scenarios(SHIPPED)
    with_signs = [one for one in found.scenarios if isinstance(one, Scenario)]
    assert all(one.signless for one in found.scenarios if isinstance(one, Unread))
    assert len({one.id.split(".")[0] for one in with_signs}) == 29
    plays = [understood(one, found.patients[one.patient]) for one in with_signs]
    assert {play.scenario.id: play.problem.split(":")[0] for play in plays if play.problem} == {
        "VA-06-ECPR": "the heart of the patient does not beat (hr",
        "VA-10-BRIDGE.A": "nothing happens",
    }


def test_a_file_that_holds_no_scenarios_is_refused_with_the_place(file: Path) -> None:
    file.write_text(FILE.replace("scenarios:", "stories:"), encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_scenarios(file)
    assert "scenarios" in str(refusal.value)


def test_a_factor_acts_on_the_fitted_value(file: Path, fake_simulator: Any) -> None:
    class Fitted(fake_simulator):  # type: ignore[misc]
        def personalise(self, wanted: Wanted) -> Playable:
            return replace(super().personalise(wanted), settings={"drain.kink": 1.5})

    simulator = Fitted(lambda case, second: circuit(4.8, 2.0)({"protocol": []}, second))
    play_file(file, simulator=simulator)
    assert simulator.cases[-1]["protocol"][-1]["set"] == {"drain.kink": 12.0}


def test_scenarios_of_one_patient_share_one_fit_with_the_bases_of_all(file: Path, fake_simulator: Any) -> None:
    second = (
        FILE[FILE.index("  - id: KINK") :]
        .replace("id: KINK", "id: SECOND")
        .replace("q: map, dir: same, base: 70", "q: cvp, dir: same, base: 9")
    )
    file.write_text(FILE + second, encoding="utf-8")
    simulator = fake_simulator(circuit(4.8, 2.0))
    play_file(file, simulator=simulator)
    (wanted,) = simulator.wanted
    assert wanted.readings["CVP"] == 9.0
    assert wanted.readings["MAP"] == 70.0


def test_where_an_oximeter_finds_no_pulse_the_blood_is_read(run_of: Any) -> None:
    run = run_of({"SpO2_right_hand": [float("nan")] * 30, "SaO2_right_radial": [88.0] * 30})
    assert Reader(names()["quantities"]).value("spo2_rh", Arm(run, {}), 30.0, 10.0) == pytest.approx(88.0)


def test_an_early_sign_is_read_over_a_sixth_of_its_time(run_of: Any) -> None:
    run = run_of({"ecmo_flow": [4.8] * 20 + [3.0, 2.0, 1.0, 0.0, -1.0, -1.0]})
    assert Reader(names()["quantities"]).value("flow", Arm(run, {}), 26.0, 20.0) == pytest.approx(-1.0)


def test_a_patient_block_becomes_bedside_measurements_ventilator_and_circuit(file: Path) -> None:
    block = read_scenarios(file).patients["LUNG"]
    assert bedside(block, names()["bedside"]) == {
        "weight": "80 kg", "MAP": "70 mmHg", "Hb": "9 g/dL", "PEEP": "10 cmH2O", "RR": "10 1/min", "FiO2": "0.4",
    }  # fmt: skip
    assert ventilator(block) == {"mode": "pressure", "peep": "10 cmH2O", "driving_pressure": "12 cmH2O", "rate": "10 /min", "fio2": 0.4}
    made = support(block, names()["cannulae"])
    assert made is not None
    assert made["drain"] == [{"cannula": "hls_pvl_2555", "site": "ivc"}]
    assert made["return"][0]["cannula"] == "nextgen_jug_21"
    assert made["pump"] == {"model": "rotaflow", "flow": "4.8 L/min"}


def test_a_task_is_set_up_from_its_correct_actions_with_ranges_at_their_middle() -> None:
    actions = [
        Action(do="procedure.do US-guided 21-25 Fr vein, 15-19 Fr artery + 6-8 Fr distal perfusion"),
        Action(do="pump.rpm_set to 2.2-2.4 L/min/m2 (about 4-4.5) then LOWEST flow giving perfusion"),
        Action(do="gas.fdo2_set 0.5-0.6 and gas.sweep_set about 0.5-1 x flow; PaCO2 fall gentle"),
    ]
    made = support_of_actions(actions, "VA", names()["cannulae"])
    assert made["return"] == [{"cannula": "hls_pas_1715", "site": "femoral_artery"}]
    assert made["pump"]["flow"] == "4.25 L/min"
    assert made["gas"] == {"sweep": "3.19 L/min", "fdo2": 0.55}
    assert made["distal_perfusion"] == {"cannula": "dpc_dlp_8"}


def test_a_task_that_does_not_state_its_flow_says_so() -> None:
    with pytest.raises(ValueError, match="a flow"):
        support_of_actions([Action(do="21 Fr vein, 17 Fr artery")], "VA", names()["cannulae"])


def test_a_circuit_without_cannulae_gets_usual_ones_and_one_without_a_flow_says_so() -> None:
    table = names()["cannulae"]
    found = support({"circuit": {"mode": "VA", "flow": 4.0}}, table)
    assert found is not None
    assert (found["drain"][0]["cannula"], found["return"][0]["cannula"]) == ("hls_pvl_2555", "hls_pas_1715")
    with pytest.raises(ValueError, match="states no flow"):
        support({"circuit": {"mode": "VV"}}, table)


@pytest.mark.slow
def test_the_scenario_on_the_page_for_readers_is_fitted_and_played_by_the_engine(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/howto/bring-your-own-scenarios.md").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    found = {one["id"]: one["status"] for one in play_file(file)}
    assert found == {"MY-01:base": "pass", "MY-01:po2_post": "pass", "MY-01:spo2_rh": "pass", "MY-01:stays:flow": "pass"}


def test_cannulae_are_chosen_by_the_nearest_size() -> None:
    table = names()["cannulae"]
    assert cannula("return_arterial", 17, table) == "hls_pas_1715"
    assert cannula("drainage_multistage", 24, table) == "hls_pvl_2555"
    assert sizes("17 Fr R femoral artery + 6 Fr distal perfusion") == [17.0, 6.0]


def test_every_name_of_the_dictionary_leads_to_reported_names_or_says_why_not() -> None:
    from perfuse.evidence.expressions import names as read_names
    from perfuse.parameters.vocabulary import vocabulary

    waves = {"ECMO_flow"}
    for quantity, entry in names()["quantities"].items():
        if "absent" in entry:
            assert len(entry["absent"]) > 10
            continue
        assert {name.removeprefix("base.") for name in read_names(str(entry["read"]))} <= set(vocabulary()) | waves, quantity
        assert entry["grain"] > 0


@pytest.mark.parametrize(
    ("direction", "note", "start", "value", "holds"),
    [
        ("up", "", 70.0, 75.0, True),
        ("up", "", 70.0, 70.2, False),
        ("up", "up or the same: extraction leaves no debt", 70.0, 70.2, True),
        ("up", "up or the same: extraction leaves no debt", 70.0, 60.0, False),
        ("down", "", 70.0, 60.0, True),
        ("down", "", 70.0, 75.0, False),
        ("same", "", 70.0, 75.0, True),
        ("same", "", 70.0, 90.0, False),
        ("unstable", "", 70.0, 70.0, False),
        ("is", "", 70.0, 70.0, True),
    ],
)
def test_a_direction_holds_only_when_the_quantity_goes_there(direction: Any, note: str, start: float, value: float, holds: bool) -> None:
    sign = Sign(q="map", dir=direction, t=10, note=note)
    assert Reader(names()["quantities"]).goes(sign, start, value) is holds


@pytest.mark.parametrize(
    ("base", "value", "missed"), [(9, 10.9, False), (9, 11.1, True), (78, 85.7, False), (78, 86.0, True), (78, float("nan"), True)]
)
def test_a_base_is_missed_beyond_ten_per_cent_and_two_mmhg(base: float, value: float, missed: bool) -> None:
    assert Reader(names()["quantities"]).misses("map", base, value) is missed
