"""What leaves a run: a case file that plays it again, its trends as Parquet, a report as one page."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from perfuse.bedside.export import case_text, trend_table
from perfuse.parameters.problems import InputError, Problem

if TYPE_CHECKING:
    from perfuse.views.console.ward import Ward

COMMAND = "from perfuse.views.cli import main; main()"
KINDS = {
    "case.yaml": "application/yaml; charset=utf-8",
    "trends.parquet": "application/vnd.apache.parquet",
    "report.html": "text/html; charset=utf-8",
}


def export(ward: "Ward", ident: str, what: str) -> tuple[str, str, bytes] | None:
    """Name, kind and content of an export; None where there is no such run."""
    live = ward.lives.get(ident)
    if live is not None and live.alive:
        live.keep()
    kept = ward.kept(ident)
    if kept is None:
        return None
    course = live.run.course if live is not None else (kept.events[-1].course if kept.events else "A")
    if what == "trends.parquet":
        table = trend_table(ward.store, kept, course)
        return "trends.parquet", KINDS[what], table
    text = case_text(kept, course)
    if what == "case.yaml":
        return "case.yaml", KINDS[what], text.encode()
    return "report.html", KINDS[what], _report(text)


def _report(case: str) -> bytes:
    """The report of a case, made in a process of its own, so that live runs keep their time."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "case.yaml", Path(folder) / "out"
        file.write_text(case, encoding="utf-8")
        words = [sys.executable, "-c", COMMAND, "run", str(file), "--out", str(out)]
        made = subprocess.run(words, capture_output=True, text=True, check=False)
        if not (out / "report.html").exists():
            raise InputError([Problem("report", "the report could not be made", hint=made.stderr.strip()[-400:])], "the export")
        return (out / "report.html").read_bytes()
