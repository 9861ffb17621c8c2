"""Rows that cannot be taken, and why, collected by column; and questions about whole columns."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.evidence.registry.schema import Column

SHOWN = 40
"""Letters of a value that a report shows."""
FIELDS = ("table", "row", "column", "value", "reason", "allowed", "source")


@dataclass
class Rejections:
    """Why rows fail. `rows` counts from 1 in what was given; a row may have several reasons."""

    parts: list[dict[str, list[Any]]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        table: str,
        column: str,
        rows: Iterable[int],
        values: Iterable[str],
        reason: str | Iterable[str],
        allowed: str = "",
        source: str = "",
    ) -> None:
        """One reason for several rows; the values as they may be shown."""
        numbers = [int(row) for row in rows]
        if not numbers:
            return
        n = len(numbers)
        reasons = [reason] * n if isinstance(reason, str) else list(reason)
        columns: list[list[Any]] = [[table] * n, numbers, [column] * n, list(values), reasons, [allowed] * n, [source] * n]
        self.parts.append(dict(zip(FIELDS, columns, strict=True)))

    def ask(self, table: str, column: str, text: str) -> None:
        """A question about a whole column, which rejects nothing."""
        self.questions.append({"table": table, "column": column, "text": text})

    def table(self) -> pa.Table:
        """All of them: table, row, column, value, reason, allowed, source."""
        types = {"row": pa.int64()}
        made = {name: pa.array([one for part in self.parts for one in part[name]], types.get(name, pa.string())) for name in FIELDS}
        return pa.table(made).sort_by([("table", "ascending"), ("row", "ascending")])


def shown(column: Column, values: NDArray[Any]) -> list[str]:
    """Values as a report may show them: identifiers and dates only by their shape, everything else cut short."""
    hide = column.type in ("id", "code", "time")
    return [shape(str(one)) if hide else str(one)[:SHOWN] for one in values]


def shape(text: str) -> str:
    """Letters as a, digits as 9: '2024-05-01' becomes '9999-99-99'."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))[:SHOWN]


def numbers(rows: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Row numbers where a mask holds."""
    return np.asarray(rows[mask])
