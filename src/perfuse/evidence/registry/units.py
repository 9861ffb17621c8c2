"""Units of a source turned into those of the schema: by dimension, or by the factor that the schema has for mass and amount."""

from perfuse.evidence.registry.schema import Column
from perfuse.parameters.units import UnitError, convert

UCUM = {
    "mm[Hg]": "mmHg",
    "cm[H2O]": "cmH2O",
    "[lb_av]": "lb",
    "[in_i]": "inch",
    "[degF]": "degF",
    "Cel": "degC",
    "{rpm}": "rpm",
    "{rpm}/min": "rpm",
    "{beats}/min": "1/min",
    "{breaths}/min": "1/min",
    "/min": "1/min",
    "10*9/L": "10^9/L",
    "10*3/uL": "10^9/L",
    "K/uL": "10^9/L",
    "[Fr]": "Fr",
    "{score}": "points",
    "umol/L": "umol/L",
    "mmol/L": "mmol/L",
    "a": "year",
    "wk": "week",
    "d": "d",
}
"""Spellings of UCUM that our units spell otherwise."""
SAME = {"%": "percent", "fraction": "1", "ratio": "1", "score": "points", "K/uL": "10^9/L", "10^3/uL": "10^9/L", "G/L": "10^9/L"}


def factor(column: Column, unit: str) -> tuple[float, float]:
    """Factor and offset from `unit` to the unit of a column; raises `UnitError` where they measure different things."""
    written = UCUM.get(unit, unit)
    written = SAME.get(written, written)
    ours = SAME.get(column.unit, column.unit)
    if written == ours or (written in ("", "1", "points") and ours in ("", "1", "points")):
        return 1.0, 0.0
    if ours == "rpm" and written == "1/min":
        return 1.0, 0.0
    if written in column.like:
        return column.like[written], 0.0
    try:
        zero, one = convert(0.0, written, ours), convert(1.0, written, ours)
    except UnitError as error:
        raise UnitError(f"{unit} cannot be turned into {column.unit or '1'} for {column.name}", error.hint) from None
    return one - zero, zero
