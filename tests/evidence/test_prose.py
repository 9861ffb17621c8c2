"""Events written for people are read into effects, or refused with every clause that is not understood."""

import pytest

from perfuse.evidence.effects import protocol, tip_distance
from perfuse.evidence.prose import Effect, Event, NotUnderstoodError, understand
from perfuse.evidence.scenario_files import names

TABLE = names()


@pytest.mark.parametrize(
    ("sentence", "effects"),
    [
        ("drainage path resistance x8 in 2 s", [Effect("drain_resistance", "times", 8.0, over=2.0)]),
        ("return path resistance x10 in 2 s", [Effect("return_resistance", "times", 10.0, over=2.0)]),
        ("membrane diffusing capacity falls to 75 % over 5 min; half reversible by sigh (condensate)",
         [Effect("membrane_transfer", "times", 0.75, over=300.0)]),
        ("drainage tip advanced 9 cm toward return after turn; rec 0.12 -> 0.50 over 60 s",
         [Effect("recirculation", "to", 0.5, over=60.0)]),
        ("retroperitoneal bleed 140 mL/min to 1.4 L; venous return limit falls to 3.0 L/min at 600 s (time scale x4 available)",
         [Effect("bleed", "bleed", 140.0, "mL/min", until=1400.0)]),
        ("oxygen tubing off the oxygenator; blender display unchanged", [Effect("gas_off", "state", 1.0)]),
        ("drive failure, rpm 0 in 2 s, clamps not applied", [Effect("pump_speed", "to", 0.0, over=2.0)]),
        ("LV contractility -30 %", [Effect("lv_contractility", "times", 0.7)]),
        ("LV contractility x2 over 10 min with native shunt 0.55 (ventilator FiO2 0.3): mixing point moves to arch",
         [Effect("lv_contractility", "times", 2.0, over=600.0), Effect("shunt", "to", 0.55), Effect("fio2", "to", 0.3)]),
        ("learner or script raises flow 4.3 -> 5.2 and MAP to 88; LV contractility -30 %; time x4",
         [Effect("ecmo_flow", "to", 5.2), Effect("map", "to", 88.0), Effect("lv_contractility", "times", 0.7)]),
        ("sweep 3 -> 6 L/min over 1 min", [Effect("sweep", "to", 6.0, "L/min", over=60.0)]),
        ("tension pneumothorax +15 mmHg over 60 s; compliance -50 % over 60 s",
         [Effect("pneumothorax", "to", 15.0, "mmHg", over=60.0), Effect("compliance", "times", 0.5, over=60.0)]),
        ("pericardial blood 250 mL over 15 min", [Effect("effusion", "to", 250.0, "mL", over=900.0)]),
        ("PVR x2.2 over 10 min and RV contractility -40 % over 10 min",
         [Effect("pvr", "times", 2.2, over=600.0), Effect("rv_contractility", "times", 0.6, over=600.0)]),
        ("cardiac output 6.5 -> 10 L/min over 10 min", [Effect("cardiac_output", "to", 10.0, "L/min", over=600.0)]),
        ("ventricular fibrillation", [Effect("fibrillation", "state", 1.0)]),
        ("return cannula slips out", [Effect("decannulation", "state", 1.0)]),
        ("oxygenator resistance x2 over 12 h (shown as trend), x4 within 20 min, x7 at 40 min; gas transfer falls 30 %",
         [Effect("membrane_resistance", "times", 4.0, over=1200.0), Effect("membrane_resistance", "times", 7.0, over=1200.0, after=1200.0),
          Effect("membrane_transfer", "times", 0.7)]),
        ("battery exhausted; motor stops in 3 s; back-up console 90 s away", [Effect("power_loss", "state", 1.0, over=3.0)]),
        ("pleural pressure +15 mmHg right over 3 min; venous return limit 2.4 L/min",
         [Effect("pneumothorax", "to", 15.0, "mmHg", over=180.0)]),
        ("tracheal/pulmonary bleed 7 mL/min", [Effect("bleed", "bleed", 7.0, "mL/min")]),
        ("SCAI D; lactate +0.5 mmol/L per 10 min untreated; arrest at 25 min if no support", []),
    ],
)  # fmt: skip
def test_a_sentence_becomes_its_effects(sentence: str, effects: list[Effect]) -> None:
    found = understand(sentence, TABLE).effects
    assert [(e.what, e.how, pytest.approx(e.value), e.unit, e.over, e.until, e.after) for e in effects] == [
        (e.what, e.how, e.value, e.unit, e.over, e.until, e.after) for e in found
    ]


