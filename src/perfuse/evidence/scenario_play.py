"""What a scenario says, read into a play: who is on what before the event, what happens, and which correct actions of a task are played."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from perfuse.evidence.prose import Effect, understand
from perfuse.evidence.scenario_actions import effects_of_actions, level_of_actions, rest_of_actions, said, step_of_actions
from perfuse.evidence.scenario_devices import devices, lesions, number, settings, sides, told
from perfuse.evidence.scenario_files import Scenario, names
from perfuse.evidence.scenario_patient import flat, support, support_of_actions, ventilator
from perfuse.evidence.signs import in_band
from perfuse.evidence.simulator import Playable, Simulator
from perfuse.parameters.tables import controls
from perfuse.parameters.units import read as read_unit

SETTLE = 120.0
"""s that a fitted, settled patient runs before the event. Source: assumed; the windows in which bases are read lie in it."""
LONGEST = 21600.0
"""s that a scenario may last: one whose clock runs so fast that it would last longer gets a slower clock (six hours, by which time what the
blood carries has found its level; assumed)."""


@dataclass
class Play:
    """One scenario on its way: what was understood, and what came of it."""

    scenario: Scenario
    block: Mapping[str, Any]
    remarks: list[str] = field(default_factory=list)
    clock: float = 1.0
    effects: list[tuple[float, Effect]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    fitted: Playable | None = None
    given: Mapping[str, Any] | None = None
    stated: dict[str, float] = field(default_factory=dict)
    starting: dict[str, Any] | None = None
    running: list[dict[str, Any]] = field(default_factory=list)
    begun: list[dict[str, Any]] = field(default_factory=list)
    lesions: dict[str, float] = field(default_factory=dict)
    problem: str = ""

    def case(self, protocol_: list[dict[str, Any]], end: float, waves: list[dict[str, str]]) -> dict[str, Any]:
        """The scenario as a case that lasts `end` s."""
        if self.fitted is None:
            raise RuntimeError("the patient has not been fitted")
        held = self.starting or self.fitted.support
        vent = (rest_of_actions(self.scenario) if self.starting else None) or ventilator(self.block)
        made: dict[str, Any] = {
            "schema": "perfuse-case/1",
            "title": f"{self.scenario.id} {self.scenario.title}".strip(),
            "patient": self.fitted.patient,
            "protocol": [*self.standing(), *protocol_],
            "duration": f"{end:g} s",
            "outputs": {"waveforms": waves},
        }
        if held is not None:
            made["support"] = dict(held)
        made["devices"] = [*self.fitted.devices, *self.begun]
        if vent is not None and held is not None:
            made["ventilator"] = vent
        return made

    def standing(self) -> list[dict[str, Any]]:
        """The fitted settings of the circuit, which hold from the start."""
        found = {**self.stated, **(self.fitted.settings if self.fitted is not None else {})}
        return [{"at": "0 s", "set": dict(found)}] if found else []

    def own(self, control: str, simulator: Simulator) -> float:
        """What a control was before the event."""
        if self.fitted is None:
            raise RuntimeError("the patient has not been fitted")
        if control.startswith("patient."):
            return simulator.own(self.fitted.patient, control.removeprefix("patient."))
        known = {**settings([*self.running, *self.begun]), **self.fitted.settings}
        known |= {"pump.flow": float(flat(self.block)["flow"])} if self.given is not None else {}
        default = controls()[control].default
        if control not in known and default is None:
            raise ValueError(f"{control} has no value before the event")
        return known.get(control, default or 0.0)

    def on_device(self) -> Mapping[str, str]:
        """Controls of a circuit that mean the device, where there is no circuit."""
        standing = sides([*self.running, *self.begun]) if self.given is None and self.starting is None else set()
        found: Mapping[str, str] = names()["on_device"].get("left" if "left" in standing else "right", {}) if standing else {}
        return found

    @property
    def begins(self) -> bool:
        """Whether support begins with the event, so that there is none before."""
        return self.starting is not None or bool(self.begun)


def ending(scenario: Scenario, block: Mapping[str, Any]) -> bool:
    """Whether `override` tells where the scenario ends: one of its values lies in the band of a later sign whose base it is not."""
    for sign in scenario.signs:
        value = scenario.override.get(sign.q)
        if sign.t > 0.0 and isinstance(value, int | float) and sign.band and sign.base is not None and value != sign.base:
            return sign.band[0] <= value <= sign.band[1]
    return False


def merged(block: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The block with what the scenario says instead; of `vent`, `circuit` and `labs` entry by entry."""
    made = {**block, **override}
    for key, value in override.items():
        own = block.get(key)
        if isinstance(value, Mapping) and isinstance(own, Mapping) and value.get("mode", own.get("mode")) == own.get("mode"):
            made[key] = {**own, **value}
    return made


