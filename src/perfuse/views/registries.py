"""The commands `perfuse registry ...`: what they do, what they write, what they show."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views import registry_shown

Answer = tuple[Any, bool, Callable[[], None]]
REPORT = frozenset({"check.json", "check.html", "rejected.csv"})


def made(out: str, runs: int, seed: int, options: Mapping[str, Any], change: Sequence[str], by: str | None, replace: bool) -> Answer:
    """A synthetic registry, kept."""
    from perfuse.evidence.registry.overview import overview
    from perfuse.evidence.registry.store import save
    from perfuse.evidence.registry.synthetic import synthesise
    from perfuse.views.progress import watched

    given = _changes(change)
    refuse_what_is_there(out, replace)
    with watched(f"a synthetic registry of {runs} runs") as progress:
        found = synthesise(runs, seed, change=given, progress=progress, **options)
        store = save(found, out, by, replace)
    data = {"safety": SAFETY_TEXT, "written": store.where, **overview(found)}
    return data, True, lambda: registry_shown.overview(data)


def refuse_what_is_there(out: str, replace: bool) -> None:
    """InputError where a folder or file holds a registry already and nobody said that it may go."""
    if not out or "://" in out or replace:
        return
    place = Path(out)
    if (place / "registry.json").is_file() or (out.endswith(".duckdb") and place.is_file()):
        hint = "--replace puts the new one in its place; or choose another name."
        raise InputError([Problem("--out", f"{out} holds a registry already", value=out, hint=hint)], "the command line")


def _changes(words: Sequence[str]) -> dict[str, float]:
    out, wrong = {}, []
    for word in words:
        name, _, value = word.partition("=")
        try:
            out[name] = float(value)
        except ValueError:
            wrong.append(Problem(f"--set {word}", "this is not NAME=NUMBER", hint="Write for example: --set weaning.severity=-0.4"))
    if wrong:
        raise InputError(wrong, "the command line")
    return out


def imported(
    source: Path,
    kind: str,
    mapping: Path | None,
    out: str,
    key: Path | None,
    report: Path | None,
    by: str | None,
    replace: bool,
    command: str,
) -> Answer:
    """A source, checked, and kept where a place is given."""
    from perfuse.evidence.registry.deidentify import key_of
    from perfuse.evidence.registry.sources import imported as taken
    from perfuse.evidence.registry.store import save
    from perfuse.views.progress import watched

    refuse_what_is_there(out, replace)
    with watched(f"reading {source}") as progress:
        given = _given(source, kind, mapping)
        progress(1, 3, "checking")
        found, checked = taken(given, key_of(key) if out else key_of(None))
        progress(2, 3, "writing")
        where = save(found, out, by, replace).where if out else ""
    data = _said(checked, str(source), given.rows_are) | {"source": given.source, "notes": list(given.notes), "written": where}
    files = _report(report, data, checked, command)
    return data, checked.ok, lambda: registry_shown.check(data, files)


def _given(source: Path, kind: str, mapping: Path | None) -> Any:
    if kind == "csv":
        from perfuse.evidence.registry.import_csv import read_csv

        if mapping is None:
            text = "CSV needs a mapping, which says where each column goes"
            raise InputError(
                [Problem("--map", text, hint="Write one (docs/howto/registry.md) and give it with --map.")], "the command line"
            )
        return read_csv(source, mapping)
    if mapping is not None:
        raise InputError([Problem("--map", f"only CSV is read with a mapping, not {kind}")], "the command line")
    if kind == "fhir":
        from perfuse.evidence.registry.import_fhir import read_fhir

        return read_fhir(source)
    if kind == "mimic":
        from perfuse.evidence.registry.import_mimic import read_mimic

        return read_mimic(source)
    from perfuse.evidence.registry.import_clif import read_clif

    return read_clif(source)


def checked(store: str, report: Path | None, out: str, replace: bool, command: str) -> Answer:
    """A registry that lies somewhere, looked through; the rows that keep every rule are kept where a place is given."""
    from perfuse.evidence.registry.store import open_store, save
    from perfuse.evidence.registry.tables import Registry
    from perfuse.evidence.registry.validate import validate
    from perfuse.views.progress import watched

    opened = open_store(store)
    refuse_what_is_there(out, replace)
    with watched(f"checking {opened.where}") as progress:
        found = validate(opened.registry().tables, moved=opened.about.get("kind") != "synthetic", progress=progress)
    where = save(Registry(found.tables, opened.truth, opened.about), out, replace=replace).where if out else ""
    data = _said(found, opened.where, "rows in the order of the key") | {"notes": [], "written": where}
    files = _report(report, data, found, command)
    return data, found.ok, lambda: registry_shown.check(data, files)


def _said(found: Any, where: str, rows_are: str) -> dict[str, Any]:
    from perfuse.version import VERSION

    return {"schema": "perfuse-check/1", "perfuse": VERSION, "safety": SAFETY_TEXT, "where": where, "rows_are": rows_are, **found.as_data()}


def _report(folder: Path | None, data: Mapping[str, Any], found: Any, command: str) -> list[Path]:
    if folder is None:
        return []
    from perfuse.results.store import whole_folder
    from perfuse.views.registry_page import check_html

    with whole_folder(folder, REPORT, "check.json") as building:
        (building / "check.json").write_text(json_text(data, indent=1) + "\n", encoding="utf-8")
        (building / "check.html").write_text(check_html(data, command), encoding="utf-8")
        (building / "rejected.csv").write_text(_csv(found.rejected), encoding="utf-8")
    return [folder / name for name in sorted(REPORT)]


def _csv(rejected: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rejected.column_names)
    for row in zip(*(column.to_pylist() for column in rejected.columns), strict=True):
        writer.writerow([_no_formula(one) for one in row])
    return text.getvalue()


def _no_formula(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a quote before it; numbers stay."""
    if not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def described(store: str) -> Answer:
    """A registry in numbers."""
    from perfuse.evidence.registry.overview import overview

    data = {"safety": SAFETY_TEXT, **overview(store or None)}
    return data, True, lambda: registry_shown.overview(data)


def schema_of(table: str) -> Answer:
    """The tables, or one of them."""
    from perfuse.evidence.registry.schema import tables

    known = tables()
    if table and table not in known:
        raise InputError([Problem(table, "there is no such table", hint=did_you_mean(table, known))], "the command line")
    chosen = {table: known[table]} if table else dict(known)
    data = {
        "safety": SAFETY_TEXT,
        "tables": {
            name: {
                "about": one.about,
                "key": list(one.key),
                "source": one.source,
                "mark": one.mark,
                "columns": {column.name: _column(column) for column in one.columns.values()},
            }
            for name, one in chosen.items()
        },
    }
    return data, True, lambda: registry_shown.schema(data, bool(table))


def _column(column: Any) -> dict[str, Any]:
    return {
        "type": column.type,
        "unit": column.unit,
        "allowed": column.allowed,
        "required": column.required,
        "references": column.references,
        "about": column.about,
        "source": column.source,
        "mark": column.mark,
    }
