"""What R's packages say, asked again: the tables kept here are what the scripts beside them print. Run by `make oracles`, which installs R.

The ordinary tests compare perfuse with the kept tables and need no R.
"""

import csv
import math
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCRIPTS = sorted(HERE.glob("*.R"))


def numbers(text: str) -> dict[str, str]:
    """The rows `quantity,value` of a table."""
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["quantity"]: row["value"] for row in rows}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_r_still_says_what_the_kept_table_says(script: Path) -> None:
    rscript = shutil.which("Rscript")
    assert rscript, "Rscript is not on PATH: run tools/system.sh r"
    run = subprocess.run([rscript, "--vanilla", str(script), str(HERE)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    kept, said = numbers(script.with_suffix(".csv").read_text(encoding="utf-8")), numbers(run.stdout)
    assert kept.keys() == said.keys()
    for quantity, value in kept.items():
        try:
            assert math.isclose(float(said[quantity]), float(value), rel_tol=1e-6, abs_tol=1e-8), quantity
        except ValueError:
            assert said[quantity] == value, quantity


def test_every_script_has_its_table() -> None:
    assert SCRIPTS and all(script.with_suffix(".csv").is_file() for script in SCRIPTS)
