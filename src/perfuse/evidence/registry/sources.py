"""What an importer hands over, and the way from there into a registry: the same for every source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from perfuse.evidence.progress import Progress
from perfuse.evidence.registry import deidentify
from perfuse.evidence.registry.rejections import Rejections, place
from perfuse.evidence.registry.tables import Registry
from perfuse.evidence.registry.validate import Checked, validate
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT


@dataclass(frozen=True)
class Given:
    """Raw tables of a source.

    notes       sentences about what was left out or assumed
    source      what kind of source it is, in a word
    rows_are    what the row numbers of reports count
    moved       whether the source has moved its dates already (MIMIC-IV)
    rejections  what could not even be read
    """

    tables: Mapping[str, pa.Table]
    notes: list[str] = field(default_factory=list)
    source: str = ""
    rows_are: str = "rows"
    moved: bool = False
    rejections: Rejections = field(default_factory=Rejections)


def imported(given: Given, key: bytes, progress: Progress | None = None) -> tuple[Registry, Checked]:
    """Check raw tables, take what can be taken, replace pseudonyms, move dates; the registry, and what was found.

    Errors: `InputError` where not one row can be taken.
    """
    checked = validate(deidentify.pooled(given.tables), moved=given.moved, found=given.rejections, progress=progress)
    if not any(table.num_rows for name, table in checked.tables.items() if name != "patients"):
        reasons = [f"{place(one)}: {one['reason']} ({one['rows']} rows)" for one in checked.reasons()[:5]]
        said = "; ".join(reasons) if reasons else "the source has no rows of runs or candidates"
        raise InputError([Problem("", f"not one row can be taken ({said})")], given.source)
    tables = deidentify.deidentified(checked.tables, key, keep_year=not given.moved)
    about: dict[str, Any] = {
        "kind": "imported",
        "source": given.source,
        "dates": "moved by a secret number of whole days per patient; intervals are kept",
        "notes": list(given.notes),
        "safety": SAFETY_TEXT,
    }
    return Registry(tables, {}, about), checked
