"""The tables of a page: before and after, bedside fit, gases by site, sources."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.views.labels import in_groups, label_of, number, shown, unit_words
from perfuse.views.page import rows, symbol, text

Block = Mapping[str, Mapping[str, Any]]

MARKS = {
    "seen": "read in the source itself",
    "recalled-high": "recalled from the literature, sure",
    "recalled-medium": "recalled from the literature, fairly sure",
    "recalled-low": "recalled from the literature, unsure",
    "computed": "follows from other numbers",
    "assumed": "no measurement found; chosen",
}

QUESTIONS = (
    ("Perfused?", ("MAP", "total_flow", "lactate")),
    ("Oxygenated?", ("SaO2_right_radial", "PaO2", "PaCO2")),
)
OF_CIRCUIT = ("Circuit in order?", ("ecmo_flow", "P_ven", "dP"))
OF_DEVICES = (
    "lvad_flow", "impella_flow", "rvad_flow", "pulsatile_left_flow", "pulsatile_right_flow", "iabp_augmented_diastolic",
    "lvad_flow_shown", "impella_motor_pulse", "iabp_assisted_systolic", "iabp_unassisted_systolic", "pulsatile_left_fill", "lvad_suction",
    "impella_suction", "rvad_suction",
)  # fmt: skip
"""What is asked of devices, in this order; three numbers are shown."""


def value_of(block: Block, name: str) -> float | None:
    """The number behind a name of a summary block, or None."""
    return block[name]["value"] if name in block else None


def questions(before: Block, after: Block) -> str:
    """Three questions and the numbers that answer them, with the number before in small. The third asks what support there is."""
    parts = []
    for question, names in (*QUESTIONS, _third(after)):
        lines = []
        for name in names:
            if value_of(after, name) is None:
                continue
            was = value_of(before, name)
            old = f'<span class="was">{shown(name, was)} → </span>' if was is not None else ""
            unit = text(unit_words(after[name]["unit"]))
            lines.append(
                f"<div><dt>{symbol(label_of(name).symbol)}</dt>"
                f'<dd>{old}<span class="now">{shown(name, value_of(after, name))}</span> <span class="unit">{unit}</span></dd></div>'
            )
        answer = f"<dl>{''.join(lines)}</dl>" if lines else '<p class="quiet">No support in this run.</p>'
        parts.append(f"<section><h2>{question}</h2>{answer}</section>")
    return f'<div class="questions">{"".join(parts)}</div>'


def _third(after: Block) -> tuple[str, tuple[str, ...]]:
    """A circuit's question, or that of the devices; with both, two numbers of the circuit and one of a device."""
    devices = tuple(name for name in OF_DEVICES if name in after)
    if "ecmo_flow" in after and devices:
        return "Circuit and device in order?", (*OF_CIRCUIT[1][:2], *devices[:1])
    return ("Device in order?" if len(devices) else OF_CIRCUIT[0], devices[:3]) if "ecmo_flow" not in after else OF_CIRCUIT


def many(columns: Mapping[str, Block], *, change: bool, caption: str, first: Sequence[str] = ()) -> str:
    """One row a quantity, those of `first` first, one column a state; with `change`, the last minus the first."""
    names = list(dict.fromkeys(name for block in columns.values() for name in block))
    heads = "".join(f'<th scope="col">{text(title)}</th>' for title in columns) + ('<th scope="col">change</th>' if change else "")
    width = len(columns) + 1 + int(change)
    body = []
    for group, members in in_groups(names, first):
        body.append(f'<tr class="group"><th scope="rowgroup" colspan="{width}">{text(group)}</th></tr>')
        for name in members:
            values = [value_of(block, name) for block in columns.values()]
            unit = next(block[name]["unit"] for block in columns.values() if name in block)
            cells = "".join(
                f"<td{' class=now' if change and i == len(values) - 1 else ''}>{shown(name, v)}</td>" for i, v in enumerate(values)
            )
            if change:
                cells += f'<td class="change">{difference(name, values[0], values[-1])}</td>'
            side = ", ".join(part for part in (symbol(label_of(name).symbol), text(unit_words(unit))) if part)
            body.append(f'<tr><th scope="row">{text(label_of(name).words)}<span class="symbol">{side}</span></th>{cells}</tr>')
    top = f'<caption>{text(caption)}</caption><thead><tr><th scope="col">Quantity</th>{heads}</tr></thead>'
    return f"<table>{top}<tbody>{''.join(body)}</tbody></table>"


