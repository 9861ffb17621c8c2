"""The table of contents of one step: which equations run, in which order, for the parts that are present.

A structure names its parts: "patient" alone, or "ecmo" (a patient on a circuit), and what else is there: "left" and "right" (a rotary
pump for that side of the heart), "balloon", "sacs" (pulsatile chambers). "ecmo+left+balloon" is a kernel of its own: what is absent costs
nothing.
"""

from perfuse.devices.balloon import fill_balloon, press_balloon, watch_balloon
from perfuse.devices.circuit import give_circuit, turn_circuit
from perfuse.devices.pulsatile_pump import bring_sac, clear_sac, count_sac, give_sac, show_sac, turn_drive, turn_sac
from perfuse.devices.rotary_pump import bring_rotor, clear_rotor, count_rotor, give_rotor, show_rotor, turn_rotor
from perfuse.engine.fast import advance_clock, count, count_circuit, drip, look, move_flows, move_volumes, tally_beat, tally_circuit
from perfuse.engine.layout import Stage
from perfuse.engine.slow import (
    carry_alone,
    carry_with,
    clear_crossed,
    follow_gases,
    keep_lungs,
    regulate,
    self_regulate,
    supply_of_oxygen,
)
from perfuse.engine.slow_beat import end_beat
from perfuse.engine.slow_blood import SECOND, keep_blood
from perfuse.engine.slow_circuit import (
    CELLS,
    clear_circuit,
    exchange_in_cell,
    hold_first,
    hold_last,
    open_gas,
    push_back,
    push_on,
    read_cell,
    run_console,
    swap_blood,
)
from perfuse.engine.slow_tissue import dilute, exchange_water, metabolise, sum_beds, want_oxygen
from perfuse.physiology.circulation import flows
from perfuse.physiology.contents import nothing_brought
from perfuse.physiology.drugs import distribute, respond_to_drugs
from perfuse.physiology.lungs import breathe, equilibrate, ventilate
from perfuse.physiology.metabolism import respire
from perfuse.physiology.reflexes import respond

__all__ = ["CELLS", "PARTS", "fast_stages", "slow_stages", "structure"]

PARTS = ("left", "right", "balloon", "sacs")
"""Parts that may join a patient, with or without a circuit, in the order in which a structure names them."""
SIDES = ("left", "right")


def structure(circuit: bool, parts: frozenset[str] = frozenset()) -> str:
    """Name of the structure of a patient with these parts."""
    return "+".join(["ecmo" if circuit else "patient", *(part for part in PARTS if part in parts)])


def _present(name: str) -> tuple[bool, list[str]]:
    head, *parts = name.split("+")
    if head not in ("patient", "ecmo") or parts != [part for part in PARTS if part in parts]:
        raise ValueError(f"{name!r} is not a structure: patient or ecmo, then of {', '.join(PARTS)} in this order")
    return head == "ecmo", parts


def fast_stages(name: str) -> list[Stage]:
    """One millisecond."""
    circuit, parts = _present(name)
    pumps = [side for side in SIDES if side in parts]
    sacs = SIDES if "sacs" in parts else ()
    stages = [Stage(look)]
    if "balloon" in parts:
        stages += [Stage(fill_balloon), Stage(press_balloon)]
    stages += [Stage(move_flows), Stage(flows), Stage(drip)]
    if circuit:
        stages += [Stage(turn_circuit), Stage(give_circuit)]
    for side in pumps:
        stages += [Stage(turn_rotor, side=side), Stage(give_rotor, side=side)]
    if sacs:
        stages += [Stage(turn_drive)]
    for side in sacs:
        stages += [Stage(turn_sac, side=side), Stage(give_sac, side=side)]
    stages += [Stage(move_volumes), Stage(advance_clock), Stage(count), Stage(tally_beat)]
    if circuit:
        stages += [Stage(count_circuit), Stage(tally_circuit)]
    stages += [Stage(count_rotor, side=side) for side in pumps]
    stages += [Stage(count_sac, side=side) for side in sacs]
    if "balloon" in parts:
        stages += [Stage(watch_balloon)]
    return stages


_BEATS_AND_BREATH = [
    Stage(end_beat),
    Stage(breathe),
    Stage(equilibrate),
    Stage(supply_of_oxygen, species="o2"),
]
_BLOOD_OF_CIRCUIT = [
    Stage(hold_last, "species"),
    Stage(push_on, "species_cells_backward"),
    Stage(hold_first, "species"),
    Stage(push_back, "species_cells_forward"),
    Stage(swap_blood, "species"),
]
_BODY = [
    Stage(exchange_water),
    Stage(dilute, "species"),
    Stage(ventilate),
    Stage(respire, "beds"),
    Stage(sum_beds),
    Stage(metabolise),
    Stage(keep_lungs),
    Stage(follow_gases),
    Stage(distribute),
    Stage(respond_to_drugs),
    Stage(keep_blood, every=SECOND),
    Stage(want_oxygen),
    Stage(self_regulate),
    Stage(respond),
    Stage(regulate),
    Stage(clear_crossed),
]
_CIRCUIT = [
    Stage(open_gas),
    Stage(read_cell, "cells"),
    Stage(exchange_in_cell, "cells_backward"),
    Stage(run_console),
    Stage(clear_circuit),
]


def slow_stages(name: str) -> list[Stage]:
    """Twenty milliseconds."""
    circuit, parts = _present(name)
    pumps = [side for side in SIDES if side in parts]
    sacs = SIDES if "sacs" in parts else ()
    blood = _BLOOD_OF_CIRCUIT if circuit else [Stage(nothing_brought, "species")]
    blood = blood + [Stage(bring_rotor, "species", side=side) for side in pumps]
    blood = blood + [Stage(bring_sac, "species", side=side) for side in sacs]
    blood = [*blood, Stage(carry_with, "species")] if circuit or pumps or sacs else [Stage(carry_alone, "species")]
    ends: list[Stage] = list(_CIRCUIT) if circuit else []
    for side in pumps:
        ends += [Stage(show_rotor, side=side), Stage(clear_rotor, side=side)]
    for side in sacs:
        ends += [Stage(show_sac, side=side), Stage(clear_sac, side=side)]
    return [*_BEATS_AND_BREATH, *blood, *_BODY, *ends]
