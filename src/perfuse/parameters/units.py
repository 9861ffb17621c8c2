"""Units at the door: text such as "3200 rpm" or "0.1 ug/kg/min" becomes a number in the unit that a table names.

The registry is small and its own: bedside units only, so that "C" is not a coulomb, "rpm" is not an angle,
kg below a fraction stroke is body weight, and U (= IU) is neither a mass nor a mole. pint is loaded by the first
real conversion; nothing here belongs in a loop over time.
"""

import math
import re
from functools import cache
from typing import Any

from perfuse.parameters.problems import told

_NUMBER = re.compile(r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")
_TOKEN = re.compile(r"\*\*|[A-Za-z]*[hH]2[oO]|[A-Za-zµμ°%]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[/*·.()^²³]|\s+|.")

_DEFINITIONS = (
    "second = [time] = s; ms = 1e-3 s; min = 60 s; h = 3600 s; day = 86400 s; year = 31557600 s; Hz = 1/s",
    "meter = [length] = m; um = 1e-6 m; mm = 1e-3 m; cm = 1e-2 m; inch = 0.0254 m; foot = 0.3048 m; Fr = m/3000",
    "gram = [mass] = g; ng = 1e-9 g; ug = 1e-6 g; mg = 1e-3 g; kg = 1000 g; pound = 453.59237 g",
    "kg_body = [body_weight]",
    "mole = [substance] = mol; umol = 1e-6 mol; mmol = 1e-3 mol",
    "hL = 0.1 m**3; L = 1e-3 m**3; dL = 1e-4 m**3; mL = 1e-6 m**3; uL = 1e-9 m**3",
    "N = kg*m/s**2; dyn = 1e-5 N; Pa = N/m**2; mPa = 1e-3 Pa; hPa = 100 Pa; kPa = 1000 Pa; mbar = 100 Pa; bar = 1e5 Pa",
    "mmHg = 133.322387415 Pa; cmH2O = 98.0665 Pa; J = N*m; W = J/s; mW = 1e-3 W",
    "K = [temperature]",
    "degC = K; offset: 273.15",
    "degF = 5/9*K; offset: 459.67*5/9",
    "rev = [turns]; rpm = rev/min; krpm = 1000 rpm",
    "U = [activity]; mU = 1e-3 U; kU = 1000 U",
    "A = [current]; mA = 1e-3 A",
    "percent = 0.01; ppm = 1e-6; level = [level]",
)
_ALIASES = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "days"), "day"),
    **dict.fromkeys(("years", "yr", "y"), "year"),
    **dict.fromkeys(("mcg", "µg", "μg"), "ug"),
    **dict.fromkeys(("°C", "C", "celsius", "Celsius"), "degC"),
    **dict.fromkeys(("°F", "F"), "degF"),
    **dict.fromkeys(("IU", "unit", "units"), "U"),
    **dict.fromkeys(("bpm", "BPM"), "1/min"),
    **dict.fromkeys(("breaths", "breath", "beats", "beat"), "1"),
    **dict.fromkeys(("lpm", "LPM"), "L/min"),
    **{"cc": "mL", "in": "inch", "ft": "foot", "lb": "pound", "%": "percent", "torr": "mmHg", "Torr": "mmHg", "mIU": "mU", "French": "Fr"},
}
_NAMES = {name.split("=")[0].strip() for line in _DEFINITIONS for name in line.split(";") if "=" in name} | {"s", "m", "g", "mol"}
_LOWER = {name.lower(): name for name in sorted(_NAMES - {"mPa"})} | {"iu": "U"}

# The pairs that nearly every case file needs, so that it is read without loading pint; a test compares them with pint.
COMMON = {
    ("min", "s"): 60.0,
    ("h", "s"): 3600.0,
    ("ms", "s"): 1e-3,
    ("%", "1"): 0.01,
    ("/min", "1/min"): 1.0,
    ("mmHg", "cmH2O"): 133.322387415 / 98.0665,
    ("cmH2O", "mmHg"): 98.0665 / 133.322387415,
    ("kPa", "mmHg"): 1000.0 / 133.322387415,
    ("L", "mL"): 1000.0,
    ("mL/min", "L/min"): 1e-3,
}


class UnitError(ValueError):
    """A quantity that cannot be read; `hint` says what to try."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint


def read(given: object, unit: str, *, bare: bool = True) -> float:
    """A number in `unit` from a number or from text such as "4 L/min".

    given   a number (taken to be in `unit`) or text; True, False, nan and infinity are refused
    unit    what the table names, as in vocabulary.yaml ("mmHg.min/L", "1/min", "%", "1")
    bare    False: a number without a unit is an error (times in case files)
    """
    value, written = split(given)
    if written is None:
        if not bare:
            raise UnitError(f"{given} has no unit", f"Write the unit, for example {value:g} {unit}.")
        return value
    return convert(value, written, unit)


def split(given: object) -> tuple[float, str | None]:
    """Number and unit (None where none is written) of a number or a text."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise UnitError(f"{_show(given)} is not a number", "Write a number, with its unit where it has one.")
    if not isinstance(given, str):
        value, written = _finite(given), ""
    else:
        match = _NUMBER.match(given)
        if not match or match[2].startswith((",", ":")):
            hint = (
                "Write the decimal point as in 4.5." if match and match[2].startswith(",") else "Write a number and a unit, as in 4 L/min."
            )
            raise UnitError(f"{_show(given)} is not a number with a unit", hint)
        value, written = float(match[1]), match[2]
    if not math.isfinite(value):
        raise UnitError(f"{_show(given)} is not a finite number", "Write a number that can be measured.")
    return value, written or None