def test_the_clock_of_a_scenario_can_run_faster() -> None:
    assert understand("LV contractility -30 %; time x4", TABLE).clock == 4.0
    assert understand("drainage path resistance x8 in 2 s", TABLE).clock == 1.0


def test_what_follows_a_colon_or_stands_in_brackets_is_kept_as_a_remark() -> None:
    assert understand("SVR x1.7: the monitor shows it (soon)", TABLE) == Event(
        (Effect("svr", "times", 1.7),), 1.0, ("the monitor shows it", "soon")
    )


def test_an_aside_alone_is_no_event() -> None:
    with pytest.raises(NotUnderstoodError, match="soon"):
        understand("(soon)", TABLE)


def test_every_clause_that_is_not_understood_is_named_and_the_rest_is_not_played() -> None:
    with pytest.raises(NotUnderstoodError) as refusal:
        understand("drainage path resistance x8 in 2 s; the moon rises; spleen x3", TABLE)
    assert "'the moon rises'" in str(refusal.value)
    assert "'spleen x3'" in str(refusal.value)
    assert "drainage" not in str(refusal.value)


def test_a_number_with_a_thousands_comma_is_not_cut_in_two() -> None:
    assert understand("speed to 5,800 rpm", TABLE).effects == (Effect("pump_speed", "to", 5800.0, "rpm"),)


@pytest.mark.parametrize(
    ("sentence", "effects"),
    [
        ("volume -1.2 L; LV collapses each cycle at 5,400 rpm", [Effect("bleed", "bleed", 1200.0, "mL/min", until=1200.0)]),
        ("RV contractility -50 %, PVR x1.6 over 10 min; learner or script has raised speed to 5,800",
         [Effect("rv_contractility", "times", 0.5, over=600.0), Effect("pvr", "times", 1.6, over=600.0),
          Effect("pump_speed", "to", 5800.0)]),
        ("rotor drag +60 %, pump efficiency -25 %; time x60", [Effect("pump_efficiency", "times", 0.75)]),
        ("start 4,800 rpm, steps of 100-200, up to 6,200",
         [Effect("device_speed", "to", 4800.0, "rpm"), Effect("device_speed", "ladder", 6200.0, "rpm", over=180.0, step=150.0)]),
        ("left-main balloon 45 s: LV contractility -70 %, AV stays closed, pump alone",
         [Effect("lv_contractility", "times", 0.3, lasts=45.0)]),
        ("no-reflow episode 3 min", [Effect("no_reflow", "state", 1.0, lasts=180.0)]),
        ("procedure done, LV stunned 20 %", [Effect("lv_contractility", "times", 0.8)]),
        ("early inflation (-70 ms)", [Effect("balloon_inflation", "to", -70.0, "ms")]),
        ("early deflation 120 ms", [Effect("balloon_deflation", "to", -120.0, "ms")]),
        ("balloon rupture (gas loss, rust specks in the line)", [Effect("balloon_rupture", "state", 1.0)]),
        ("Impella P-8 -> P-4", [Effect("impella_level", "to", 4.0)]),
        ("IABP 1:1 -> 1:3", [Effect("balloon_ratio", "to", 3.0)]),
        ("3 cm too deep (both areas in LV)", [Effect("impella_deep", "state", 1.0)]),
        ("norepinephrine 0.1 -> 0.3", [Effect("drug.norepinephrine", "to", 0.3)]),
        ("left pump without power", [Effect("fault:lvad-power-loss", "state", 1.0)]),
        ("SVR x1.7: MAP 112", [Effect("svr", "times", 1.7)]),
        ("10 mL/s air enters negative-pressure side for 4 s, then 2 mL/s until line closed; pump de-primes at 60 mL",
         [Effect("air", "state", 1.0, over=14.0)]),
    ],
)  # fmt: skip
def test_what_happens_to_devices_is_read(sentence: str, effects: list[Effect]) -> None:
    found = understand(sentence, TABLE).effects
    assert [(e.what, e.how, e.unit, e.over, e.lasts, e.step) for e in found] == [
        (e.what, e.how, e.unit, e.over, e.lasts, e.step) for e in effects
    ]
    assert [e.value for e in found] == pytest.approx([e.value for e in effects])


