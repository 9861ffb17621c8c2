"""Rows that cannot be taken, and why, collected by column; and questions about whole columns."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from perfuse.evidence.registry.schema import Column

SHOWN = 40
"""Letters of a value that a report shows."""
OFTEN = 5
"""Rows in which a word has to stand before it is told as it is: it is hardly a person's."""
NEAR = 0.7
"""How near (0 to 1, difflib) a word is to a known one to be told as it is."""
LONGEST_NUMBER = 7
"""Characters of a number that is told as it is; longer ones may be record numbers or dates."""
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


def place(one: Mapping[str, Any]) -> str:
    """Table and column of a reason, for people; a row that fails as a whole has no column."""
    return ".".join(part for part in (one["table"], one["column"]) if part)


def shown(column: Column, values: NDArray[Any]) -> list[str]:
    """Values as a report may show them, so that nothing that names a person is carried on in it.

    Identifiers, dates and what cannot be read only by their shape; short numbers as they are; a word that is not known only where it is
    near a known one, or stands in several rows.
    """
    texts = [str(one) for one in values]
    if column.type in ("id", "code", "time"):
        return [shape(one) for one in texts]
    if column.type == "enum":
        return words_shown(texts, column.values)
    return [one if _short_number(one) else shape(one) for one in texts]


def words_shown(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """Words near a known one (or that stand here several times) as they are, cut short; the others by their shape."""
    counted = Counter(texts)
    told = {
        one: _printable(one) if n >= OFTEN or get_close_matches(one.lower(), known, 1, NEAR) else shape(one) for one, n in counted.items()
    }
    return [told[one] for one in texts]


def _short_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return len(text) <= LONGEST_NUMBER


def shape(text: str) -> str:
    """Letters as a, digits as 9: '2024-05-01' becomes '9999-99-99'."""
    return _printable(re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text[:SHOWN])))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text[:SHOWN])
