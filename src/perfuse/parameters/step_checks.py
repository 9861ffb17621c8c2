"""Steps of a protocol that contradict each other: two values for one control at one time, and a step that cuts the way of another short."""

from collections.abc import Iterator
from dataclasses import dataclass

from perfuse.parameters.case_models import Case
from perfuse.parameters.faults import faults
from perfuse.parameters.problems import Path, Problems, dotted
from perfuse.parameters.tables import controls

SPEED_OF = {"impella.level": "lvad.rpm", "impella_rp.level": "rvad.rpm"}
"""Controls that say the same in other words: a P-level is a speed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One control set by one step: from `at` (s), over `over` (s), by name or by a fault; `path` is its place in the case."""

    control: str
    value: float
    at: float
    over: float
    path: Path

    def __str__(self) -> str:
        entry = controls()[self.control]
        unit = "" if entry.unit == "1" or entry.options else f" {entry.unit}"
        return f"{entry.worded(self.value)}{unit}" + (f" within {self.over:g} s" if self.over > 0.0 else "")


def settings(case: Case) -> Iterator[Setting]:
    """Every control that the protocol sets, in the order of the case."""
    for i, step in enumerate(case.protocol):
        for name, value in step.settings.items():
            yield Setting(name, value, step.at, step.over, ("protocol", i, "set", name))
        fault = faults().get(step.fault) if step.fault is not None else None
        if fault is not None:
            severity = 1.0 if step.severity is None else step.severity
            yield Setting(fault.control, fault.value(severity), step.at, step.over, ("protocol", i, "fault"))


def check(case: Case, problems: Problems) -> None:
    """Note every control that two steps set otherwise at one time."""
    first: dict[tuple[str, float], Setting] = {}
    for one in settings(case):
        if problems.touch(*one.path) or problems.touch(*one.path[:2], "at"):
            continue
        other = first.setdefault((SPEED_OF.get(one.control, one.control), round(one.at, 3)), one)
        if (one.control, one.value, one.over) != (other.control, other.value, other.over):
            line = problems.line(other.path)
            place = dotted(other.path) + (f" (line {line})" if line else "")
            text = f"'{one.control}' becomes {one} at {one.at:g} s, and '{other.control}' becomes {other} at the same time in {place}"
            problems.add(one.path, text, value=f"{one.value:g}", hint="Take one of them out, or let one come later.")


def cut_short(case: Case) -> list[str]:
    """In words, every step that comes while another still leads the same control to its value: the later one counts."""
    said = []
    before: dict[str, Setting] = {}
    for one in sorted(settings(case), key=lambda setting: setting.at):
        what = SPEED_OF.get(one.control, one.control)
        other = before.get(what)
        before[what] = one
        if other is not None and other.at < one.at < other.at + other.over:
            said.append(
                f"{dotted(other.path)} leads '{other.control}' to {other} from {other.at:g} s, and {dotted(one.path)} sets "
                f"'{one.control}' to {one} at {one.at:g} s already: from then on the later step counts, from where the first had come."
            )
    return said
