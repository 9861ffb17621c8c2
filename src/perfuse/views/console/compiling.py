"""Equations of a combination that was never run are compiled in a process of their own: other runs keep their time meanwhile."""

import json
import subprocess
import sys
from typing import Any

from perfuse.bedside.bed import Bed
from perfuse.bedside.layout import SUPPORTS
from perfuse.parameters.case import case_from
from perfuse.parameters.case_models import Case
from perfuse.parameters.circuits import default_devices, default_support
from perfuse.parameters.from_python import case_of, plain
from perfuse.results.live import LONGEST
from perfuse.results.simulate import needs_compiling

COMMAND = "from perfuse.views.console.compiling import main; main()"


def apart(case: Case) -> None:
    """Compile what a case needs, if it is not compiled; where the other process fails, this one will compile it when it is used."""
    if needs_compiling(case):
        text = json.dumps(case.model_dump(mode="json", by_alias=True, exclude_none=True))
        subprocess.run([sys.executable, "-c", COMMAND], input=text, text=True, check=False, capture_output=True)


def warm(case: Case) -> None:
    """Compile or load everything that a run of this case needs."""
    Bed(case).advance(1)


def case_with(case: Case, support: Any) -> Case | None:
    """The same patient on a support that can be started at the bed; None for another word."""
    if support not in SUPPORTS:
        return None
    return case_of(plain(case.patient), default_devices(support) or default_support(support), seconds=LONGEST)


def main() -> None:
    """The other process: a case on standard input."""
    warm(case_from(json.load(sys.stdin), "compiling"))
