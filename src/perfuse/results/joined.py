"""Support is joined to a patient who is already there: the body's state goes over by field name, what is new comes at rest."""

from collections.abc import Mapping

import numpy as np

from perfuse.engine.build import CLAMPED, NO_MACHINE, circuit_rows, fill, first_circuit
from perfuse.engine.build_devices import device_rows, first_device, parts_of, resting
from perfuse.engine.run import Engine
from perfuse.engine.stages import structure
from perfuse.parameters.case_models import Case


def joined(patient: Engine, case: Case) -> Engine:
    """The same patients at the same moment on the support of a case, clamped and without power; what was planned stays planned."""
    name = structure(case.support is not None, parts_of(case.devices))
    made = Engine(name, patient.lanes, np.zeros(0), patient.step)
    columns: list[Mapping[str, float]] = []
    for lane in range(patient.lanes):
        body = patient.values(lane)
        rows = body | NO_MACHINE
        if case.support is not None:
            rows |= circuit_rows(case.support) | first_circuit() | CLAMPED | {"flow_target": 0.0}
        for choice in case.devices:
            rows |= device_rows(choice) | resting(choice) | first_device(choice, body, running=False)
        columns.append(rows)
    made.buffer = fill(made.kernel, columns)
    made.ramps = patient.ramps
    return made
