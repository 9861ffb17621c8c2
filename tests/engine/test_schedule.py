"""What is planned happens at its time and in its order, whatever the number of ramps, and however a run is cut."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.engine.schedule import RAMP_STEP, SLOW_DT, Planned, Ramp, Schedule

LANES = 2
ROWS = ("first", "second")


class Rows:
    """Rows of a few lanes, and nothing else."""

    def __init__(self) -> None:
        self.lanes = LANES
        self.rows = {name: np.array([1.0, 3.0]) + i for i, name in enumerate(ROWS)}

    def get(self, row: str) -> Any:
        return self.rows[row]

    def put(self, row: str, value: float, lane: int | None = None) -> None:
        self.rows[row][slice(None) if lane is None else lane] = value


def alike(ramp: Ramp, other: Ramp) -> bool:
    return (ramp.row, ramp.lane) == (other.row, other.lane) and not ramp.add and not other.add


def walked(pairs: list[Planned], table: Rows, step: int) -> list[Planned]:
    """The rules read aloud: every ramp in its order, each looked at among all others."""
    left: list[Planned] = []
    coming = list(pairs)
    while coming:
        ramp, begin = coming.pop(0)
        first, length = round(ramp.start / SLOW_DT), round(ramp.over / SLOW_DT)
        if first > step:
            left.append((ramp, begin))
            continue
        if begin is None:
            left = [(o, b) for o, b in left if b is None or "start" in (ramp.role, o.role) or not alike(ramp, o)]
            coming = [(o, b) for o, b in coming if not (ramp.role == "set" and o.role == "rest" and alike(ramp, o))]
        led = [pair for pair in [*left, *coming] if ramp.role == "set" and pair[0].role == "start" and alike(ramp, pair[0])]
        lanes = range(LANES) if ramp.lane is None else [ramp.lane]
        begin = begin or tuple(led[-1][0].value if led else float(table.get(ramp.row)[lane]) for lane in lanes)
        if step - first >= length or (step - first) % RAMP_STEP == 0:
            share = 1.0 if step - first >= length else (step - first) / length
            if led:
                moved = (replace(led[-1][0], value=ramp.at(begin[0], share)), led[-1][1])
                left, coming = ([moved if pair is led[-1] else pair for pair in some] for some in (left, coming))
            else:
                for lane, value in zip(lanes, begin, strict=True):
                    table.put(ramp.row, ramp.at(value, share), lane)
        if step - first < length:
            left.append((ramp, begin))
    return left


ramps = st.builds(
    Ramp,
    start=st.integers(0, 60).map(lambda step: step * SLOW_DT),
    row=st.sampled_from(ROWS),
    value=st.floats(-5.0, 5.0),
    over=st.sampled_from([0.0, 0.02, 0.1, 0.2, 0.5, 1.3]),
    lane=st.sampled_from([None, 0, 1]),
    ratio=st.booleans(),
    add=st.booleans(),
    role=st.sampled_from(["set", "set", "start", "rest"]),
)


@given(st.lists(ramps, max_size=12), st.integers(1, 40))
def test_a_schedule_does_what_walking_through_every_ramp_does(planned: list[Ramp], cut: int) -> None:
    table, plain = Rows(), Rows()
    schedule = Schedule()
    pairs: list[Planned] = [(ramp, None) for ramp in sorted(planned, key=lambda ramp: ramp.start)]
    for ramp in planned:
        schedule.plan(ramp)
    looked = {0}
    for step in range(130):
        if step in looked or step % cut == 0:
            schedule.apply(table, step)
            looked.add(schedule.until_next(step, 130))
        pairs = walked(pairs, plain, step)
        for row in ROWS:
            np.testing.assert_array_equal(table.get(row), plain.get(row), err_msg=f"{row} at step {step}")
        assert schedule.pairs() == pairs
        if step % 17 == 0:  # as a snapshot does
            schedule = Schedule(schedule.pairs())
            looked.add(step + 1)


def test_a_ramp_under_way_costs_the_same_however_many_it_took_the_place_of() -> None:
    moved: list[str] = []

    class Counted(Rows):
        def put(self, row: str, value: float, lane: int | None = None) -> None:
            moved.append(row)
            super().put(row, value, lane)

    table, schedule = Counted(), Schedule()
    for number in range(1000):
        schedule.plan(Ramp(number * RAMP_STEP * SLOW_DT, "first", float(number), 1e6, lane=0))
    for step in range(0, 1000 * RAMP_STEP, RAMP_STEP):
        schedule.apply(table, step)
    assert len(schedule.pairs()) == 1
    moved.clear()
    schedule.apply(table, 1000 * RAMP_STEP)
    assert moved == ["first"]


def test_two_ramps_that_begin_together_keep_the_order_in_which_they_were_planned() -> None:
    table, schedule = Rows(), Schedule()
    for value in (5.0, 2.0, 9.0):
        schedule.plan(Ramp(0.0, "first", value))
    schedule.apply(table, 0)
    assert table.get("first") == pytest.approx([9.0, 9.0])
    assert schedule.pairs() == []
