"""A circuit is joined to a patient who is already there: the body's state goes over by field name, the circuit comes primed and clamped."""

from collections.abc import Mapping

import numpy as np

from perfuse.engine.build import CLAMPED, OF_CIRCUIT, circuit_rows, fill, first_circuit
from perfuse.engine.kernel import kernel
from perfuse.engine.run import Engine
from perfuse.parameters.case_models import Support


def joined(patient: Engine, support: Support) -> Engine:
    """The same patients at the same moment, on a clamped circuit; what was planned stays planned."""
    made = Engine("ecmo", patient.lanes, np.zeros(0), patient.step, list(patient.ramps))
    circuit = circuit_rows(support) | first_circuit() | CLAMPED | {"flow_target": 0.0}
    columns: list[Mapping[str, float]] = [patient.values(lane) | circuit for lane in range(patient.lanes)]
    made.buffer = fill(made.kernel.rows, made.lanes, columns)
    return made


def alone(patient: Engine) -> Engine:
    """The same patients at the same moment without their (clamped) circuit."""
    size = len(kernel("patient", patient.lanes).rows)
    made = Engine("patient", patient.lanes, np.zeros(size * patient.lanes), patient.step)
    for row in made.kernel.rows:
        made.put(row, 0.0 if row in OF_CIRCUIT else patient.get(row))
    return made
