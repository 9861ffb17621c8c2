"""`perfuse validate`: every published row as setup, simulated value, published value, tolerance, source, pass or fail."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from perfuse.evidence.checks import Outcome, equation_outcome, expectation_outcome
from perfuse.evidence.experiments import Arms, run_experiments
from perfuse.evidence.rows import HERE, Row, rows
from perfuse.evidence.simulator import Progress, Simulator, engine

COUNTED = frozenset({"result", "equation"})
"""Kinds of row that decide the exit code; `criterion` and `contested` are shown only."""


def explanations(path: Path = HERE / "notes.yaml") -> dict[str, str]:
    """Written explanations of rows that fail, for display."""
    return dict(YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {})


def _experiment_key(row: Row) -> str:
    return f"{row.area}/{row.plan.experiment}"


def outcomes(row: Row, arms: dict[str, Arms]) -> list[Outcome]:
    """Every check of a row."""
    found = [equation_outcome(check) for check in row.plan.equation]
    if row.plan.experiment is None:
        return found
    answer = arms[_experiment_key(row)]
    for expected in row.plan.expect:
        if isinstance(answer, Exception):
            label = expected.label or expected.quantity
            found.append(Outcome(label, None, expected.unit, expected.low, expected.high, ok=False, note=f"could not be run: {answer}"))
        else:
            found.append(expectation_outcome(expected, answer))
    return found


def record(row: Row, checks: list[Outcome], explanation: str) -> dict[str, Any]:
    """A row as it is printed."""
    status = "not_expressible" if row.plan.not_expressible else "pass" if all(check.ok for check in checks) else "fail"
    broken = [check.note for check in checks if check.note]
    notes = [row.plan.not_expressible or "", row.plan.reading, *dict.fromkeys(broken), explanation if status == "fail" else ""]
    return {
        "id": row.id,
        "area": row.area,
        "kind": row.kind,
        "status": status,
        "setup": row.setup,
        "quantity": row.quantity,
        "simulated": "; ".join(check.text() for check in checks),
        "published": row.published,
        "tolerance": row.tolerance,
        "source": row.source,
        "mark": row.mark,
        "note": " ".join(note for note in notes if note),
        "checks": [check.as_dict() for check in checks],
    }


def validate(
    area: str | None = None, progress: Progress | None = None, *, simulator: Simulator | None = None, table: tuple[Row, ...] | None = None
) -> list[dict[str, Any]]:
    """Every row (of one area, or of all) put to the model.

    Seldom needed: `simulator` runs the cases (the engine, unless given), `table` is the rows (the shipped ones, unless given).
    """
    chosen = [row for row in (rows() if table is None else table) if area is None or row.area == area]
    experiments = {_experiment_key(row): row.experiment for row in chosen if row.experiment is not None}
    arms: dict[str, Arms] = {}
    if experiments:
        arms = run_experiments(experiments, simulator or engine(), progress)
    written = explanations()
    return [record(row, outcomes(row, arms), written.get(row.id, "")) for row in chosen]


def areas() -> list[str]:
    """The areas of the published table, in its order."""
    return list(dict.fromkeys(row.area for row in rows()))


def exit_code(results: list[dict[str, Any]], counted: Callable[[dict[str, Any]], bool] | None = None) -> int:
    """1 when a row that counts fails, else 0."""
    counts = counted or (lambda result: result.get("kind", "result") in COUNTED)
    return int(any(result["status"] in ("fail", "refused") and counts(result) for result in results))
