"""A trial in words: who, on what, what was set, what each criterion asks and what was read. Facts; never what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.parameters.library import heart_device, load_device
from perfuse.parameters.protocols import COMPARISONS, meets
from perfuse.parameters.tables import controls
from perfuse.views.labels import clock, label_of, number, unit_words

YES = {"met": "yes", "not met": "no", "cannot be judged": "cannot be judged"}
"""Findings about a threshold, which is reached or not, where a criterion is met or not."""


def with_unit(value: float, unit: str, digits: int | None = None) -> str:
    """A number and its unit."""
    words = number(value, digits) if digits is not None else f"{value:g}".replace("-", "\N{MINUS SIGN}", 1)
    shown = unit_words("" if unit == "1" else unit).removeprefix("P-level").strip()
    return f"{words}{'' if shown in ('', '%') else ' '}{shown}" if shown != "%" else f"{words} %"


def read_value(line: Mapping[str, Any]) -> str:
    """What a criterion's quantity read, with its unit; a dash where nothing was read."""
    if line["value"] is None:
        return "\N{EN DASH}"
    digits = label_of(line["of"]).digits + (1 if line["reading"] == "slope" or (line["reading"] == "rise" and line["of"] == "pH") else 0)
    while digits < 4 and line["verdict"] != "cannot be judged" and _looks_met(line, digits) != (line["verdict"] == "met"):
        digits += 1  # 5.98 cm/s against a bound of 6 is not shown as 6.0
    return with_unit(line["value"], line["unit"], digits)


def _looks_met(line: Mapping[str, Any], digits: int) -> bool:
    return meets(round(line["value"], digits), line["is"], line["bound"])


def bound_words(line: Mapping[str, Any]) -> str:
    """What a criterion asks: "at least 10 cm"."""
    lasting = f" for {line['lasting']:g} s" if line["lasting"] else ""
    return f"{COMPARISONS[line['is']]} {with_unit(line['bound'], line['unit'])}{lasting}"


def support_words(support: Any, devices: Sequence[Any] = ()) -> list[str]:
    """Each machine of a case in a phrase."""
    found = []
    if support is not None:
        parts = [load_device(support.pump.model).title]
        parts += [f"drainage {load_device(limb.cannula).title} ({', '.join(limb.site)})" for limb in support.drain]
        parts += [f"return {load_device(limb.cannula).title} ({limb.site.replace('_', ' ')})" for limb in support.return_]
        found.append(f"{support.mode.upper()}-ECMO: {', '.join(parts)}, {load_device(support.lung.model).title}")
    for device in devices:
        held = {k: v for k, v in device.model_dump(exclude_none=True).items() if k in ("rpm", "level", "ratio", "rate", "side")}
        found.append(f"{heart_device(device.model).title}{': ' if held else ''}{', '.join(f'{k} {_plain(v)}' for k, v in held.items())}")
    return found or ["no support"]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def drugs_words(drugs: Mapping[str, Mapping[str, Any]]) -> str:
    """Drugs that run, with their rates."""
    named = [f"{name.removeprefix('drug.').replace('_', ' ')} {with_unit(one['value'], one['unit'])}" for name, one in drugs.items()]
    return ", ".join(named) or "none"


def set_words(step: Mapping[str, Any]) -> str:
    """What a step set."""
    said = []
    for name, one in step["set"].items():
        options = controls()[name].options or {}
        word = next((word for word, value in options.items() if value == one["value"]), "")
        said.append(f"{name} {word or with_unit(one['value'], one['unit'])}")
    return ", ".join(said) or "nothing is changed"


def facts(summary: Mapping[str, Any], thresholds: bool = False) -> str:
    """The closing paragraph: from where to where the judged quantities went, and how many criteria were met. It recommends nothing."""
    before, last = summary["steps"][0], summary["steps"][-1]
    asked = dict.fromkeys([*list(last["readings"])[:1], *(line["of"] for line in summary["criteria"])])
    moved = [_moved(name, before["readings"].get(name), last["readings"][name]) for name in asked if name in last["readings"]]
    when = "the end of" if last["ended"] else "the moment at which the trial stopped in"
    from_to = f"From before the trial to {when} the step {_quoted(last['name'])} the simulated patient went: {'; '.join(moved)}."
    said = [from_to] if moved else ["Nothing was read at the last step."]
    told = [line for line in summary["criteria"] if line["reading"] in ("lowest", "highest", "slope") and line["value"] is not None]
    if told:
        without = {line["name"]: line for line in summary.get("without_support", {"criteria": []})["criteria"]}
        said.append(f"{'; '.join(_told(line, without.get(line['name'])) for line in told)}.")
    stop = summary["stop"]
    if stop is not None:
        later = f" Not played: {', '.join(summary['skipped'])}." if summary["skipped"] else ""
        said.append(
            f"The stop criterion ({label_of(stop['of']).words.lower()} {bound_words(stop)}) was passed "
            f"{clock(stop['at'] - summary['begin'])} (min:s) after the beginning of the trial, in the step {_quoted(stop['step'])}; "
            f"nothing is extrapolated beyond it.{later}"
        )
    return " ".join([*said, counted(summary["criteria"], thresholds)])


def _told(line: Mapping[str, Any], without: Mapping[str, Any] | None) -> str:
    beside = f" (without support {read_value(without)})" if without is not None else ""
    return f"{line['title']}: {read_value(line)}{beside}"


def _quoted(words: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}"


def _moved(name: str, before: Mapping[str, Any] | None, last: Mapping[str, Any]) -> str:
    digits = label_of(name).digits
    was = f"{number(before['value'], digits)} \N{RIGHTWARDS ARROW} " if before is not None else ""
    return f"{plain_symbol(name)} {was}{with_unit(last['value'], last['unit'], digits)}"


def plain_symbol(name: str) -> str:
    """A symbol without marks for subscripts: SaO2 right radial, CI total."""
    head, _, rest = label_of(name).symbol.replace("_2", "2").partition("_")
    return f"{head}{rest}" if len(head) == 1 else f"{head} {rest}".strip()


def where(line: Mapping[str, Any]) -> str:
    """Title of a criterion with the step at which it is read."""
    place = {"every": "every step", "last": "last step"}.get(line["at"], line["at"])
    known = line["reading"] == "slope" or place in line["title"]
    return str(line["title"]) if known else f"{line['title']} ({place})"


def short(source: str) -> str:
    """The name of a source, without what it says; the whole of it stands among the sources of a page."""
    words = source
    for end in ("; ", ". ", ": ", ", "):
        words = words.split(end)[0]
    return words


def counted(criteria: Sequence[Mapping[str, Any]], thresholds: bool = False) -> str:
    """How many criteria were met, not met, and could not be judged."""
    found = {word: sum(one["verdict"] == word for one in criteria) for word in YES}
    if thresholds:
        said = f"Of {len(criteria)} published thresholds {found['met']} are reached and {found['not met']} are not"
    else:
        yes, no = found["met"], found["not met"]
        said = f"Of {len(criteria)} published criteria {yes} {_be(yes)} met and {no} {_be(no)} not"
    rest = f"; {found['cannot be judged']} cannot be judged" if found["cannot be judged"] else ""
    return f"{said}{rest}. They belong to the studies named beside them and are read here in a model."


def _be(count: int) -> str:
    return "is" if count == 1 else "are"
