"""Parameters: records with value, unit, range and source; the shipped library; case files. Never an equation.

What shares its name with a module is taken from there: library.devices(), faults.faults(), sources.sources(), vocabulary.vocabulary().
Reading needs pydantic and YAML, which are loaded when something is read, so that this import stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfuse.parameters.case import case_from, case_from_text, load_case
    from perfuse.parameters.case_models import Case, Support
    from perfuse.parameters.devices import Balloon, Cannula, Device, Limit, MembraneLung, PulsatilePump, Pump, RotaryPump, Tubing
    from perfuse.parameters.faults import Fault
    from perfuse.parameters.library import Patient, cases, limits, load_device, load_patient, load_pump, patients
    from perfuse.parameters.problems import InputError, Problem, Problems
    from perfuse.parameters.records import Mark, Quantity
    from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
    from perfuse.parameters.schema import case_schema
    from perfuse.parameters.sources import source_text
    from perfuse.parameters.tables import bedside, controls, fluids, patient_parameters
    from perfuse.parameters.vocabulary import unit_of

_HOME = {
    "case": ("case_from", "case_from_text", "load_case"),
    "case_models": ("Case", "Support"),
    "devices": ("Balloon", "Cannula", "Device", "Limit", "MembraneLung", "PulsatilePump", "Pump", "RotaryPump", "Tubing"),
    "faults": ("Fault",),
    "library": ("Patient", "cases", "limits", "load_device", "load_patient", "load_pump", "patients"),
    "problems": ("InputError", "Problem", "Problems"),
    "records": ("Mark", "Quantity"),
    "safety": ("NOT_FOR_CLINICAL_USE", "SAFETY_TEXT"),
    "schema": ("case_schema",),
    "sources": ("source_text",),
    "tables": ("bedside", "controls", "fluids", "patient_parameters"),
    "vocabulary": ("unit_of",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
__all__ = [
    "NOT_FOR_CLINICAL_USE",
    "SAFETY_TEXT",
    "Balloon",
    "Cannula",
    "Case",
    "Device",
    "Fault",
    "InputError",
    "Limit",
    "Mark",
    "MembraneLung",
    "Patient",
    "Problem",
    "Problems",
    "PulsatilePump",
    "Pump",
    "Quantity",
    "RotaryPump",
    "Support",
    "Tubing",
    "bedside",
    "case_from",
    "case_from_text",
    "case_schema",
    "cases",
    "controls",
    "fluids",
    "limits",
    "load_case",
    "load_device",
    "load_patient",
    "load_pump",
    "patient_parameters",
    "patients",
    "source_text",
    "unit_of",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"perfuse.parameters has no {name}")
    return getattr(import_module(f"perfuse.parameters.{_WHERE[name]}"), name)
