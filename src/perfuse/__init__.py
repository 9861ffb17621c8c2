"""perfuse: an open simulator of mechanical circulatory support. Not for clinical use; for education and research only.

    import perfuse as pf
    run = pf.simulate("covid-ards", pf.vv_ecmo(rpm=3400, sweep=4, fdo2=1.0), minutes=20)

What stands here is loaded when it is first asked for, so that `import perfuse` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from perfuse.version import VERSION

if TYPE_CHECKING:
    from perfuse.parameters.case import load_case
    from perfuse.parameters.circuits import device, va_ecmo, vav_ecmo, vpa_ecmo, vv_ecmo
    from perfuse.parameters.library import cases, devices, patients
    from perfuse.parameters.problems import InputError
    from perfuse.parameters.safety import SAFETY_TEXT
    from perfuse.parameters.tables import controls
    from perfuse.results.compared import compare
    from perfuse.results.curves_sampled import curve_samples
    from perfuse.results.live import Simulation
    from perfuse.results.many import simulate_many
    from perfuse.results.run import Run
    from perfuse.results.saved import Snapshot
    from perfuse.results.simulate import run_case
    from perfuse.results.single import simulate
    from perfuse.results.sweep import Sweep, sweep

__version__ = VERSION

_HOME = {
    "parameters.case": ("load_case",),
    "parameters.circuits": ("device", "va_ecmo", "vav_ecmo", "vpa_ecmo", "vv_ecmo"),
    "parameters.library": ("cases", "devices", "patients"),
    "parameters.problems": ("InputError",),
    "parameters.safety": ("SAFETY_TEXT",),
    "parameters.tables": ("controls",),
    "results.compared": ("compare",),
    "results.curves_sampled": ("curve_samples",),
    "results.live": ("Simulation",),
    "results.many": ("simulate_many",),
    "results.run": ("Run",),
    "results.saved": ("Snapshot",),
    "results.simulate": ("run_case",),
    "results.single": ("simulate",),
    "results.sweep": ("Sweep", "sweep"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
__all__ = [
    "SAFETY_TEXT",
    "InputError",
    "Run",
    "Simulation",
    "Snapshot",
    "Sweep",
    "__version__",
    "cases",
    "compare",
    "controls",
    "curve_samples",
    "device",
    "devices",
    "load_case",
    "patients",
    "run_case",
    "simulate",
    "simulate_many",
    "sweep",
    "va_ecmo",
    "vav_ecmo",
    "vpa_ecmo",
    "vv_ecmo",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"perfuse has no {name}")
    return getattr(import_module(f"perfuse.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
