"""What waits for a slow page: every entry, the newest of each state, one second of waves."""

import asyncio
from collections.abc import Callable
from typing import Any

from perfuse.views.console.outbox import MOST, WAVES_KEPT, Outbox


def filled(count: int) -> Outbox:
    box = Outbox(asyncio.get_running_loop())
    for number in range(count):
        box.entry(f"entry {number}")
        box.latest("state", f"state {number}")
        box.latest("num", f"num {number}")
        box.wave(number.to_bytes(4, "little"))
    return box


def test_a_slow_page_gets_every_entry_the_newest_states_and_the_last_second_of_waves(in_a_loop: Callable[[Any], Any]) -> None:
    async def slow() -> None:
        box = filled(100)
        found = await box.take()
        assert found[:100] == [f"entry {number}" for number in range(100)]
        assert found[100:102] == ["state 99", "num 99"]
        assert [int.from_bytes(one, "little") for one in found[102:] if isinstance(one, bytes)] == list(range(100 - WAVES_KEPT, 100))
        assert box.dropped == 100 - WAVES_KEPT and not box.closed

    in_a_loop(slow())


def test_a_page_that_is_too_far_behind_is_cut_off(in_a_loop: Callable[[Any], Any]) -> None:
    async def never_reads() -> None:
        assert not filled(MOST).closed
        assert filled(MOST + 1).closed

    in_a_loop(never_reads())


def test_what_comes_while_a_page_takes_is_not_forgotten(in_a_loop: Callable[[Any], Any]) -> None:
    async def busy() -> None:
        box = Outbox(asyncio.get_running_loop())
        seen: list[object] = []

        def fill() -> None:
            for number in range(3000):
                box.entry(str(number))

        filling = asyncio.get_running_loop().run_in_executor(None, fill)
        while len(seen) < 3000:
            seen += await asyncio.wait_for(box.take(), 5)
        await filling
        assert seen == [str(number) for number in range(3000)]

    in_a_loop(busy())