def beginning(scenario: Scenario, block: Mapping[str, Any]) -> dict[str, Any]:
    """The block with the bases of signs at 0 s, which tell the state in which the scenario begins, where the block says nothing or
    something that is outside the sign's band."""
    made, known = dict(block), flat(block)
    for sign in scenario.signs:
        stated = number(known.get(sign.seen))
        if sign.t > 0.0 or sign.base is None or (stated is not None and in_band(sign, stated)):
            continue
        made = {key: {k: v for k, v in value.items() if k != sign.seen} if key == "labs" else value for key, value in made.items()}
        made[sign.seen] = sign.base
    return made


def understood(scenario: Scenario, block: Mapping[str, Any]) -> Play:
    """Read the events, the circuit and the devices; whatever stops this is kept as the play's problem."""
    start = {**block} if ending(scenario, block) else merged(block, scenario.override)
    play = Play(scenario, beginning(scenario, start))
    try:
        _read_events(play)
        _read_support(play)
    except Exception as problem:  # one scenario that is not understood hides no other
        play.problem = str(problem)
    return play


def _read_events(play: Play) -> None:
    for happening in play.scenario.events:
        if isinstance(happening.t, str):
            play.remarks.append(f"{happening.t}: {happening.what}")
            continue
        if happening.do:
            play.entries += [{**entry, "at": happening.t + read_unit(entry["at"], "s")} for entry in happening.do]
            continue
        event = understand(happening.what, names())
        play.clock = max(play.clock, event.clock)
        play.remarks += event.remarks
        play.effects += [(happening.t, effect) for effect in event.effects]
    last = max((sign.t for sign in play.scenario.signs), default=0.0)
    play.clock = max(min(play.clock, LONGEST / max(last, 1.0)), 1.0)


def _read_support(play: Play) -> None:
    """What runs before the event, and what a task's correct actions begin or change."""
    table, scenario, task = names(), play.scenario, play.scenario.kind in ("task", "decision")
    if isinstance(play.block.get("hr"), str):
        raise ValueError(
            f"the heart of the patient does not beat (hr: {play.block['hr']}): patients are fitted to readings of a beating heart"
        )
    if task:
        _start_so(play)
    play.block = {**play.block, **told(play.block, table["devices"])}
    play.running = devices(play.block, scenario.mode, table["devices"])
    play.lesions = lesions(play.block, table["lesions"])
    play.given = scenario.support or support(play.block, table["cannulae"])
    mode = re.match(r"(VV|VA)\b", scenario.mode, re.IGNORECASE)
    if task and play.given is None and mode:
        first = said(scenario, [effect for at, effect in play.effects if at == 0.0])
        play.effects = [(at, effect) for at, effect in play.effects if effect.what not in STARTS]
        play.starting = {**support_of_actions(scenario.actions, mode[1], table["cannulae"], first), "start": f"{SETTLE:g} s"}
    elif task and (level := level_of_actions(scenario)) is not None and not play.running:
        record = devices({"imp_p": level}, scenario.mode, table["devices"])
        play.begun = [{**one, "start": f"{SETTLE:g} s"} for one in record]
    elif task:
        play.effects += [(0.0, effect) for effect in effects_of_actions(scenario)]
        step = step_of_actions(scenario)
        play.effects = [(at, replace(one, over=step) if step and one.how == "ladder" else one) for at, one in play.effects]
    happens = play.effects or play.entries or play.begins
    if not happens and any(sign.t > 0.0 for sign in scenario.signs):
        raise ValueError("nothing happens: neither an event nor a correct action was found that can be played")
    if play.given is not None or play.starting is not None:
        play.stated["pump.depth"] = float((play.block.get("circuit") or {}).get("depth", table["depth"]["default"]))


STARTS = {
    "ecmo_flow": "flow",
    "sweep": "sweep",
    "fdo2": "fdo2",
    "device_speed": "lvad_rpm",
    "pump_speed": "lvad_rpm",
    "impella_level": "imp_p",
}
"""What the first event of a task says of the support that runs already, and the entry of the patient block that it corrects."""


def _start_so(play: Play) -> None:
    """Take what the first event of a task states ("flow 3.5, sweep 1") as the settings with which it begins."""
    circuit = dict(play.block.get("circuit") or {})
    rest = []
    for at, effect in play.effects:
        key = STARTS.get(effect.what)
        on_circuit = key in ("flow", "sweep", "fdo2")
        if at > 0.0 or key is None or effect.how != "to" or effect.over or (on_circuit and not circuit):
            rest.append((at, effect))
        elif on_circuit:
            circuit = {name: value for name, value in circuit.items() if name in KEPT or key != "flow"} | {key: effect.value}
        else:
            play.block = {**play.block, key: effect.value}
    play.effects = rest
    if circuit:
        play.block = {**play.block, "circuit": circuit}


KEPT = ("mode", "drain", "ret", "sweep", "fdo2", "rec", "depth")
"""Entries of a circuit that hold at another flow; pressures and gases do not."""
