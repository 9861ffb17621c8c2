"""Reference pages of the docs, written from the library itself, so that they cannot drift from it.

Reads src/perfuse/parameters (and published values and scores in src/perfuse/evidence) as plain YAML and CSV; writes docs/reference/*.md.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DOCS = Path(__file__).resolve().parent
LIBRARY = DOCS.parent / "src" / "perfuse" / "parameters"
PUBLISHED = DOCS.parent / "src" / "perfuse" / "evidence" / "data" / "validation.csv"
SCORES = DOCS.parent / "src" / "perfuse" / "evidence" / "scoring" / "library"
HEAD = "<!-- written by docs/make_reference.py from the library: change it there -->\n\n"
AREAS = {
    "A": "Circulation of a healthy adult and in heart failure",
    "A-SCAI": "Stages of cardiogenic shock",
    "B": "Blood",
    "C": "Membrane lung",
    "D": "VV-ECMO",
    "E": "VA-ECMO",
    "F": "Durable LVAD",
    "G": "Balloon and transvalvular pumps",
    "H": "Cardiac arrest",
    "I": "Lungs and ventilator",
    "J": "Drugs",
}


def load(path: Path) -> Any:
    """One YAML file as plain data."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def cell(value: object) -> str:
    """Text that stays in one cell of a table."""
    return str(value if value is not None else "").replace("|", "\\|").replace("\n", " ").strip()


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    names = list(columns)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(cell(item) for item in line) + " |" for line in lines) + "\n\n"


def source_text(given: object, sources: Mapping[str, str]) -> str:
    """Source keys as links to the page of sources; sentences as they are."""
    keys = given if isinstance(given, list) else [given] if given else []
    return "; ".join(f"[{key}](sources.md#{key})" if key in sources else str(key) for key in keys)


def limits(entry: Mapping[str, Any]) -> str:
    """The allowed range of an entry, in words."""
    if entry.get("options"):
        return ", ".join(entry["options"])
    low, high = entry.get("low"), entry.get("high")
    if low is None and high is None:
        return ""
    return f"{low} to {high}" if low is not None and high is not None else f"{low} or more" if low is not None else f"{high} or less"


def is_number(entry: object) -> bool:
    """Whether an entry is a number of the library, or a row of them: value(s), unit, mark and source."""
    return isinstance(entry, dict) and ("value" in entry or "values" in entry)