def difference(name: str, first: float | None, last: float | None) -> str:
    """The change with its sign; a dash where one side has no number or nothing changed in the shown decimals."""
    if first is None or last is None:
        return "\N{EN DASH}"
    digits = label_of(name).digits
    change = round(last, digits) - round(first, digits)
    words = number(change, digits)
    return words if float(f"{change:.{digits}f}") <= 0.0 else f"+{words}"


def bedside(lines: Sequence[Mapping[str, Any]]) -> str:
    """Each bedside measurement: what was asked of the fit, what the patient of the model reached."""
    body = []
    for line in lines:
        name, asked, reached = str(line["name"]), line["asked"], line["reached"]
        share = f" <span class=nowrap>({number(100.0 * (reached - asked) / asked, 0)} %)</span>" if asked and reached is not None else ""
        side = ", ".join(part for part in (symbol(label_of(name).symbol), text(unit_words(line.get("unit", "")))) if part)
        head = f'<th scope="row">{text(label_of(name).words)}<span class="symbol">{side}</span></th>'
        change = f'<td class="change">{difference(name, asked, reached)}{share}</td>'
        body.append(f'<tr>{head}<td>{shown(name, asked)}</td><td class="now">{shown(name, reached)}</td>{change}</tr>')
    heads = "".join(f'<th scope="col">{title}</th>' for title in ("Measurement", "asked", "reached", "difference"))
    return (
        "<table><caption>Measurements given for the patient, and what the fitted model shows before support.</caption>"
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def gases(before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]) -> str:
    """Blood gases of each site, before and at the end."""
    body = []
    for site in dict.fromkeys([*before, *after]):
        states = [(when, block[site]) for when, block in (("before", before), ("end", after)) if site in block]
        for i, (when, gas) in enumerate(states):
            first = f'<th scope="rowgroup" rowspan="{len(states)}">{text(site.replace("_", " "))}</th>' if i == 0 else ""
            last = ' class="end"' if i == len(states) - 1 else ""
            strong = " class=now" if when == "end" else ""
            cells = "".join(f"<td{strong}>{number(gas.get(name), digits)}</td>" for name, digits in GASES.items())
            body.append(f'<tr{last}>{first}<td class="when">{when}</td>{cells}</tr>')
    heads = ("PO_2", "mmHg"), ("PCO_2", "mmHg"), ("pH", ""), ("SO_2", "%")
    top = "".join(f'<th scope="col">{symbol(name)}{f"<br>{unit}" if unit else ""}</th>' for name, unit in heads)
    return (
        "<table><caption>Before support and at the end, by the place where the blood is taken.</caption>"
        f'<thead><tr><th scope="col">Site</th><th scope="col" class="when">when</th>{top}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )


GASES = {"PO2": 0, "PCO2": 0, "pH": 2, "SO2": 1}


def mark(kind: str) -> str:
    """How a number is known, as a small label."""
    return f'<span class="mark {text(kind)}">{text(kind)}</span>'


def sources(lines: Sequence[Mapping[str, str]]) -> str:
    """Every source once, with its mark and the names of what was taken from it; what follows a colon is said beside the name."""
    shared = Counter((line["text"].partition(": ")[0], line["mark"]) for line in lines)
    taken: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        work, _, detail = line["text"].partition(": ")
        if shared[work, line["mark"]] > 1:
            taken.setdefault((work, line["mark"]), []).append(f"{line['key']} ({detail})" if detail else line["key"])
        else:
            taken.setdefault((line["text"], line["mark"]), []).append(line["key"])
    order = list(MARKS)
    found = sorted(taken.items(), key=lambda item: (order.index(item[0][1]) if item[0][1] in order else len(order), item[0][0]))
    cells = [[("", text(words)), ("", mark(kind)), ("keys", text("; ".join(keys)))] for (words, kind), keys in found]
    legend = "; ".join(f"{kind}: {meaning}" for kind, meaning in MARKS.items())
    return f'<p class="quiet">How a number is known. {text(legend)}.</p>{rows(cells, ["Source", "known", "used for"], "sources")}'
