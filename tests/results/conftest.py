"""Runs that several tests look at: each is simulated once."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import perfuse as pf

PATIENT = "healthy-adult"


@pytest.fixture(scope="session")
def readme_run() -> Any:
    """The run of the README, shorter."""
    return pf.simulate("covid-ards", pf.vv_ecmo(rpm=3400, sweep=4, fdo2=1.0), minutes=4)


@pytest.fixture(scope="session")
def settled() -> Any:
    """A snapshot of a patient on VV-ECMO, half a minute in."""
    return pf.Simulation(PATIENT, pf.vv_ecmo(rpm=3000)).step(30).snapshot()


@pytest.fixture
def sim(settled: Any) -> Any:
    """A live patient at that moment; settling again is not needed, since a snapshot decides everything."""
    return object.__new__(pf.Simulation).restore(settled)


@pytest.fixture(scope="session")
def perfuse() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line, as a person uses it, in a folder."""

    def call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from perfuse.views.cli import main; main()", *words]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"})

    return call