def _finite(given: float) -> float:
    try:
        return float(given)
    except OverflowError:
        raise UnitError("the number is too large", "Write a number that can be measured.") from None


def convert(value: float, written: str, unit: str) -> float:
    """`value` given in the unit `written`, expressed in `unit`."""
    if written == unit:
        return value
    if (written, unit) in COMMON:
        return value * COMMON[written, unit]
    factor, offset = _conversion(written, unit)
    return value * factor + offset


def known(unit: str) -> bool:
    """Whether the text names a unit that can be read here."""
    try:
        _pint_unit(unit)
    except UnitError:
        return False
    return True


def dimension(unit: str) -> str:
    """What a unit measures, in words where there is a word ("pressure", "flow")."""
    dimensions = _pint_unit(unit).dimensionality
    for word, example in _EXAMPLES.items():
        if _pint_unit(example).dimensionality == dimensions:
            return word
    return "another kind of quantity"


_EXAMPLES = {
    "pure number": "1",
    "time": "s",
    "rate": "1/min",
    "pressure": "mmHg",
    "flow": "L/min",
    "volume": "mL",
    "rotational speed": "rpm",
    "temperature": "degC",
    "length": "cm",
    "mass": "g",
    "concentration by mass": "g/dL",
    "concentration by amount": "mmol/L",
    "resistance to flow": "mmHg.min/L",
    "compliance": "mL/mmHg",
    "dose by body weight": "ug/kg/min",
    "dose without body weight": "ug/min",
    "dose in units": "U/min",
    "volume by body weight": "mL/kg",
    "power": "W",
    "count by volume": "1e9/L",
    "activity by volume": "U/L",
}


@cache
def _conversion(written: str, unit: str) -> tuple[float, float]:
    source, target = _pint_unit(written), _pint_unit(unit)
    if source.dimensionality != target.dimensionality:
        raise UnitError(
            f"{written} ({dimension(written)}) cannot be converted to {unit} ({dimension(unit)})",
            f"Give the value in {unit} or another unit of {dimension(unit)}.",
        )
    registry = _registry()
    zero = registry.Quantity(0.0, source).to(target).magnitude
    hundred = registry.Quantity(100.0, source).to(target).magnitude
    return (hundred - zero) / 100.0, zero


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(None, autoconvert_offset_to_baseunit=True)
    for line in _DEFINITIONS:
        for definition in [line] if "offset" in line else line.split(";"):
            registry.define(definition.strip())
    return registry


@cache
def _pint_unit(unit: str) -> Any:
    try:
        return _registry().Quantity(1.0, _spell(unit)).units if not re.match(r"^\d", unit) else _scaled(unit)
    except UnitError:
        raise
    except Exception:
        raise UnitError(f"'{unit}' is not a unit that is known here", _suggest(unit)) from None


def _scaled(unit: str) -> Any:
    """Units that begin with a number: "1", "1/min", "1e9/L"."""
    registry = _registry()
    quantity = registry.parse_expression(_spell(unit))
    if isinstance(quantity, int | float):
        quantity = registry.Quantity(float(quantity), "")
    if quantity.magnitude == 1:
        return quantity.units
    if quantity.unitless or not 0.0 < quantity.magnitude < math.inf:
        raise UnitError(f"'{unit}' is not a unit that is known here", _suggest(unit))
    name = "scaled_" + re.sub(r"\W", "_", unit)
    registry.define(f"{name} = {quantity.magnitude:g} * {quantity.units or 1}")
    return registry.Unit(name)


def _spell(unit: str) -> str:
    """The unit as pint reads it: dots are products, trailing digits are powers, kg below a stroke is body weight."""
    text = unit.strip()
    if text in {"", "1"}:
        return "1" if text else ""
    if text == "P-level":
        return "level"
    if text.startswith("/"):
        text = "1" + text
    out: list[str] = []
    below = False
    for token in _TOKEN.findall(text):
        if token.isspace():
            continue
        if token in {".", "·", "*"}:
            out.append("*")
        elif token in {"^", "**"}:
            out.append("**")
        elif token in "²³":
            out.append("**2" if token == "²" else "**3")
        elif token in "/()":
            below = below or token == "/"
            out.append(token)
        elif token[0].isdigit():
            out.append("**" + token if out and (out[-1][-1].isalpha() or out[-1] == "H2O") else token)
        else:
            out.append(_name(token, below=below))
    return "".join(out)


def _name(token: str, *, below: bool) -> str:
    name = token if token in _NAMES else _ALIASES.get(token) or _LOWER.get(token.lower())
    if name is None:
        raise UnitError(f"'{token}' is not a unit that is known here", _suggest(token))
    if below and name == "kg":
        return "kg_body"
    return f"({name})" if "/" in name else name


def _suggest(token: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(token.lower(), [*_LOWER, *(a.lower() for a in _ALIASES)], 1, 0.5)
    common = "Units that are known: mmHg, cmH2O, kPa, L/min, mL, rpm, ug/kg/min, U/min, ppm, g/dL, mmol/L, degC, %, s, min, h."
    return f"Did you mean {_LOWER.get(near[0], near[0])}? {common}" if near else common


def _show(given: object) -> str:
    return f"'{told(given)}'" if isinstance(given, str) else told(given)
