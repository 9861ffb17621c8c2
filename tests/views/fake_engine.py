"""Stands in for the rooms that simulate, so that the command line can be tried without them; parameters and storing are the real ones."""

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from fake_run import FakeRun

from perfuse.engine.compiler import KernelError

ROW = {
    "id": "A02", "area": "A", "kind": "result", "status": "pass", "setup": "healthy adult at rest", "quantity": "cardiac index",
    "simulated": "CI 3.1 L/min/m2", "published": "2.5-4.0 L/min/m2", "tolerance": "2.5 to 4.0", "source": "Textbook 2009",
    "mark": "recalled-high",
    "note": "", "checks": [{"label": "CI", "value": 3.1, "unit": "L/min/m2", "low": 2.5, "high": 4.0, "ok": True, "note": ""}],
}  # fmt: skip
FAILED = ROW | {
    "id": "B01", "area": "B", "status": "fail", "quantity": "P50", "simulated": "P50 31 mmHg", "published": "26.8 mmHg",
    "note": "curve too far right",
    "checks": [{"label": "P50", "value": 31.0, "unit": "mmHg", "low": 26.0, "high": 28.0, "ok": False, "note": ""}],
}  # fmt: skip
LATER = ROW | {"id": "F01", "area": "F", "status": "not_expressible", "simulated": "", "checks": [], "note": "needs an LVAD"}


def run_case(case: Any, *, progress: Any = None) -> FakeRun:
    if os.environ.get("FAKE") == "interrupt":
        raise KeyboardInterrupt
    if os.environ.get("FAKE") == "no compiler":
        raise KernelError("The kernel must be built, and there is no compiler. Install one.")
    progress(1.0, 2.0)
    status = {"ok": False, "text": "diverged at 3:12"} if os.environ.get("FAKE") == "diverge" else {"ok": True, "text": "ok"}
    return FakeRun(title=case.title, seed=case.seed, status=status)


def compare(case: Any, supports: list[str], *, progress: Any = None) -> list[FakeRun]:
    return [FakeRun(mode=mode, title=case.title) for mode in supports]


def is_built() -> bool:
    return os.environ.get("FAKE") != "fresh"


def validate(area: str | None = None, progress: Any = None) -> list[dict[str, Any]]:
    progress(1, 3, "A")
    rows = [ROW, LATER] if os.environ.get("FAKE") == "pass" else [ROW, FAILED, LATER]
    return [row for row in rows if area is None or row["area"] == area]


def play_file(path: Path, progress: Any = None) -> list[dict[str, Any]]:
    without_area = {key: value for key, value in ROW.items() if key not in ("area", "checks", "kind")}
    return [without_area | {"id": f"{path.stem}:spo2_rh"}]


def bench(progress: Any = None) -> dict[str, Any]:
    return {"states": 214, "one_patient_x_realtime": 3210.5, "kernel_build_s": None}


def install() -> None:
    """Put the fakes where the command line imports from."""
    for name, functions in {
        "perfuse.results.simulate": (run_case,),
        "perfuse.results.compared": (compare,),
        "perfuse.evidence.scenarios": (play_file,),
        "perfuse.engine.bench": (bench,),
        "perfuse.engine.library": (is_built,),
    }.items():
        module = ModuleType(name)
        for function in functions:
            setattr(module, function.__name__, function)
        sys.modules[name] = module
    if "validate" in sys.argv:
        from perfuse.evidence import validate as real

        real.validate = validate  # type: ignore[assignment]
        real.areas = lambda: ["A", "B", "F"]
