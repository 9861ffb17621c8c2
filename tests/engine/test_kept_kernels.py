"""Kept machine code belongs to the physics it was compiled from."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import perfuse

PACKAGE = Path(perfuse.__file__).parent
RUN = """
import json
from perfuse.engine.kernel import physics_hash
from perfuse.engine.run import engine
from perfuse.parameters.library import load_patient
from perfuse.results.course import column

values = {name: quantity.value for name, quantity in load_patient("healthy-adult").parameters.items()}
made = engine("patient", [column(values, None)], 1)
made.advance(5.0)
print(json.dumps([physics_hash(), made.buffer.tolist()]))
"""


def played(home: Path) -> tuple[str, list[float]]:
    """Physics hash and end of a short run by the package that lies in this folder."""
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=os.environ | {"PYTHONPATH": str(home)}, capture_output=True, text=True, check=True
    )
    found, buffer = json.loads(done.stdout)
    return found, buffer


def edited(source: str, before: str, after: str) -> str:
    assert source.count(before) == 1
    return source.replace(before, after)


@pytest.mark.slow  # compiles kernels
def test_an_edit_of_any_physics_source_changes_the_hash_and_the_result(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "perfuse", ignore=shutil.ignore_patterns("__pycache__"))
    first, before = played(tmp_path)
    again, repeated = played(tmp_path)
    assert (first, before) == (again, repeated)
    # a file that the written kernel does not name: its own stamp would not have changed
    path = tmp_path / "perfuse" / "physiology" / "valves.py"
    path.write_text(edited(path.read_text(), "INERTANCE = 5.0e-4", "INERTANCE = 6.0e-4"))
    later, after = played(tmp_path)
    assert later != first
    assert after != before


def test_the_hash_covers_every_file_of_the_rooms_that_decide_a_result(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "perfuse", ignore=shutil.ignore_patterns("__pycache__"))
    ask = "from perfuse.engine.kernel import physics_hash; print(physics_hash())"

    def hashed() -> str:
        env = os.environ | {"PYTHONPATH": str(tmp_path)}
        return subprocess.run([sys.executable, "-c", ask], env=env, capture_output=True, text=True, check=True).stdout

    seen = {hashed()}
    for name in ("ops.py", "physiology/oxygen.py", "devices/cannula.py", "engine/slow.py", "engine/source.py"):
        path = tmp_path / "perfuse" / name
        path.write_text(path.read_text() + "\n# edited\n")
        now = hashed()
        assert now not in seen, name
        seen.add(now)
