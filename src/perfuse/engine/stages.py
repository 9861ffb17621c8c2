"""The table of contents of one step: which equations run, in which order, and for which parts.

A structure names its parts: "patient" alone, or "ecmo" (a patient on a circuit), and what else is there: "left" and "right" (a rotary
pump for that side of the heart), "balloon", "sacs" (pulsatile chambers). One table holds the stages of all structures; a stage without
`of` runs in every one. What is absent from "ecmo+left+balloon" is left out of its fast step.
"""

from perfuse.devices.balloon import fill_balloon, press_balloon, watch_balloon
from perfuse.devices.blood_in_machines import SECOND, keep_blood, read_blood
from perfuse.devices.circuit import count_circuit, give_circuit, tally_circuit, turn_circuit
from perfuse.devices.circuit_blood import hold_first, hold_last, push_back, push_on, swap_blood
from perfuse.devices.circuit_console import clear_circuit, read_circuit, run_console
from perfuse.devices.gas_path import CELLS, exchange_in_cell, open_gas, read_cell
from perfuse.devices.pulsatile_pump import bring_sac, clear_sac, count_sac, give_sac, show_sac, turn_drive, turn_sac
from perfuse.devices.rotary_pump import average_rotor, bring_rotor, clear_rotor, count_rotor, give_rotor, show_rotor, turn_rotor
from perfuse.engine.fast import advance_clock, drip, look
from perfuse.engine.groups import Equation
from perfuse.engine.layout import PARTS, Stage, mask
from perfuse.physiology.beat import end_beat, tally_beat
from perfuse.physiology.blood_gases import follow_gases
from perfuse.physiology.circulation_written import clear_crossed, count, flows, move_flows, move_volumes, nothing_brought, per_volume
from perfuse.physiology.drugs import distribute, respond_to_drugs
from perfuse.physiology.lung_state import collapse, keep_lungs
from perfuse.physiology.lungs import breathe, equilibrate, ventilate
from perfuse.physiology.metabolism import respire
from perfuse.physiology.reflexes import respond, sense
from perfuse.physiology.regulation import regulate
from perfuse.physiology.self_regulation import average_flows, self_regulate
from perfuse.physiology.tissues import dilute, exchange_water, metabolise, press_capillaries, sum_beds, want_oxygen
from perfuse.physiology.transport import carry_alone, carry_with, supply_of_oxygen

__all__ = ["CELLS", "FAST", "SLOW", "parts_in", "structure"]

SIDES = ("left", "right")
CIRCUIT, BALLOON, SACS = mask("circuit"), mask("balloon"), mask("sacs")
DEVICES_THAT_MOVE_BLOOD = mask("left", "right", "sacs")
MOVES_BLOOD = CIRCUIT | DEVICES_THAT_MOVE_BLOOD


def structure(circuit: bool, parts: frozenset[str] = frozenset()) -> str:
    """Name of the structure of a patient with these parts."""
    return "+".join(["ecmo" if circuit else "patient", *(part for part in PARTS[1:] if part in parts)])


def parts_in(name: str) -> int:
    """The parts of a structure, as the kernel is told them."""
    head, *parts = name.split("+")
    if head not in ("patient", "ecmo") or parts != [part for part in PARTS[1:] if part in parts]:
        raise ValueError(f"{name!r} is not a structure: patient or ecmo, then of {', '.join(PARTS[1:])} in this order")
    return mask(*(["circuit"] if head == "ecmo" else []), *parts)


def _each_side(*functions: Equation, of: int = 0) -> list[Stage]:
    """Stages of one side, then of the other."""
    return [Stage(function, side=side, of=of or mask(side)) for side in SIDES for function in functions]


FAST = [
    Stage(look),
    Stage(fill_balloon, of=BALLOON),
    Stage(press_balloon, of=BALLOON),
    Stage(move_flows),
    Stage(flows),
    Stage(drip),
    Stage(turn_circuit, of=CIRCUIT),
    Stage(give_circuit, of=CIRCUIT),
    *_each_side(turn_rotor, give_rotor),
    Stage(turn_drive, of=SACS),
    *_each_side(turn_sac, give_sac, of=SACS),
    Stage(move_volumes),
    Stage(advance_clock),
    Stage(count),
    Stage(tally_beat),
    Stage(count_circuit, of=CIRCUIT),
    Stage(tally_circuit, of=CIRCUIT),
    *_each_side(count_rotor),
    *_each_side(count_sac, of=SACS),
    Stage(watch_balloon, of=BALLOON),
]
"""One millisecond."""

SLOW = [
    Stage(end_beat),
    Stage(breathe),
    Stage(equilibrate),
    Stage(supply_of_oxygen, species="o2"),
    # what blood carries, with circuit and devices
    Stage(per_volume),
    Stage(hold_last, "species", of=CIRCUIT),
    Stage(push_on, "species_cells_backward", of=CIRCUIT),
    Stage(hold_first, "species", of=CIRCUIT),
    Stage(push_back, "species_cells_forward", of=CIRCUIT),
    Stage(swap_blood, "species", of=CIRCUIT),
    Stage(nothing_brought, "species", of=DEVICES_THAT_MOVE_BLOOD, unless=CIRCUIT),
    *(Stage(bring_rotor, "species", side=side, of=mask(side)) for side in SIDES),
    *(Stage(bring_sac, "species", side=side, of=SACS) for side in SIDES),
    Stage(carry_with, "species", of=MOVES_BLOOD),
    Stage(carry_alone, "species", unless=MOVES_BLOOD),
    # the body
    Stage(press_capillaries),
    Stage(exchange_water),
    Stage(dilute, "species"),
    Stage(ventilate),
    Stage(respire, "beds"),
    Stage(sum_beds),
    Stage(metabolise),
    Stage(keep_lungs),
    Stage(collapse),
    Stage(follow_gases),
    Stage(distribute),
    Stage(respond_to_drugs),
    Stage(keep_blood, every=SECOND),
    Stage(read_blood, every=SECOND),
    Stage(want_oxygen),
    Stage(average_flows),
    Stage(self_regulate),
    Stage(sense),
    Stage(respond),
    Stage(regulate),
    Stage(clear_crossed),
    # the circuit's gas, what machines show, and counting anew
    Stage(open_gas, of=CIRCUIT),
    Stage(read_cell, "cells", of=CIRCUIT),
    Stage(exchange_in_cell, "cells_backward", of=CIRCUIT),
    Stage(read_circuit, of=CIRCUIT),
    Stage(run_console, of=CIRCUIT),
    Stage(clear_circuit, of=CIRCUIT),
    *_each_side(average_rotor, show_rotor, clear_rotor),
    *_each_side(show_sac, clear_sac, of=SACS),
]
"""Twenty milliseconds."""
