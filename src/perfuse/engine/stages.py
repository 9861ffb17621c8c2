"""The table of contents of one step: which equations run, in which order, for a patient alone and on a circuit."""

from perfuse.engine.fast import ecmo_step, patient_step
from perfuse.engine.layout import Stage
from perfuse.engine.slow import carry_alone, clear_crossed, follow_gases, keep_lungs, regulate, self_regulate, supply_of_oxygen
from perfuse.engine.slow_beat import end_beat
from perfuse.engine.slow_blood import SECOND, keep_blood
from perfuse.engine.slow_circuit import (
    CELLS,
    carry_with,
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
from perfuse.physiology.drugs import distribute, respond_to_drugs
from perfuse.physiology.lungs import breathe, equilibrate, ventilate
from perfuse.physiology.metabolism import respire
from perfuse.physiology.reflexes import respond

__all__ = ["CELLS", "FAST", "SLOW"]

FAST = {"patient": Stage(patient_step), "ecmo": Stage(ecmo_step)}

_BEATS_AND_BREATH = [
    Stage(end_beat),
    Stage(breathe),
    Stage(equilibrate),
    Stage(supply_of_oxygen, species="o2"),
]
_BLOOD_ALONE = [Stage(carry_alone, "species")]
_BLOOD_ON_CIRCUIT = [
    Stage(hold_last, "species"),
    Stage(push_on, "species_cells_backward"),
    Stage(hold_first, "species"),
    Stage(push_back, "species_cells_forward"),
    Stage(swap_blood, "species"),
    Stage(carry_with, "species"),
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

SLOW = {
    "patient": [*_BEATS_AND_BREATH, *_BLOOD_ALONE, *_BODY],
    "ecmo": [*_BEATS_AND_BREATH, *_BLOOD_ON_CIRCUIT, *_BODY, *_CIRCUIT],
}
