"""Numbers with the units of the bedside and of laboratories, turned into the unit of a score's input.

Amounts and masses of a known substance are joined by its molar mass ("180 umol/L" of creatinine is 2.04 mg/dL). What is converted is
rounded to 12 digits, so that a value on a limit stays on it, whichever unit it was written in.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perfuse.parameters import units
from perfuse.parameters.problems import did_you_mean
from perfuse.parameters.records import Mark, check_keys
from perfuse.parameters.units import UnitError
from perfuse.parameters.yamlfile import read_file

_FILE = Path(__file__).parent / "substances.yaml"
_PLAIN = {
    "years": "year",
    "days": "day",
    "fraction": "1",
    "points": "1",
    "quadrants with consolidation": "1",
    "10^9/L": "1e9/L",
}
"""Units as scores print them, in the words of parameters/units."""
_LABORATORY = (
    (re.compile(r"^[x×*]\s*(?=10|1e)", re.IGNORECASE), ""),
    (re.compile(r"^10(?:\^|\*\*|\*|e|E)?\s*(?=[39]/)"), "1e"),
    (re.compile(r"^10⁹/"), "1e9/"),
    (re.compile(r"^10³/"), "1e3/"),
    (re.compile(r"^(?:G|Gpt|GPt|Giga|giga)/L$"), "1e9/L"),
    (re.compile(r"^(?:K|k|T)/(?:uL|µL|μL|mm3|mm\^3|cmm)$"), "1e3/uL"),
    (re.compile(r"^(?:cells)?/(?:nL|nl)$"), "1e9/L"),
    (re.compile(r"^(?:cells)?/(?:mm3|mm\^3|cmm)$"), "/uL"),
    (re.compile(r"/\s*1\.73\s*m(?:2|\^2|²)$"), "/1.73m2"),
    (re.compile(r"^(?:points?|pts?)$"), "1"),
    (re.compile(r"^a$"), "year"),
)
"""How laboratories and charts write units that parameters/units does not read."""
_MASS, _AMOUNT, _CHARGE = "mg/L", "mmol/L", re.compile(r"^(m?)(?:Eq|eq|val)/")
DIGITS = 12


@dataclass(frozen=True)
class Substance:
    """Molar mass in g/mol, and the charges of a particle where mEq has a meaning."""

    molar_mass: float
    source: str
    mark: Mark
    valence: int | None = None


@cache
def substances() -> dict[str, Substance]:
    """Every substance with a molar mass."""
    data, problems = read_file(_FILE, _FILE.name)
    for name, entry in data.items():
        check_keys(entry, ("molar_mass", "unit", "valence", "mark", "source"), (name,), problems)
    problems.raise_if_any()
    return {name: Substance(e["molar_mass"], e["source"], e["mark"], e.get("valence")) for name, e in data.items()}


def plain_unit(unit: str | None) -> str:
    """The unit of an input in the words of parameters/units."""
    return "1" if unit is None else _PLAIN.get(unit, unit)


def read_quantity(given: object, unit: str | None, substance: str = "") -> float:
    """A number in `unit` from a number (taken to be in `unit`) or text with a unit; UnitError says what is wrong with it."""
    wanted = plain_unit(unit)
    value, written = units.split(given)
    if written is None:
        return value
    if unit is not None and written.replace(" ", "") == unit.replace(" ", ""):
        return value
    return round_off(_converted(value, _laboratory(written), wanted, substance))


def round_off(value: float) -> float:
    """A number to 12 digits."""
    return float(f"{value:.{DIGITS}g}")


def _laboratory(written: str) -> str:
    text = written
    for pattern, plain in _LABORATORY:
        text = pattern.sub(plain, text)
    return text


def _converted(value: float, written: str, wanted: str, substance: str) -> float:
    known = substances().get(substance)
    charge = _CHARGE.match(written)
    if charge:
        if known is None or known.valence is None:
            raise UnitError(f"{written} has no meaning here", f"Give the value in {wanted}.")
        value, written = value / known.valence, _CHARGE.sub(rf"{charge[1]}mol/", written)
    try:
        return units.convert(value, written, wanted)
    except UnitError:
        if known is None or not _joined(written, wanted):
            raise
    if units.dimension(written) == units.dimension(_AMOUNT):
        return units.convert(units.convert(value, written, _AMOUNT) * known.molar_mass, _MASS, wanted)
    return units.convert(units.convert(value, written, _MASS) / known.molar_mass, _AMOUNT, wanted)


def _joined(written: str, wanted: str) -> bool:
    """Whether one is an amount and the other a mass in a volume."""
    if not units.known(written):
        return False
    return {units.dimension(written), units.dimension(wanted)} == {units.dimension(_MASS), units.dimension(_AMOUNT)}


def hint_for(value: float, low: float | None, high: float | None, unit: str | None, written: bool = False) -> str:
    """What may have been meant by a number outside its range; `written`: a unit stood behind it."""

    def inside(x: float) -> bool:
        return (low is None or x >= low) and (high is None or x <= high)

    if unit == "fraction" and inside(value / 100.0):
        return f"Is it a percentage? Write '{value:g} %' or {value / 100.0:g}."
    if unit == "%" and 0.0 < value <= 1.0 and inside(value * 100.0):
        return f"Is it a fraction? Write {value * 100.0:g}."
    if written:
        return "Check the number and its unit."
    if unit is not None and unit not in ("points", "fraction", "quadrants with consolidation"):
        return f"Is it in another unit? The number is read in {unit}; write the unit behind it."
    return ""


def nearest_word(word: str, words: tuple[str, ...]) -> str | None:
    """The word of an enum that is meant: case, blanks and hyphens do not matter."""
    squeezed = {one.lower().replace("_", ""): one for one in words}
    return squeezed.get(re.sub(r"[\s_-]", "", word.strip().lower()))


def word_hint(word: str, words: tuple[str, ...]) -> str:
    """The nearest words."""
    return did_you_mean(word, words)
