"""A finished run: what happened, in numbers with units."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perfuse.parameters.json_text import json_text
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.vocabulary import unit_of
from perfuse.results.readable import Loop
from perfuse.results.supported import meaningless, names, with_flows

Array = NDArray[np.float64]

SHOWN_SITES = {
    "right radial": "ascending",
    "left radial": "distal_arch",
    "femoral": "femoral",
    "coronary": "root",
    "pulmonary vein": "pv",
    "pulmonary artery": "pa",
    "before membrane lung": "inlet",
    "after membrane lung": "outlet",
}


def averages(trends: Mapping[str, Array], begin: float, end: float) -> dict[str, float]:
    """Mean of every quantity between two times (s); what has no reading in the window is left out."""
    inside = (trends["t"] > begin) & (trends["t"] <= end + 1e-9)
    found: dict[str, float] = {}
    for name, values in trends.items():
        some = values[inside]
        some = some[np.isfinite(some)]
        if name != "t" and some.size:
            found[name] = float(some.mean())
    return found


def meaningful(numbers: Mapping[str, float], support: Any, devices: Sequence[Any] = ()) -> dict[str, float]:
    """Without what this circuit and these devices give no meaning to."""
    absent = meaningless(support, devices)
    return {name: value for name, value in numbers.items() if name not in absent}


def with_units(numbers: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Numbers of the vocabulary as {name: {value, unit}}."""
    return {name: {"value": round(value, 6), "unit": unit_of(name)} for name, value in numbers.items()}


def hash_of(numbers: Mapping[str, float]) -> str:
    """Short SHA-256 of parameter values."""
    return hashlib.sha256(json_text({k: repr(float(v)) for k, v in sorted(numbers.items())}).encode()).hexdigest()[:16]


@dataclass
class Run:
    """One patient's course. `repr` says in a line how it ended."""

    case: Any
    title: str
    patient: Any
    support: Any
    parameters: Mapping[str, float]
    columns: dict[str, Array]
    before: dict[str, float]
    after: dict[str, float]
    gases: dict[str, dict[str, dict[str, float]]]
    loops: Mapping[str, Mapping[str, Loop]]
    events: Sequence[tuple[float, str]]
    waveforms: pa.Table | None
    status: dict[str, Any]
    warnings: list[str]
    sources: list[dict[str, str]]
    bedside: list[dict[str, Any]] | None = None
    seed: int = 1
    identity: dict[str, str] = field(default_factory=dict)

    @property
    def devices(self) -> Sequence[Any]:
        """The devices as the case states them."""
        return list(self.case.devices)

    @property
    def trends(self) -> pa.Table:
        """One row a second: `t` (s) and vocabulary names."""
        return pa.table(self.columns)

    def summary(self) -> dict[str, Any]:
        """The run in numbers, ready for JSON."""
        return {
            "schema": "perfuse-summary/1",
            **self.identity,
            "seed": self.seed,
            "safety": SAFETY_TEXT,
            "title": self.title,
            "support": names(self.support, self.devices),
            "status": self.status,
            "warnings": self.warnings,
            "before": with_units(self.before),
            "after": with_units(self.after),
            "gases": self.gases,
            "events": [{"t": t, "text": text} for t, text in self.events],
            "bedside": self.bedside,
            "sources": self.sources,
        }

    def plot_pv(self) -> Any:
        """Pressure-volume loops of both ventricles before and after, as a matplotlib figure."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 3.6), layout="constrained")
        for axis, side, name in zip(figure.subplots(1, 2), ("lv", "rv"), ("left ventricle", "right ventricle"), strict=True):
            for when, style in (("before", "--"), ("after", "-")):
                if when in self.loops:
                    axis.plot(*self.loops[when][side], style, label=when, color="0.2")
            axis.set(xlabel="volume (mL)", ylabel="pressure (mmHg)", title=name)
            axis.legend(frameon=False)
        figure.text(0.99, 0.005, "Not for clinical use", ha="right", fontsize=7)
        return figure

    def __repr__(self) -> str:
        a = self.after
        length = float(self.columns["t"][-1]) if self.columns["t"].size else 0.0
        parts = [f"{length / 60.0:.0f} min", with_flows(self.support, self.devices, a)]
        shown = (("MAP", "MAP", 0, "mmHg"), ("SaO2_right_radial", "SaO2", 0, "%"), ("lactate", "lactate", 1, "mmol/L"))
        parts += [f"{words} {a[name]:.{digits}f} {unit}" for name, words, digits, unit in shown if name in a]
        parts.append(self.status["text"])
        return f"<perfuse run: {', '.join(parts)}; not for clinical use>"
