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
    WHAT stunned 20 %                         multiply by 0.80
    bleed 140 mL/min [to 1.4 L]               a bleeding of that rate, until that volume is lost
    volume -1.2 L [over TIME]                 that much blood is lost
    10 mL/s air ... for 4 s, then 2 mL/s ...; pump de-primes at 60 mL      the pump head fills with air
    start 4800 rpm, steps of 100-200, up to 6200      a ladder of speeds
    time x4                                   the clock of the scenario runs four times as fast
    a state with a name, such as "oxygen tubing off", "motor stops in 3 s" or "left-main balloon 45 s" (it lasts that long)
    a fault of `perfuse faults` by its title ("driveline ..." is none: "left pump without power" is one)

A time at the end of a list with commas holds for all of the list: "RV contractility -50 %, PVR x1.6 over 10 min". P-4 is a P-level, 1:2 a
ratio of beats. What a state does in numbers after a colon ("left-main balloon 45 s: LV contractility -70 %") takes the place of the state.

What is only "(shown as trend)" lies before the event and is not played. An aside in brackets or after a colon ("...: mixing point moves to
arch") that is no effect tells the outcome and is kept as a remark, as are the forms listed in the table under `commentary`. Everything else
is reported as not understood: an event is never played in part.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from perfuse.parameters.faults import faults
from perfuse.parameters.tables import controls
from perfuse.parameters.units import UnitError
from perfuse.parameters.units import read as read_unit

How = Literal["times", "to", "state", "bleed", "ladder"]

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_TIME = r"(?:\s+(?:in|over|within)\s+(?P<over>\d+(?:\.\d+)?\s*(?:s|sec|min|h)))?"
_UNIT = r"(?:\s*(?P<unit>%|(?!right\b|left\b)[A-Za-z][A-Za-z0-9/]*))?(?:\s+(?:right|left))?"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("lost", rf"(?:blood\s+)?volume\s+-\s*(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>m?L){_TIME}"),
        ("less", rf"(?P<what>.+?)\s+stunned(?:\s+by)?\s+(?P<value>{_NUMBER})\s*%{_TIME}"),
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
_SUBJECT = re.compile(
    r"^(?:.*\bor script\s+)?(?:has\s+)?(?:raises|lowers|sets|brings|raised|lowered|set|brought|start(?=\s))\s+", re.IGNORECASE
)
_LASTS = re.compile(r"(?:\bfor\s+)?(?P<lasts>\d+(?:\.\d+)?\s*(?:s|sec|min|h))$", re.IGNORECASE)
_AIR = re.compile(
    r"(?P<first>\d+(?:\.\d+)?)\s*mL/s\s+air\b.*?\bfor\s+(?P<time>\d+(?:\.\d+)?\s*(?:s|min))"
    r"(?:.*?\bthen\s+(?P<later>\d+(?:\.\d+)?)\s*mL/s)?.*?de-primes at\s+(?P<most>\d+(?:\.\d+)?)\s*mL",
    re.IGNORECASE,
)
_LADDER = re.compile(
    r"start\s+(?P<start>\d+)\s*rpm,\s*steps of\s+(?P<low>\d+)(?:-(?P<high>\d+))?(?:\s*rpm)?"
    r"(?:\s+every\s+(?P<every>\d+(?:\.\d+)?\s*(?:s|min)))?,?\s*(?:up\s+)?to\s+(?P<top>\d+)(?:\s*rpm)?",
    re.IGNORECASE,
)
_SHORTHAND = (
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),  # 5,800
    (re.compile(r"\(([-+]?\d+(?:\.\d+)?\s*(?:ms|mmHg|%|mL|L|cm))\)"), r"\1"),  # early inflation (-70 ms)
    (re.compile(r"\bP-?(\d)\s*(?:->|to)\s*P-?(\d)\b"), r"P-level \1 -> \2"),
    (re.compile(r"\bP-(\d)\b"), r"P-level \1"),
    (re.compile(r"\b1:([123])\s*(?:->|to)\s*1:([0123])\b"), r"ratio \1 -> \2"),
    (re.compile(r"\b1:([123])\b"), r"ratio \1"),
    (re.compile(r"\s*->\s*learner\b"), ""),
)
BLOOD_LOST_IN = 60.0
"""s in which a volume of blood is lost where no time is stated (assumed)."""
LADDER_STEP = 180.0
"""s that a step of a ladder lasts where no time is stated (assumed: 2-5 min)."""


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
    lasts: float = 0.0  # s, then it is over; 0 = it stays
    step: float = 0.0  # of a ladder


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
    for pattern, plain in _SHORTHAND:
        sentence = pattern.sub(plain, sentence)
    whole = _whole(sentence)
    if whole is not None:
        return whole
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
        elif effect is not None and aside and "solve" in table["effects"].get(effect.what, {}):
            remarks.append(clause)  # a result of the patient after a colon is the outcome, not one more cause
        elif effect is not None and not any(effect.what == other.what for other in effects):
            if aside and effects and effects[-1].how == "state" and effects[-1].lasts and effect.how == "times":
                effect = replace(effect, lasts=effects.pop().lasts)
            effects.append(effect)
        elif (aside and effects) or any(re.fullmatch(pattern, clause, re.IGNORECASE) for pattern in table["commentary"]):
            remarks.append(clause)
        else:
            puzzles.append(clause)
    if puzzles:
        raise NotUnderstoodError("not understood: " + "; ".join(map(repr, puzzles)) + ". Write the event as `do:` in protocol words.")
    return Event(tuple(_timed(sentence, effects, table)), clock, tuple(remarks))


