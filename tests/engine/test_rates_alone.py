"""Every group of rates of the slow step by itself: a general solver finds the same, and half the step does.

All other rows stand still, so that what is compared is the step and nothing else.
"""

from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
from bodies import arguments_of
from scipy.integrate import solve_ivp

from perfuse.base.rates import STEPS, Bounded, Lag, Stiff
from perfuse.engine.declared import declared
from perfuse.engine.groups import result, written
from perfuse.engine.layout import Stage
from perfuse.engine.run import SLOW_DT
from perfuse.engine.stages import SLOW
from perfuse.parameters.library import load_case
from perfuse.results.live import Simulation

SECONDS = 20.0


def moving() -> list[Stage]:
    """Stages that return rates."""
    found = [one for one in SLOW if any(rate for *_, rate in written(result(one.function), "", one.function))]
    return list({one.function: one for one in found}.values())


@cache
def rows(case: str) -> dict[str, float]:
    """A patient in the middle of something."""
    made = Simulation.of(load_case(case))._engine
    made.advance(400.0 - made.time)
    return made.values()


class Alone:
    """One stage and the rows that it reads, of which its own move."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        sacs, pumps = "sac" in stage.function.__name__, bool(stage.side)
        self.rows = dict(rows("artificial-heart" if sacs else "bivad" if pumps else "va-scai-d"))
        self.moves = [(name, path[1:], owner, rate) for name, path, owner, rate in written(result(stage.function), "", None) if rate]
        self.names = [self.row(name, owner) for name, _, owner, _ in self.moves]

    def row(self, argument: str, owner: Any) -> str:
        return declared().layout.name(argument, owner, "o2", self.stage.side or "left")[0]

    def rates(self, x: Any) -> list[Any]:
        """What the equation says of each moving row, where these have the values x."""
        now = self.rows | dict(zip(self.names, map(float, x), strict=True))
        found = self.stage.function(**arguments_of(self.stage, lambda name, owner: now[self.row(name, owner)]))
        return [attrgetter(path)(found) for _, path, _, _ in self.moves]

    def slope(self, _: float, x: Any) -> list[float]:
        return [per_second(one, now) for one, now in zip(self.rates(x), x, strict=True)]

    def stepped(self, start: Any, dt: float) -> Any:
        x = list(start)
        for _ in range(round(SECONDS / dt)):
            x = [STEPS[rate](now, one, dt) for (*_, rate), one, now in zip(self.moves, self.rates(x), x, strict=True)]
        return np.array(x)


def per_second(rate: Any, x: float) -> float:
    """dx/dt of each kind of rate."""
    if isinstance(rate, Lag):
        return (rate.target - x) / rate.time
    if isinstance(rate, Stiff):
        return rate.drive - rate.damping * x
    if isinstance(rate, Bounded):
        outward = (x <= rate.low and rate.rate < 0.0) or (x >= rate.high and rate.rate > 0.0)
        return 0.0 if outward else rate.rate
    return float(rate)


@pytest.mark.parametrize("stage", moving(), ids=lambda one: one.function.__name__)
def test_a_solver_and_half_the_step_agree_with_the_step(stage: Stage) -> None:
    alone = Alone(stage)
    start = np.array([1.02 * alone.rows[name] + 1e-3 for name in alone.names])
    for i, (name, (*_, rate)) in enumerate(zip(alone.names, alone.moves, strict=True)):
        if rate is Bounded:
            start[i] = alone.rows[name]
    found, half = alone.stepped(start, SLOW_DT), alone.stepped(start, 0.5 * SLOW_DT)
    course = solve_ivp(alone.slope, (0.0, SECONDS), start, rtol=1e-9, atol=1e-12, max_step=0.05)
    # against the size of each row, and of what it moved by; a controller whose target moves with what it moves errs most (2e-4)
    scale = np.maximum(np.abs(start), np.abs(course.y[:, -1] - start)) + 1e-6
    assert np.max(np.abs(found - course.y[:, -1]) / scale) < 5e-4
    assert np.max(np.abs(found - half) / scale) < 5e-4


def test_most_of_what_the_slow_step_follows_is_a_rate() -> None:
    assert {"distribute", "respond", "sense", "self_regulate", "metabolise", "keep_lungs", "read_circuit", "average_rotor"} <= {
        one.function.__name__ for one in moving()
    }
