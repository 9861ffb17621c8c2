"""Number needed to treat, with an interval that passes through infinity where the risk difference passes through zero.

Altman 1998 (BMJ 317:1309): "NNT for one fewer event 11 (5 to infinity to, for one more event, 28)". There is no other honest way:
the two limits of a difference that is not significant have different signs, and between them lies infinity, not zero.
"""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Needed:
    """1/|risk difference| and what it counts.

    value             patients for one event fewer or more; infinity where the risks are equal
    counts            "fewer" or "more" events with the intervention
    fewer, more       limits on either side, None where the interval does not reach that side
    through_infinity  whether the interval holds "no difference"
    text              the same in words
    """

    value: float
    counts: str
    fewer: tuple[float, float] | None
    more: tuple[float, float] | None
    through_infinity: bool
    text: str

    def as_data(self) -> dict[str, object]:
        """For JSON, which has no infinity: null stands for it."""

        def finite(value: float) -> float | None:
            return None if value == inf else value

        sides = {name: [finite(x) for x in side] if side else None for name, side in (("fewer", self.fewer), ("more", self.more))}
        return {"value": finite(self.value), "counts": self.counts, **sides, "through_infinity": self.through_infinity, "text": self.text}


def needed(rd: float, low: float, high: float) -> Needed:
    """From a risk difference (intervention minus control, 0-1) and its limits, low <= rd <= high."""
    counts = "fewer" if rd <= 0.0 else "more"
    value = _turned(rd)
    through = low <= 0.0 <= high
    fewer = (_turned(low), inf if through else _turned(high)) if low < 0.0 else None
    more = ((_turned(high)), inf if through else _turned(low)) if high > 0.0 else None
    return Needed(value, counts, fewer, more, through, _words(value, counts, fewer, more, through))


def _turned(difference: float) -> float:
    return 1.0 / abs(difference) if difference else inf


def _words(value: float, counts: str, fewer: tuple[float, float] | None, more: tuple[float, float] | None, through: bool) -> str:
    head = "no difference: infinitely many" if value == inf else f"{_count(value)} for one event {counts}"
    sides = [f"{_count(side[0])} for one {name}" for side, name in ((fewer, "fewer"), (more, "more")) if side is not None]
    if through:
        ordered = sides if counts == "fewer" else sides[::-1]
        ends = [*ordered, "infinity"] if len(ordered) < 2 else [ordered[0], "infinity", ordered[1]]
        return f"{head} (interval: {' to '.join(ends)})"
    side = fewer or more
    assert side is not None
    return f"{head} ({_count(side[0])} to {_count(side[1])})"


def _count(value: float) -> str:
    return "infinity" if value == inf else f"{value:.1f}" if value < 10.0 else f"{value:.0f}"