def own(name: str) -> float:
    return {"patient.lv_contractility": 0.8, "drain.kink": 1.25, "lvad.rpm": 4800.0, "balloon.inflation": 5.0, "balloon.deflation": -100.0}[
        name
    ]


@pytest.mark.parametrize(
    ("effect", "entries"),
    [
        (Effect("drain_resistance", "times", 8.0, over=2.0), [{"at": "900 s", "set": {"drain.kink": 10.0}, "over": "2 s"}]),
        (Effect("lv_contractility", "times", 0.5), [{"at": "900 s", "set": {"patient.lv_contractility": 0.4}}]),
        (Effect("bleed", "bleed", 140.0, "mL/min", until=1400.0),
         [{"at": "900 s", "set": {"bleeding.rate": "140 mL/min"}}, {"at": "1500 s", "set": {"bleeding.rate": "0 mL/min"}}]),
        (Effect("gas_off", "state", 1.0), [{"at": "900 s", "set": {"gas.connected": 0.0}}]),
        (Effect("pump_speed", "to", 0.0, over=2.0), [{"at": "900 s", "set": {"pump.rpm": "0 rpm"}, "over": "2 s"}]),
        (Effect("lv_contractility", "times", 0.5, lasts=45.0),
         [{"at": "900 s", "set": {"patient.lv_contractility": 0.4}}, {"at": "945 s", "set": {"patient.lv_contractility": 0.8}}]),
        (Effect("balloon_deflation", "to", -20.0, "ms"),
         [{"at": "900 s", "set": {"balloon.deflation": "-120 ms"}}, {"at": "900 s", "set": {"balloon.inflation": 5.0}}]),
        (Effect("pump_efficiency", "times", 0.75), [{"at": "900 s", "set": {"pump.clot": 0.25}}]),
        (Effect("device_speed", "ladder", 5000.0, "rpm", over=60.0, step=150.0),
         [{"at": "960 s", "set": {"lvad.rpm": "4950 rpm"}}, {"at": "1020 s", "set": {"lvad.rpm": "5000 rpm"}}]),
        (Effect("fault:lvad-power-loss", "state", 1.0), [{"at": "900 s", "fault": "lvad-power-loss"}]),
        (Effect("drug.norepinephrine", "to", 0.3), [{"at": "900 s", "set": {"drug.norepinephrine": "0.3 ug/kg/min"}}]),
        (Effect("sweep", "to", 6000.0, "mL/min"), [{"at": "900 s", "set": {"gas.sweep": "6 L/min"}}]),
    ],
)  # fmt: skip
def test_an_effect_becomes_protocol_entries(effect: Effect, entries: list[dict[str, object]]) -> None:
    assert protocol(effect, 900.0, TABLE["effects"], own) == entries


def test_what_is_a_result_of_the_patient_is_searched_for_and_not_set() -> None:
    for what in ("recirculation", "map"):
        with pytest.raises(ValueError, match="searched"):
            protocol(Effect(what, "to", 0.5, over=60.0), 0.0, TABLE["effects"], own)


def test_a_larger_share_of_the_jet_is_drained_where_the_tips_are_near() -> None:
    assert tip_distance(0.5) < tip_distance(0.12)


def test_every_noun_and_state_has_an_effect_that_the_controls_know() -> None:
    from perfuse.parameters.tables import controls, patient_parameters

    known = set(controls()) | {f"patient.{name}" for name in patient_parameters()}
    for what in [*TABLE["nouns"], *TABLE["states"], "bleed"]:
        effect = TABLE["effects"][what]
        assert (effect.get("set") or effect.get("solve")) in known
