"""How quantities move in time: what an equation says of one, and what one step makes of it.

An equation returns how its quantities move: a Lag, a Stiff rate, a Bounded one, or a plain rate. The engine takes the step, by the
functions of this file and no others, so that a step can be changed here, and a general solver can be handed the same equations.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from perfuse.ops import clip, equation, magnitude

_G = TypeVar("_G", bound=type)


class Lag(NamedTuple):
    """A quantity follows its target, first order: dx/dt = (target - x)/time. time in s, above 0."""

    target: float
    time: float


class Stiff(NamedTuple):
    """dx/dt = drive - damping * x, where damping may be far above 1/dt."""

    drive: float
    damping: float


class Bounded(NamedTuple):
    """dx/dt = rate, and x stops at its limits."""

    rate: float
    low: float
    high: float


@equation
def approach(u: float) -> float:
    """1 - e^-u for u >= 0, as 12 u/(12 + 6 u + u^2), which is never above 1.

    Relative error u^4/720: 6e-8 where a step is a twelfth of a time constant, the largest that the engine has.
    """
    return 12.0 * u / (12.0 + u * (6.0 + u))


@equation
def follow(x: float, lag: Lag, dt: float) -> float:
    """One step of a lag whose target holds during it: what is between them falls by e^(-dt/time).

    What is left below 1e-30 is taken as nothing: a lag that dies away for hours would end in denormal numbers, on which processors crawl.
    """
    y = x + approach(dt * (1.0 / lag.time)) * (lag.target - x)
    return y if magnitude(y) > 1.0e-30 else 0.0


@equation
def driven(x: float, rate: Stiff, dt: float) -> float:
    """What a step drives x to: the numerator of `implicit`."""
    return x + dt * rate.drive


@equation
def damped(rate: Stiff, dt: float) -> float:
    """What a step divides it by: the denominator, 1 or more."""
    return 1.0 + dt * rate.damping


@equation
def implicit(x: float, rate: Stiff, dt: float) -> float:
    """One linearly implicit step of dx/dt = drive - damping x."""
    return driven(x, rate, dt) * (1.0 / damped(rate, dt))


@equation
def confine(x: float, bounded: Bounded, dt: float) -> float:
    """One step of a rate, held between its limits."""
    return clip(x + dt * bounded.rate, bounded.low, bounded.high)


@equation
def advance(x: float, rate: float, dt: float) -> float:
    """One step of a plain rate."""
    return x + dt * rate


STEPS: dict[type, Callable[..., float]] = {Lag: follow, Stiff: implicit, Bounded: confine, float: advance}
"""The step of each kind of rate."""


def rates_of(state: Any) -> Callable[[_G], _G]:
    """Mark a group as the rates of the fields of a group of state: each field a Lag, Stiff, Bounded or float."""

    def mark(group: _G) -> _G:
        own: Any = group
        if own._fields != state._fields:
            raise TypeError(f"{own.__name__} does not have the fields of {state.__name__}, in its order: {', '.join(state._fields)}.")
        own.__rates_of__ = state
        return group

    return mark


def state_of(group: Any) -> Any:
    """The group of state whose rates a group holds; None where it holds none."""
    return getattr(group, "__rates_of__", None)


def step(state: Any, rates: Any, dt: float) -> Any:
    """A group of state after dt, in plain Python."""
    moved = {name: STEPS[type(rate)](getattr(state, name), rate, dt) for name, rate in rates._asdict().items()}
    return type(state)(**moved)
