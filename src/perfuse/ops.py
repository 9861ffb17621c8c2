"""Arithmetic that every back end computes to the same bits.

The mathematics library of the machine stops LLVM from vectorising and differs between machines, so the
equations take their transcendentals from here: polynomials, exact square roots and selects only.
An `equation` is an ordinary Python function on floats; engine/emit.py writes the same function as C++.
"""

import math
from collections.abc import Callable, MutableSequence
from typing import Any, NamedTuple, TypeVar

_F = TypeVar("_F", bound=Callable[..., object])

Rows = MutableSequence[float]
"""A buffer of numbers that a routine walks through. The first argument of what is no equation but is to be built."""


def equation(function: _F) -> _F:
    """Mark a pure function of floats and groups of floats as physics. It stays an ordinary function."""
    function.__equation__ = True  # type: ignore[attr-defined]
    return function


def is_equation(function: Any) -> bool:
    """Whether a function is marked as physics."""
    return getattr(function, "__equation__", False) is True


@equation
def at_least(x: float, low: float) -> float:
    """The larger of the two."""
    return x if x > low else low


@equation
def at_most(x: float, high: float) -> float:
    """The smaller of the two."""
    return x if x < high else high


@equation
def clip(x: float, low: float, high: float) -> float:
    """`x` held between two limits."""
    y = x if x > low else low
    return y if y < high else high


@equation
def positive(x: float) -> float:
    """`x` where it is above zero, else zero."""
    return x if x > 0.0 else 0.0


@equation
def magnitude(x: float) -> float:
    """|x|"""
    return x if x > 0.0 else -x


class Two(NamedTuple):
    """Two numbers that were worked out together."""

    first: float
    second: float


class Four(NamedTuple):
    """Four of them."""

    first: float
    second: float
    third: float
    fourth: float


@equation
def two_reciprocals(a: float, b: float) -> Two:
    """1/a and 1/b with one division, the processor's slowest arithmetic; for numbers whose product is neither 0 nor beyond 1e308."""
    r = 1.0 / (a * b)
    return Two(r * b, r * a)


@equation
def four_reciprocals(a: float, b: float, c: float, d: float) -> Four:
    """The same of four numbers."""
    ab, cd = a * b, c * d
    r = 1.0 / (ab * cd)
    left, right = r * cd, r * ab
    return Four(left * b, left * a, right * d, right * c)


@equation
def exp_(x: float) -> float:
    """e^x, relative error below 2e-11 for |x| <= 20, 1e-6 for |x| <= 80; held at the ends beyond."""
    z = x if x > -80.0 else -80.0
    z = z if z < 80.0 else 80.0
    u = z * (1.0 / 256.0)
    # the series up to u^7 in pairs: each waits for fewer others than one after the other would
    q = u * u
    r = (1.0 + u) + q * (1 / 2 + u * (1.0 / 6)) + q * q * ((1 / 24 + u * (1.0 / 120)) + q * (1 / 720 + u * (1.0 / 5040)))
    r = r * r
    r = r * r
    r = r * r
    r = r * r
    r = r * r
    r = r * r
    r = r * r
    return r * r


@equation
def log_(x: float) -> float:
    """Natural logarithm, absolute error below 1e-9 for 1e-9 <= x <= 1e9; held at the lower end below.

    Five square roots bring x near 1, where the series of atanh converges fast.
    """
    y = x if x > 1e-9 else 1e-9
    y = math.sqrt(math.sqrt(math.sqrt(math.sqrt(math.sqrt(y)))))
    z = (y - 1.0) / (y + 1.0)
    q = z * z
    s = 1 / 9 + q * (1 / 11 + q * (1 / 13 + q * (1 / 15 + q * (1.0 / 17))))
    s = 1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * s)))
    return 64.0 * z * s


@equation
def power(x: float, n: float) -> float:
    """x^n for x > 0 and any real n."""
    return exp_(n * log_(x))


@equation
def cbrt_(x: float) -> float:
    """Cube root for 1 <= x <= 1000, relative error below 2e-8: a quotient of straight lines, then three of Halley's steps."""
    g = (1.0 + 0.25 * x) / (1.0 + 0.018 * x)
    q = g * g * g
    g = g * (q + 2.0 * x) / (2.0 * q + x)
    q = g * g * g
    g = g * (q + 2.0 * x) / (2.0 * q + x)
    q = g * g * g
    return g * (q + 2.0 * x) / (2.0 * q + x)


@equation
def log10_(x: float) -> float:
    """Decimal logarithm."""
    return log_(x) * 0.4342944819032518


@equation
def exp10_(x: float) -> float:
    """10^x"""
    return exp_(x * 2.302585092994046)


@equation
def cos_(x: float) -> float:
    """Cosine for -pi/2 <= x <= 3 pi/2 (one beat of the activation curve), absolute error below 1e-7."""
    # cos(x) = -sin(x - pi/2), and sin is a short odd polynomial on [-pi, pi]
    u = x - 1.5707963267948966
    q = u * u
    s = -7.647163731819816e-13 + q * 2.8114572543455206e-15
    s = 1.6059043836821613e-10 + q * s
    s = -2.505210838544172e-8 + q * s
    s = 2.7557319223985893e-6 + q * s
    s = -1.984126984126984e-4 + q * s
    s = 8.333333333333333e-3 + q * s
    s = -1.6666666666666666e-1 + q * s
    return -(u + u * q * s)


def low_pass(wave: Rows, count: int, share: float, level: float) -> None:
    """A first-order low pass in place: each sample moves the level by a share of what is between them. The last sample is the level."""
    now: float = level
    for i in range(count):
        now = now + share * (wave[i] - now)
        wave[i] = now
