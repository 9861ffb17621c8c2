"""A registry in memory: its tables, where they come from, and the truth where it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from perfuse.evidence.registry import schema


@dataclass(frozen=True)
class Registry:
    """Tables of the schema by name.

    truth   what a synthetic registry was made with; empty for real data
    about   how it came to be: kind ("synthetic" or "imported"), seed, source, and the safety text
    """

    tables: Mapping[str, pa.Table]
    truth: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        counts = ", ".join(f"{table.num_rows} {name}" for name, table in self.tables.items() if table.num_rows)
        return f"{self.about.get('kind', 'registry')}: {counts or 'empty'}"


def empty(name: str) -> pa.Table:
    """A table of the schema without rows."""
    return schema.tables()[name].arrow.empty_table()