def numbers(entries: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """A table of numbers: value, range, mark, source."""
    rows = [
        (
            f"`{name}`",
            f"{e['value'] if 'value' in e else ', '.join(map(str, e['values']))} {'' if e.get('unit') in (None, '1') else e['unit']}",
            limits(e),
            e.get("mark"),
            source_text(e.get("source"), sources),
        )
        for name, e in entries.items()
        if is_number(e)
    ]
    return table(["", "value", "range", "mark", "source"], rows) if rows else ""


def patients(sources: Mapping[str, str]) -> str:
    """Every shipped patient."""
    text = "# Patients\n\nWhat a patient does not state comes from the one it starts from, then from the table of defaults below.\n\n"
    for path in sorted((LIBRARY / "patients").glob("*.yaml")):
        data = load(path)
        text += f"## {path.stem}\n\n**{data['title']}.** {data.get('about', '')}\n\n"
        text += f"Starts from `{data['like']}`. " if data.get("like") else ""
        text += f"Source: {source_text(data.get('source'), sources)}.\n\n" + numbers(data.get("parameters") or {}, sources)
    return text + "## Parameters and their defaults\n\n" + entries(load(LIBRARY / "patient.yaml"), sources, default=True)


def devices(sources: Mapping[str, str]) -> str:
    """Every device, file by file."""
    text = "# Devices\n\n"
    for path in sorted((LIBRARY / "devices").glob("*.yaml")):
        text += f"## {path.stem.replace('_', ' ').capitalize()}\n\n{leading_comment(path)}\n\n"
        for name, data in load(path).items():
            maker = f", {data['manufacturer']}" if data.get("manufacturer") else ""
            text += f"### {name}\n\n{data.get('title', '')}{maker}. {data.get('notes', '')}\n\n" + numbers(data, sources)
    return text


def leading_comment(path: Path) -> str:
    """The comment at the head of a file, as a paragraph."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return " ".join(lines)


def entries(data: Mapping[str, Any], sources: Mapping[str, str], *, default: bool = False) -> str:
    """A table of names that can be set."""
    columns = ["name", "unit", "range", *(["default"] if default else []), "what", "source"]
    rows = []
    for name, e in data.items():
        middle = [e.get("default")] if default else []
        rows.append([f"`{name}`", e.get("unit"), limits(e), *middle, e.get("text"), source_text(e.get("source"), sources)])
    return table(columns, rows)


def controls(sources: Mapping[str, str]) -> str:
    """What can be set, given, measured and broken."""
    faults = load(LIBRARY / "faults.yaml")
    rows = [
        (
            f"`{name}`",
            f["title"],
            f"`{f['control']}`",
            f"{f['from']} → {f['to']} ({f['law']})",
            f.get("mark"),
            source_text(f.get("source"), sources),
        )
        for name, f in faults.items()
    ]
    return (
        "# Controls and faults\n\nA number without a unit is in the unit shown here.\n\n## Controls: `set`\n\n"
        + entries(load(LIBRARY / "controls.yaml"), sources)
        + "## Faults: `fault`, `severity`\n\nSeverity 0 ends a fault, 1 is its full form.\n\n"
        + table(["fault", "what", "control", "severity 0 → 1", "mark", "source"], rows)
        + "## Fluids: `give`\n\n"
        + entries(load(LIBRARY / "fluids.yaml"), sources)
        + "## Measurements: `bedside`\n\n"
        + entries(load(LIBRARY / "bedside.yaml"), sources)
        + "## Numbers by their place in a case file\n\n"
        + entries(load(LIBRARY / "case_fields.yaml"), sources)
    )


def trials(sources: Mapping[str, str]) -> str:
    """Protocols of trials and of the bridge questions, with every criterion."""
    text = "# Trials\n\n`perfuse trial NAME CASE` plays one of the first, `perfuse bridge CASE` the others.\n\n"
    for folder in ("protocols", "bridges"):
        for path in sorted((LIBRARY / folder).glob("*.yaml")):
            data = load(path)
            text += f"## {path.stem}\n\n**{data['title']}** {data['about']} Source: {source_text(data.get('source'), sources)}.\n\n"
            rows = []
            for kind in ("criteria", "stop"):
                for one in (data.get(kind) or {}).values():
                    bound, how = one["bound"], f"{one.get('as', 'mean')}, {one.get('at', 'last' if kind == 'criteria' else 'always')}"
                    asks = f"{one['is'].replace('_', ' ')} {bound['value']} {'' if bound['unit'] == '1' else bound['unit']}"
                    cited = source_text(bound.get("source"), sources)
                    rows.append((one["title"], f"`{one['of']}`", how, f"{'stops: ' * (kind == 'stop')}{asks}", bound["mark"], cited))
            text += table(["criterion", "quantity", "read", "bound", "mark", "source"], rows)
    return text


def vocabulary(_: Mapping[str, str]) -> str:
    """Names of reported quantities."""
    text = "# Names of quantities\n\nKeys of a summary, columns of the trends, labels of the report. "
    text += "Averaged over beats or breaths unless the name says otherwise.\n\n"
    for group, names in load(LIBRARY / "vocabulary.yaml").items():
        rows = [(f"`{name}`", e["unit"], "; ".join(str(e[k]) for k in ("what", "site", "also") if e.get(k))) for name, e in names.items()]
        text += f"## {group.capitalize()}\n\n" + table(["name", "unit", "what"], rows)
    return text


def validation(_: Mapping[str, str]) -> str:
    """The published values that the simulator is held against."""
    text = "# Published values\n\n`perfuse validate` plays every row that this model can express and lists the others with the reason. "
    text += "Rows of kind `result` count; `equation` tests a formula alone; `criterion` and `contested` are shown, not counted.\n\n"
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head, body = rows[0], rows[1:]
    for area in dict.fromkeys(row[1] for row in body):
        text += f"## {area}: {AREAS[area]}\n\n" + table(
            [head[0], *(name.split(" (")[0] for name in head[2:])], [[row[0], *row[2:]] for row in body if row[1] == area]
        )
    return text


def scores(_: Mapping[str, str]) -> str:
    """Every score: inputs, points, classes, source and mark; those that are not available, and why."""
    text = "# Scores and criteria\n\nScores are shown with the outcome of the patients from whom they were made. "
    text += "ELSO: not recommended for patient selection or individual management (elso.org/Resources/ECMOOutcomePredictionScores.aspx). "
    text += "Ranges of inputs are limits of plausible entry, chosen for this library (mark: assumed).\n\n"
    for path in sorted(SCORES.glob("*.yaml")):
        text += score(path.stem, load(path))
    return text


def score(name: str, data: Mapping[str, Any]) -> str:
    """One record."""
    text = f"## {data['name']}\n\n`{name}`. {data.get('endpoint', '')}. Source: {data['source']}. Mark: {data['mark']}. "
    text += f"Evidence: {data['evidence']}. Confidence: {data['confidence']}.\n\n"
    text += f"**{data['warning']}**\n\n" if data.get("warning") else ""
    if data.get("missing"):
        return text + f"Not available. Not found in print where this library could read: {data['missing']}; never filled from memory.\n\n"
    if data.get("stages"):
        return text + table(["stage", "description"], data["stages"].items())
    asked = [(f"`{key}`", e.get("unit"), _span(e), e.get("note") or e.get("absent")) for key, e in data["inputs"].items()]
    text += table(["input", "unit", "can be", "note"], asked)
    if "items" in data:
        text += table(["item", "points"], [(key.replace("_", " "), _points(item)) for key, item in data["items"].items()])
        text += f"Joined by: {data.get('total', 'sum')}; constant {data.get('constant', 0)}; range {data['total_range']}.\n\n"
    for kind in ("terms", "criteria", "outputs"):
        shown = [(key, f"`{said}`") for key, said in (data.get(kind) or {}).items() if not key.startswith("_")]
        text += table([kind, ""], shown) if shown and not (kind == "outputs" and "items" in data) else ""
    rows = [(r["label"], f"`{r['when']}`", _outcome(r)) for r in (data.get("classes") or {}).get("rows", [])]
    text += table(["class", "condition", "published"], rows) if rows else ""
    later = [(o["who"], o.get("n"), o["result"], o["source"], o["mark"]) for o in data.get("external") or []]
    text += table(["later results in", "n", "", "source", "mark"], later) if later else ""
    return text + "".join(f"- {note}\n" for note in data.get("notes") or []) + "\n"


def _span(entry: Mapping[str, Any]) -> str:
    if "range" in entry:
        return f"{entry['range'][0]} to {entry['range'][1]}"
    return ", ".join(entry.get("values") or ["yes", "no"])


def _points(item: Mapping[str, Any]) -> str:
    lines = [f"{band['when']}: {band['points']}" for band in item.get("bands") or []]
    lines += [f"{word}: {points}" for word, points in (item.get("words") or {}).items()]
    return "; ".join(lines + [f"{key}: {item[key]}" for key in ("yes", "no") if key in item])


def _outcome(row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{key.replace('_', ' ')} {'not found' if value is None else value}" for key, value in (row.get("outcome") or {}).items()
    )


def source_page(sources: Mapping[str, str]) -> str:
    """Every source by its key."""
    return "# Sources\n\n" + "".join(f"## {key}\n\n{text}\n\n" for key, text in sorted(sources.items()))


def python(_: Mapping[str, str]) -> str:
    """The public names of the package, from their docstrings."""
    return "# Python\n\n::: perfuse\n"


PAGES: dict[str, Callable[[Mapping[str, str]], str]] = {
    "patients": patients,
    "devices": devices,
    "controls": controls,
    "trials": trials,
    "vocabulary": vocabulary,
    "validation": validation,
    "scores": scores,
    "sources": source_page,
    "python": python,
}


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of each page."""
    sources = load(LIBRARY / "sources.yaml")
    for name, write in PAGES.items():
        yield name, HEAD + write(sources)


def main() -> None:
    """Write the pages."""
    folder = DOCS / "reference"
    folder.mkdir(exist_ok=True)
    for name, text in pages():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