def _whole(sentence: str) -> Event | None:
    """An event that is one form from end to end: air that fills the pump head, a ladder of speeds."""
    air, ladder = _AIR.search(sentence), _LADDER.search(sentence)
    if air:
        first, seconds, most = float(air["first"]), read_unit(air["time"], "s"), float(air["most"])
        left = most - first * seconds
        full = most / first if left <= 0.0 or not air["later"] else seconds + left / float(air["later"])
        return Event((Effect("air", "state", 1.0, over=full),))
    if ladder:
        step = (float(ladder["low"]) + float(ladder["high"] or ladder["low"])) / 2.0
        every = read_unit(ladder["every"], "s") if ladder["every"] else LADDER_STEP
        speed = Effect("device_speed", "to", float(ladder["start"]), "rpm")
        return Event((speed, Effect("device_speed", "ladder", float(ladder["top"]), "rpm", over=every, step=step)))
    return None


def _timed(sentence: str, effects: list[Effect], table: Mapping[str, Any]) -> list[Effect]:
    """A time at the end of a list with commas holds for all of it: "RV contractility -50 %, PVR x1.6 over 10 min"."""
    over: dict[Effect, float] = {}
    for part in sentence.split(";"):
        listed = [found for piece in re.split(r",(?!\d{3}\b)", part) if (found := _effect(" ".join(piece.split()), table))]
        if len(listed) > 1 and listed[-1].over and all(one.how == "times" and one.over in (0.0, listed[-1].over) for one in listed):
            over |= dict.fromkeys(listed, listed[-1].over)
    return [replace(effect, over=over.get(effect, effect.over)) for effect in effects]


def _noun(words: str, nouns: Mapping[str, Sequence[str]]) -> str | None:
    plain = _SUBJECT.sub("", words).strip().lower()
    for name, phrases in nouns.items():
        if plain in (phrase.lower() for phrase in phrases):
            return name
    return next((name for name in (plain, f"drug.{plain}") if "." in name and name in controls()), None)


def _state(clause: str, known: Mapping[str, Sequence[str]]) -> Effect | None:
    plain = clause.lower()
    for name, phrases in known.items():
        if not any(phrase.lower() in plain for phrase in phrases):
            continue
        slow, brief = re.search(rf"{_TIME}$", clause, re.IGNORECASE), _LASTS.search(clause)
        over = read_unit(slow["over"], "s") if slow and slow["over"] else 0.0
        return Effect(name, "state", 1.0, over=over, lasts=read_unit(brief["lasts"], "s") if brief and not over else 0.0)
    return None


def _effect(clause: str, table: Mapping[str, Any]) -> Effect | None:
    state = _state(clause, table["states"])
    if state is not None:
        return state
    for kind, form in _FORMS:
        found = form.fullmatch(clause)
        if not found:
            continue
        if kind == "bleed":
            until = read_unit(found["volume"], "mL") if found["volume"] else None
            return Effect("bleed", "bleed", read_unit(found["rate"], "mL/min"), "mL/min", until=until)
        over = read_unit(found["over"], "s") if found["over"] else 0.0
        if kind == "lost":
            volume = read_unit(f"{found['value']} {found['unit']}", "mL")
            return Effect("bleed", "bleed", 60.0 * volume / (over or BLOOD_LOST_IN), "mL/min", until=volume)
        what = _noun(found["what"], table["nouns"])
        if what is None:
            continue
        value = float(found["value"])
        share = {"times": value, "percent_of": value / 100.0, "less": 1.0 - value / 100.0, "change": 1.0 + value / 100.0}.get(kind)
        if share is not None:
            return Effect(what, "times", share, over=over)
        early = re.match(r"(?:.*\bor script\s+)?early\b", found["what"], re.IGNORECASE)
        unit = found["unit"]
        return Effect(what, "to", -abs(value) if early else value, unit if unit and _is_unit(unit) else None, over)
    longest_first = sorted(faults().items(), key=lambda item: -len(item[1].title))
    return _state(clause, {f"fault:{name}": [fault.title] for name, fault in longest_first})


def _is_unit(text: str) -> bool:
    try:
        read_unit(f"1 {text}", text)
    except UnitError:
        return False
    return True
