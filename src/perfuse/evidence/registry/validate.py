"""Which rows of a registry can be taken, which cannot and why; the others are taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perfuse.evidence.progress import Progress
from perfuse.evidence.registry import checks, checks_across, schema
from perfuse.evidence.registry.parsing import typed
from perfuse.evidence.registry.rejections import Rejections
from perfuse.evidence.registry.tables import empty

ROW = "_row"
"""A column of this name says what a row is called in reports; without it rows are counted from 1."""


@dataclass(frozen=True)
class Checked:
    """What a check found.

    tables     rows that can be taken, in the types of the schema
    rejected   table, row, column, value, reason, allowed, source: one line per reason; identifiers and dates only by their shape
    questions  about whole columns: table, column, text
    counts     for every table: given, taken, rejected
    """

    tables: Mapping[str, pa.Table]
    rejected: pa.Table
    questions: list[dict[str, Any]]
    counts: Mapping[str, Mapping[str, int]]

    @property
    def ok(self) -> bool:
        """Whether every row was taken."""
        return not self.rejected.num_rows

    def reasons(self) -> list[dict[str, Any]]:
        """How often each reason was given (table, column, reason, rows, an example); rows that only follow a rejected one come last."""
        if self.ok:
            return []
        frame = self.rejected.select(["table", "column", "reason", "row", "value", "allowed"]).to_pandas()
        frame["reason"] = frame["reason"].str.replace(r"(, in row| row|\() ?\d.*$", "", regex=True).str.rstrip(" ;")
        grouped = frame.groupby(["table", "column", "reason"], sort=False)
        found = grouped.agg(rows=("row", "size"), row=("row", "first"), value=("value", "first"), allowed=("allowed", "first"))
        told = [
            {**dict(zip(("table", "column", "reason"), key, strict=True)), **line}
            for key, line in zip(found.index, found.to_dict("records"), strict=True)
        ]
        return sorted(told, key=lambda one: one["reason"].endswith(checks_across.NOT_TAKEN))

    def as_data(self, lines: int = 1000) -> dict[str, Any]:
        """Plain data for JSON; of the rejected rows at most `lines`."""
        return {
            "ok": self.ok,
            "counts": {name: dict(count) for name, count in self.counts.items()},
            "reasons": self.reasons(),
            "questions": self.questions,
            "rejected": self.rejected.slice(0, lines).to_pylist(),
            "rejected_lines": self.rejected.num_rows,
        }


def validate(
    given: Mapping[str, pa.Table], *, moved: bool = False, found: Rejections | None = None, progress: Progress | None = None
) -> Checked:
    """Check tables against the schema and against each other.

    given  tables by name, as text or typed; columns that the schema does not know are left out
    moved  whether dates were moved, so that the future cannot be told
    found  what was rejected earlier, before there were rows

    A row that fails is rejected with every reason; rows that point at it are rejected too; everything else is taken as it is. Nothing
    is corrected.
    """
    found = Rejections() if found is None else found
    now = None if moved else datetime.now(tz=UTC).replace(tzinfo=None)
    taken: dict[str, pa.Table] = {}
    counts: dict[str, dict[str, int]] = {}
    parents: dict[str, tuple[set[str], Any]] = {}
    todo = schema.tables()
    for i, (name, table) in enumerate(todo.items()):
        raw = given.get(name)
        if raw is None or raw.num_rows == 0:
            taken[name] = empty(name)
            parents[name] = (set(), pa.array([], pa.string()))
            continue
        rows = np.asarray(raw.column(ROW).to_numpy()) if ROW in raw.column_names else np.arange(1, raw.num_rows + 1)
        columns, unread = typed(table, raw, rows, found)
        bad = checks.within_table(table, columns, rows, unread, found, now)
        checks_across.pointing(table, columns, rows, bad, found, parents)
        checks_across.repeated(table, columns, rows, bad, found)
        if name == "runs":
            checks_across.overlapping(table, columns, rows, bad, found)
        elif "run_id" in table.columns:
            checks_across.in_the_run(table, columns, rows, bad, found, taken["runs"])
        taken[name] = columns.filter(pa.array(~bad))
        if len(table.key) == 1:
            key = columns.column(table.key[0])
            gone = pc.drop_null(key.filter(pa.array(bad)))
            parents[name] = (set(gone.to_pylist()), taken[name].column(table.key[0]).combine_chunks())
        counts[name] = {"given": raw.num_rows, "taken": taken[name].num_rows, "rejected": int(bad.sum())}
        if progress is not None:
            progress(i + 1, len(todo), f"checking {name}")
    return Checked(taken, found.table(), found.questions, counts)
