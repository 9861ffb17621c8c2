"""Measured blood samples shipped with the published rows."""

import csv
from functools import cache
from typing import NamedTuple

from perfuse.evidence.rows import HERE


class Co2Sample(NamedTuple):
    """One blood sample: what was measured in it."""

    ph: float
    hb: float  # g/dL
    so2: float  # 0-1
    pco2: float  # mmHg
    blood_co2: float  # mL/dL whole blood


@cache
def co2_samples() -> tuple[Co2Sample, ...]:
    """The samples of `data/co2_content_douglas1988.csv` (Loeppky 1983, in Douglas 1988)."""
    with (HERE / "data" / "co2_content_douglas1988.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Co2Sample(*(float(line[key]) for key in ("ph", "haemoglobin_g_dl", "so2_fraction", "pco2_torr", "blood_co2_content_ml_dl")))
            for line in csv.DictReader(file)
        )
