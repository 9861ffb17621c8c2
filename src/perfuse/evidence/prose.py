"""Events of a scenario as people write them, read into effects: "drainage path resistance x8 in 2 s".

A sentence is cut at `;`, `,`, `:`, brackets, "with" and "and" into clauses. A clause is understood when it has one of these forms
(TIME as "2 s", "5 min"; WHAT one of the nouns of `scenario_names.yaml`):

    WHAT x8 [in|over TIME]                    multiply
    WHAT -30 % [in|over TIME]                 multiply by 0.70
    WHAT falls|rises to 75 % [over TIME]      multiply by 0.75
    WHAT falls|drops [by] 30 % [over TIME]    multiply by 0.70
    x4 within|at 20 min                       what was named last goes on to that factor at that time
    [raises|lowers] WHAT [4.3] -> 5.2 [UNIT] [over TIME]      bring to a value
    WHAT [to|falls to|rises to] 88 [UNIT] [in|over TIME]      bring to a value
    bleed 140 mL/min [to 1.4 L]               a bleeding of that rate, until that volume is lost
    time x4                                   the clock of the scenario runs four times as fast
    a state with a name, such as "oxygen tubing off" or "motor stops in 3 s"

What is only "(shown as trend)" lies before the event and is not played. An aside in brackets or after a colon ("...: mixing point moves to
arch") that is no effect tells the outcome and is kept as a remark, as are the forms listed in the table under `commentary`. Everything else
is reported as not understood: an event is never played in part.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from perfuse.parameters.units import UnitError
from perfuse.parameters.units import read as read_unit

How = Literal["times", "to", "state", "bleed"]

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_TIME = r"(?:\s+(?:in|over|within)\s+(?P<over>\d+(?:\.\d+)?\s*(?:s|sec|min|h)))?"
_UNIT = r"(?:\s*(?P<unit>%|(?!right\b|left\b)[A-Za-z][A-Za-z0-9/]*))?(?:\s+(?:right|left))?"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("bleed", rf"(?:.*\b)?bleed(?:ing)?\s+(?P<rate>{_NUMBER}\s*mL/(?:min|s|h))(?:\s+to\s+(?P<volume>{_NUMBER}\s*m?L))?"),
        ("times", rf"(?P<what>.+?)\s+x\s?(?P<value>\d+(?:\.\d+)?){_TIME}"),
        ("percent_of", rf"(?P<what>.+?)\s+(?:falls|rises|drops|goes)\s+to\s+(?P<value>\d+(?:\.\d+)?)\s*%{_TIME}"),
        ("less", rf"(?P<what>.+?)\s+(?:falls|drops)\s+(?:by\s+)?(?P<value>\d+(?:\.\d+)?)\s*%{_TIME}"),
        ("change", rf"(?P<what>.+?)\s+(?P<value>[-+]\d+(?:\.\d+)?)\s*%{_TIME}"),
        ("to", rf"(?P<what>.+?)\s+(?:{_NUMBER}\s*)?->\s*(?P<value>{_NUMBER}){_UNIT}{_TIME}"),
        ("to", rf"(?P<what>.+?)\s+(?:(?:falls|rises|drops|goes)\s+)?(?:to\s+)?(?P<value>{_NUMBER}){_UNIT}{_TIME}"),
    )
)
_FURTHER = re.compile(r"x\s?(?P<value>\d+(?:\.\d+)?)\s+(?:within|at|by)\s+(?P<at>\d+(?:\.\d+)?\s*(?:s|sec|min|h))", re.IGNORECASE)
_HISTORY = "shown as trend"
_SUBJECT = re.compile(r"^(?:.*\bor script\s+)?(?:raises|lowers|sets|brings)\s+", re.IGNORECASE)


class NotUnderstoodError(ValueError):
    """An event with clauses that are not understood; the message names every one of them."""


@dataclass(frozen=True)
class Effect:
    """One thing that happens: `what` (a noun of the table) is multiplied by or brought to `value` over some seconds, from `after` s on."""

    what: str
    how: How
    value: float = 0.0
    unit: str | None = None
    over: float = 0.0
    until: float | None = None
    after: float = 0.0


@dataclass(frozen=True)
class Event:
    """An event that was understood: its effects, how much faster its clock runs, and the remarks in it."""

    effects: tuple[Effect, ...]
    clock: float = 1.0
    remarks: tuple[str, ...] = ()


def clauses(sentence: str) -> list[tuple[str, bool]]:
    """The sentence cut where a new statement begins; True marks an aside: what stands in brackets or tells the outcome after a colon."""
    found: list[tuple[str, bool]] = []
    for depth, part in enumerate(re.split(r"[()]", sentence)):
        aside = depth % 2 == 1
        for number, piece in enumerate(part.split(":")):
            outcome = aside or (number > 0 and bool(found))
            for words in re.split(r";|,(?!\d{3}\b)|\bwith\b|\band\b", piece):
                if words.strip():
                    found.append((" ".join(words.split()), outcome))
    return found


def understand(sentence: str, table: Mapping[str, Any]) -> Event:
    """Read one event; `table` has `nouns` (name: phrases), `states` (name: phrases) and `commentary` (patterns)."""
    effects: list[Effect] = []
    remarks: list[str] = []
    puzzles: list[str] = []
    clock = 1.0
    named = ""
    for clause, aside in clauses(sentence):
        speed = re.fullmatch(r"time x\s?(\d+(?:\.\d+)?)", clause, re.IGNORECASE)
        further = _FURTHER.fullmatch(clause)
        effect = None if speed or further else _effect(clause, table)
        named = effect.what if effect is not None else named
        if speed:
            clock = float(speed[1])
        elif further and named:
            start = max((e.after + e.over for e in effects if e.what == named), default=0.0)
            end = read_unit(further["at"], "s")
            effects.append(Effect(named, "times", float(further["value"]), over=max(end - start, 0.0), after=start))
        elif aside and clause.lower() == _HISTORY and effects:
            effects.pop()
            remarks.append(clause)
        elif effect is not None and not any(effect.what == other.what for other in effects):
            effects.append(effect)
        elif (aside and effects) or any(re.fullmatch(pattern, clause, re.IGNORECASE) for pattern in table["commentary"]):
            remarks.append(clause)
        else:
            puzzles.append(clause)
    if puzzles:
        raise NotUnderstoodError("not understood: " + "; ".join(map(repr, puzzles)) + ". Write the event as `do:` in protocol words.")
    return Event(tuple(effects), clock, tuple(remarks))


def _noun(words: str, nouns: Mapping[str, Sequence[str]]) -> str | None:
    plain = _SUBJECT.sub("", words).strip().lower()
    for name, phrases in nouns.items():
        if plain in (phrase.lower() for phrase in phrases):
            return name
    return None


def _effect(clause: str, table: Mapping[str, Any]) -> Effect | None:
    for name, phrases in table["states"].items():
        if any(phrase.lower() in clause.lower() for phrase in phrases):
            slow = re.search(rf"{_TIME}$", clause, re.IGNORECASE)
            return Effect(name, "state", 1.0, over=read_unit(slow["over"], "s") if slow and slow["over"] else 0.0)
    for kind, form in _FORMS:
        found = form.fullmatch(clause)
        if not found:
            continue
        if kind == "bleed":
            until = read_unit(found["volume"], "mL") if found["volume"] else None
            return Effect("bleed", "bleed", read_unit(found["rate"], "mL/min"), "mL/min", until=until)
        what = _noun(found["what"], table["nouns"])
        if what is None:
            continue
        value = float(found["value"])
        over = read_unit(found["over"], "s") if found["over"] else 0.0
        if kind == "times":
            return Effect(what, "times", value, over=over)
        if kind == "percent_of":
            return Effect(what, "times", value / 100.0, over=over)
        if kind == "less":
            return Effect(what, "times", 1.0 - value / 100.0, over=over)
        if kind == "change":
            return Effect(what, "times", 1.0 + value / 100.0, over=over)
        unit = found["unit"]
        return Effect(what, "to", value, unit if unit and _is_unit(unit) else None, over)
    return None


def _is_unit(text: str) -> bool:
    try:
        read_unit(f"1 {text}", text)
    except UnitError:
        return False
    return True
