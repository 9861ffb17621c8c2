"""Fixtures of the views: a page opened in a real browser, and the command line as a person uses it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

DRIVER = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import fake_engine
fake_engine.install()
from perfuse.views.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def perfuse(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Calls the command line in an empty folder; the engine behind it is the fake one."""

    def call(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", DRIVER, *words]
        surroundings = {**os.environ, "COLUMNS": "120", **env}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, env=surroundings, check=False)

    return call
