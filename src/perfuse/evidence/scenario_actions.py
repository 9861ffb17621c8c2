"""What the correct actions of a task do in the simulator, as far as the words say it: "In kind: task the band applies after the CORRECT
action named in the note or task".

    gas.sweep_set 0                                        sweep of the running circuit
    pump.rpm_set 66 % then 33 % ..., 10-15 min each        steps of the circuit's flow
    impella.p_set P-8                                      the catheter pump starts at that level
    vent.rest: Pplat <=24-25, driving <=14-15, RR <=10-15, PEEP 10-15, FiO2 <=0.5      the ventilator goes to rest
    if sweep set 6-8 L/min (in the note of a sign)         that sweep instead

Every range counts as its middle.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.prose import Effect
from perfuse.evidence.scenario_files import Scenario
from perfuse.evidence.scenario_patient import middle

_RANGE = r"(\d+(?:\.\d+)?)(?:\s*-\s*(\d+(?:\.\d+)?))?"
_SWEEP = re.compile(rf"gas\.sweep_set\s+(?:to\s+)?{_RANGE}(?!\s*(?:-|x))", re.IGNORECASE)
_SHARES = re.compile(rf"pump\.rpm_set\s+((?:\d+\s*%(?:\s+then\s+)?)+).*?{_RANGE}\s*min\s+each", re.IGNORECASE)
_LEVEL = re.compile(r"impella\.p_set\s+P-?(\d)", re.IGNORECASE)
_EVERY = re.compile(rf"lvad\.speed_set\b.*?\bevery\s+{_RANGE}\s*min", re.IGNORECASE)
_IF_SWEEP = re.compile(rf"\bif sweep(?:\s+set)?\s+{_RANGE}\s*L/min", re.IGNORECASE)
_REST = {"Pplat": "plateau", "driving": "driving_pressure", "RR": "rate", "PEEP": "peep", "FiO2": "fio2"}


def said(scenario: Scenario, effects: Sequence[Effect]) -> dict[str, float]:
    """Flow, sweep and O2 fraction of a circuit that is about to start, from the first event and from notes of signs."""
    words = {"ecmo_flow": "flow", "sweep": "sweep", "fdo2": "fdo2"}
    found = {words[effect.what]: effect.value for effect in effects if effect.what in words and effect.how == "to"}
    noted = next((match for sign in scenario.signs if (match := _IF_SWEEP.search(sign.note))), None)
    return found | ({"sweep": middle(noted[1], noted[2] or "")} if noted else {})


def effects_of_actions(scenario: Scenario) -> list[Effect]:
    """What the correct actions do to a circuit that runs."""
    found: list[Effect] = []
    for action in scenario.actions:
        sweep, shares = _SWEEP.search(action.do), _SHARES.search(action.do)
        if sweep and not any(effect.what == "sweep" for effect in found):
            found.append(Effect("sweep", "to", middle(sweep[1], sweep[2] or ""), "L/min"))
        if shares:
            each = 60.0 * middle(shares[2], shares[3] or "")
            steps = [float(share) / 100.0 for share in re.findall(r"(\d+)\s*%", shares[1])]
            found += [Effect("ecmo_flow", "times", share, after=number * each) for number, share in enumerate(steps)]
    return found


def level_of_actions(scenario: Scenario) -> float | None:
    """The P-level at which the correct actions start a catheter pump."""
    found = next((match for action in scenario.actions if (match := _LEVEL.search(action.do))), None)
    return float(found[1]) if found else None


def step_of_actions(scenario: Scenario) -> float | None:
    """How long a step of a ladder of speeds lasts, s."""
    found = next((match for action in scenario.actions if (match := _EVERY.search(action.do))), None)
    return 60.0 * middle(found[1], found[2] or "") if found else None


def rest_of_actions(scenario: Scenario) -> dict[str, Any] | None:
    """The ventilator at rest, in the form of a case, or None where no action rests it."""
    text = next((action.do for action in scenario.actions if action.do.startswith("vent.rest")), None)
    if text is None:
        return None
    units: Mapping[str, str] = {"driving_pressure": "cmH2O", "peep": "cmH2O", "rate": "/min", "fio2": ""}
    stated: dict[str, float] = {}
    for word, name in _REST.items():
        found = re.search(rf"\b{word}\s*(?:<=|<|=)?\s*{_RANGE}", text)
        if found:
            stated[name] = middle(found[1], found[2] or "")
    if {"plateau", "peep", "driving_pressure"} <= stated.keys():
        stated["driving_pressure"] = min(stated["driving_pressure"], stated["plateau"] - stated["peep"])
    stated.pop("plateau", None)
    return {"mode": "pressure", **{name: f"{value:g} {units[name]}" if units[name] else value for name, value in stated.items()}}
