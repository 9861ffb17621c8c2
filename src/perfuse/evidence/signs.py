"""Signs of a scenario: is the base reached, does a quantity go where it must, does the rest stay?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfuse.evidence.expressions import evaluate
from perfuse.evidence.readings import Arm, Moment, ReadingError
from perfuse.evidence.scenario_files import Sign, Stay
from perfuse.parameters.units import read as read_unit

CLOSE_SHARE, CLOSE_MMHG = 0.10, 2.0
"""A base counts as reached within 10 % or, for pressures, 2 mmHg. Source: the rule for playing scenarios."""
_ONE_NAME = r"(?P<name>\w+)(?:\s*/\s*(?P<over>\d+))?"
WINDOW = 10.0
"""s over which a sign is read, at most a sixth of the time since the event. Source: assumed, the averaging of a bedside monitor."""


@dataclass(frozen=True)
class Reader:
    """Reads scenario quantities from a run; `table` is `quantities` of scenario_names.yaml."""

    table: Mapping[str, Mapping[str, Any]]

    def value(self, quantity: str, arm: Arm, at: float, base_at: float) -> float:
        """The quantity at a time (s); names that begin with `base.` are read at `base_at`."""
        entry = self._entry(quantity)
        window = read_unit(entry["window"], "s") if "window" in entry else WINDOW
        if at > base_at and "window" not in entry:
            window = min(window, max((at - base_at) / 6.0, 1.0))
        seen = Moment(at, window, entry.get("of", "mean"))
        both = Arm(arm.run, {**arm.moments, "after": seen, "base": Moment(base_at, WINDOW)})
        try:
            return evaluate(str(entry["read"]), both.read)
        except ReadingError:
            if "otherwise" not in entry:
                raise
            return evaluate(str(entry["otherwise"]), both.read)

    def _entry(self, quantity: str) -> Mapping[str, Any]:
        entry = self.table[quantity]
        if "absent" in entry:
            raise ReadingError(str(entry["absent"]))
        return entry

    def absent(self, quantity: str) -> str | None:
        """Why this model does not report a quantity, or None when it does."""
        found = self.table[quantity].get("absent")
        return None if found is None else str(found)

    def unit(self, quantity: str) -> str:
        """Unit in which scenarios write the quantity."""
        return str(self.table[quantity].get("unit", "1"))

    def grain(self, quantity: str) -> float:
        """The smallest difference that means anything."""
        return float(self.table[quantity].get("grain", 0.0))

    def wave(self, quantity: str) -> float | None:
        """Length (s) of the waveform that reading the quantity needs, or None."""
        entry = self.table[quantity]
        return read_unit(entry["window"], "s") if entry.get("wave") else None

    def reported(self, quantity: str) -> str | None:
        """The reported name behind the quantity when it is one name, or one over a number, and nothing else."""
        entry = self.table[quantity]
        plain = re.fullmatch(_ONE_NAME, str(entry["read"])) if "read" in entry and "wave" not in entry else None
        return plain["name"] if plain else None

    def as_reported(self, quantity: str, value: float) -> float:
        """A value of the quantity as its reported name has it."""
        plain = re.fullmatch(_ONE_NAME, str(self.table[quantity].get("read", "")))
        return value * float(plain["over"]) if plain and plain["over"] else value

    def misses(self, quantity: str, base: float, value: float) -> bool:
        """Whether a reading is too far from its stated base."""
        room = max(CLOSE_SHARE * abs(base), self.grain(quantity), CLOSE_MMHG if self.unit(quantity) == "mmHg" else 0.0)
        return not abs(value - base) <= room + 1e-9

    def goes(self, sign: Sign, base: float, value: float) -> bool:
        """Whether the direction holds. A note that begins "up or the same" widens it; "same" is met inside the band where there is one."""
        if sign.t == 0.0 and sign.base is not None and sign.band and in_band(sign, sign.base):
            return True  # a state, not a change
        grain = self.grain(sign.seen)
        moved = value - base
        if sign.note.lower().startswith(f"{sign.dir} or the same"):
            return moved > -grain if sign.dir == "up" else moved < grain
        if sign.dir == "up":
            return moved >= grain
        if sign.dir == "down":
            return moved <= -grain
        if sign.dir == "same":
            return in_band(sign, value) if sign.band else not self.misses(sign.seen, base, value)
        return sign.dir == "is" or abs(moved) >= grain


def in_band(sign: Sign, value: float, grain: float = 0.0) -> bool:
    """Whether the value lies in the sign's band; true where there is none. A band of no width means "this, as far as it can be told"."""
    if sign.band is None:
        return True
    room = grain if sign.band[0] == sign.band[1] else 0.0
    return sign.band[0] - room <= value <= sign.band[1] + room


def moved(reader: Reader, stay: Stay, arm: Arm, base_at: float, times: list[float]) -> float:
    """The largest distance from the value before the event at any of the times (s), in the unit of the tolerance."""
    base = reader.value(stay.q, arm, base_at, base_at)
    most = max(abs(reader.value(stay.q, arm, at, base_at) - base) for at in times)
    return 100.0 * most / abs(base) if stay.tol_unit == "%" and reader.unit(stay.q) != "%" and base else most
