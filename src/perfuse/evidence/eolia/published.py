"""What is known of EOLIA, each number with its source and mark, and what had to be assumed to simulate individuals."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Known:
    """A number with where it comes from; mark: seen, recalled-high, recalled-medium, recalled-low, computed, assumed."""

    value: float
    unit: str
    text: str
    source: str
    mark: str


_TRIAL = "Combes 2018 N Engl J Med 378:1965"
_SEEN = f"{_TRIAL}, summary at journaljams.org/study/eolia-2018.html"
_DESIGN = "Sameed 2019 Breathe 15:244"
_IPD = "Combes 2020 Intensive Care Med 46:2048, record cord-305758-6twwcp47"

MARGINS: dict[str, Known] = {
    "n_ecmo": Known(124, "patients", "randomised to early ECMO", _SEEN, "seen"),
    "n_control": Known(125, "patients", "randomised to conventional ventilation", _SEEN, "seen"),
    "died_60_ecmo": Known(44, "patients", "died by day 60, ECMO", _SEEN, "seen"),
    "died_60_control": Known(57, "patients", "died by day 60, control", _SEEN, "seen"),
    "crossed": Known(35, "patients", "controls who had rescue ECMO", _SEEN, "seen"),
    "crossed_died_60": Known(20, "patients", "of those, died by day 60", _TRIAL, "recalled-high"),
    "failed_control": Known(72, "patients", "treatment failure, control: death or crossover by day 60", f"{_SEEN}; 58 % of 125", "seen"),
    "died_90_ecmo": Known(46, "patients", "died by day 90, ECMO", f"{_TRIAL}; agrees with Combes 2020 less CESAR", "recalled-medium"),
    "died_90_control": Known(59, "patients", "died by day 90, control", f"{_TRIAL}; agrees with Combes 2020 less CESAR", "recalled-medium"),
}
"""Counts that simulated individuals reproduce exactly."""

PRINTED: dict[str, Known] = {
    "rr": Known(0.76, "1", "relative risk of death at 60 d", _SEEN, "seen"),
    "rr_low": Known(0.55, "1", "lower limit of 95 %", _SEEN, "seen"),
    "rr_high": Known(1.04, "1", "upper limit of 95 %", _SEEN, "seen"),
    "p": Known(0.09, "1", "two-sided p", _SEEN, "seen"),
    "failure_rr": Known(0.62, "1", "relative risk of treatment failure (0.47-0.82)", _SEEN, "seen"),
    "ipd_itt": Known(0.75, "1", "EOLIA and CESAR, day 90, intention to treat (0.60-0.94)", _IPD, "seen"),
    "ipd_per_protocol": Known(0.75, "1", "EOLIA and CESAR, day 90, per protocol (0.6-0.94)", _IPD, "seen"),
    "ipd_as_treated": Known(0.86, "1", "EOLIA and CESAR, day 90, as treated (0.68-1.09)", _IPD, "seen"),
}
INTERVALS: dict[str, tuple[float, float]] = {
    "ipd_itt": (0.60, 0.94),
    "ipd_per_protocol": (0.6, 0.94),
    "ipd_as_treated": (0.68, 1.09),
}

DESIGN: dict[str, Known] = {
    "control_risk": Known(0.60, "1", "60-day mortality expected with conventional ventilation", _DESIGN, "seen"),
    "ecmo_risk": Known(0.40, "1", "60-day mortality hoped for with ECMO", _DESIGN, "seen"),
    "power": Known(0.80, "1", "power", _DESIGN, "seen"),
    "alpha": Known(0.05, "1", "two-sided error of the first kind", _DESIGN, "seen"),
    "look_every": Known(60, "patients", "analysis after every so many were randomised, two triangles", _DESIGN, "seen"),
    "most": Known(331, "patients", "largest trial", _TRIAL, "recalled-high"),
    "randomised": Known(249, "patients", "when the trial was stopped", _SEEN, "seen"),
}

NOT_KNOWN = (
    "The interim results of EOLIA are not published: only its last point in the Z-V plane can be computed.",
    "The day of each crossover is not in the reference. The model's mean is near 6.5 d (the abstract gives a mean of 6.5 d, SD 9.7: "
    "recalled-high, not seen).",
    "Patients of the ECMO arm who never had ECMO are not counted in the reference: all 124 are simulated as treated from randomisation.",
)


def table() -> list[dict[str, Any]]:
    """Every number as a row: name, value, unit, text, source, mark."""
    return [{"name": name, **asdict(one)} for part in (MARGINS, PRINTED, DESIGN) for name, one in part.items()]


def count(name: str) -> int:
    """A margin as a whole number."""
    return int(MARGINS[name].value)
