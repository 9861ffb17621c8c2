"""The laboratory: a sample is frozen when it is drawn and its result comes back minutes later."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perfuse.bedside.tables import table

LABELS = {
    "PO2": ("PO₂", "PaO2"),
    "PCO2": ("PCO₂", "PaCO2"),
    "SO2": ("SO₂", "SaO2_right_radial"),
    "HCO3": ("HCO₃", "HCO3"),
    "BE": ("BE", "BE"),
    "lactate": ("Lactate", "lactate"),
    "plasma_free_Hb": ("pfHb", "plasma_free_Hb"),
    "platelets": ("Plt", "platelets"),
    "fibrinogen": ("Fibr.", "fibrinogen"),
    "anti_Xa": ("anti-Xa", "anti_Xa"),
}
"""How a value is called in a report, and the quantity whose unit and decimals it has."""
OF_ALL_BLOOD = ("BE", "lactate", "Hb")


@dataclass
class Sample:
    """What was drawn: from where, when (s of the run), when its result is back, and what it will say."""

    id: int
    what: str
    words: str
    drawn: float
    back: float
    values: dict[str, float]


class Laboratory:
    """Samples of one run. `seed`: decides how long each takes."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.samples: list[Sample] = []

    def draw(self, t: float, what: str, words: str, values: Mapping[str, float]) -> Sample:
        """Freeze the values of this moment."""
        number = len(self.samples) + 1
        low, high = (60.0 * m for m in table("laboratory")[what]["minutes"])
        share = int.from_bytes(hashlib.sha256(f"{self.seed} {number} {what}".encode()).digest()[:4]) / 2**32
        sample = Sample(number, what, words, t, t + float(round(low + (high - low) * share)), dict(values))
        self.samples.append(sample)
        return sample

    def back(self, before: float, now: float) -> list[Sample]:
        """Results that came between two times."""
        return [s for s in self.samples if before < s.back <= now]

    def shown(self, t: float) -> dict[str, Any]:
        """What waits and what is back, newest first, each value beside the one of the sample before of its kind."""
        pending = [{k: v for k, v in asdict(s).items() if k != "values"} for s in self.samples if s.back > t]
        done = [s for s in self.samples if s.back <= t]
        results = []
        for i, sample in enumerate(done):
            earlier: dict[str, float] = {}
            for other in done[:i]:
                if other.words == sample.words:
                    earlier = other.values
            lines = [line(name, value, earlier.get(name)) for name, value in sample.values.items()]
            results.append({**asdict(sample), "values": lines})
        return {"pending": pending, "results": sorted(results, key=lambda r: -r["back"])}

    def state(self) -> dict[str, Any]:
        """Everything that decides what comes next."""
        return {"samples": [asdict(sample) for sample in self.samples]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()`."""
        self.samples = [Sample(**sample) for sample in state["samples"]]


def line(name: str, value: float, before: float | None) -> dict[str, Any]:
    """One line of a report."""
    label, quantity = LABELS.get(name, (name, name))
    return {"quantity": quantity, "label": label, "value": value, "before": before}


def gas_values(gas: Mapping[str, float], truth: Mapping[str, float]) -> dict[str, float]:
    """What a blood gas analyser prints of a sample: gases of the place, and what is the same in all blood."""
    hco3 = 0.0307 * gas["PCO2"] * 10.0 ** (gas["pH"] - 6.1)
    found = {"pH": gas["pH"], "PCO2": gas["PCO2"], "PO2": gas["PO2"], "SO2": gas["SO2"], "HCO3": hco3}
    return found | {name: truth[name] for name in OF_ALL_BLOOD if name in truth}
