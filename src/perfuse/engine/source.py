"""The kernel's source: Python text in which every stage of a structure is called on rows of the buffer, lane by lane.

One function per stage keeps compiling short; `run` calls them in order. Read a written kernel to see the whole model's wiring.
"""

import typing
from typing import Any

from perfuse.engine.layout import PER_SIDE, Layout, Stage, arguments, is_group, leaves, result
from perfuse.engine.stages import CELLS, fast_stages, slow_stages
from perfuse.physiology.circulation import pressures
from perfuse.physiology.compartments import Pressures
from perfuse.physiology.contents import BEDS, SPECIES

DT = 1.0e-3  # s, fast step
FAST_PER_SLOW = 20  # fast steps in a slow step of 20 ms
CLOCK = "slow_steps"
"""Row that counts slow steps, so that what runs only every so many of them does not depend on how a run is cut."""
COMPILED = '@nb.njit(error_model="numpy", boundscheck=False, nogil=True, cache=True)'
INNER = '@nb.njit(error_model="numpy", boundscheck=False, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)'
"""For functions that `run` alone calls."""


def _index(row: int, step: str, lanes: int) -> str:
    inside = f"({row} + {step}) * {lanes}" if step else f"{row * lanes}"
    return f"buf[{inside} + b]"


def _call(stage: Stage, layout: Layout, lanes: int, species: str, dt: float, fast_dt: float) -> tuple[str, list[str]]:
    """The call of a stage and the statements that store its result, for one lane."""
    given = []
    for name, kind in arguments(stage.function):
        if is_group(kind):
            parts = []
            for inner in kind._fields:
                row, step = layout.name(inner, kind, stage, species)
                parts.append(_index(layout.row(row), step, lanes))
            given.append(f"{kind.__name__}({', '.join(parts)})")
        elif name == "dt":
            given.append(repr(dt))
        elif name == "fast_steps":
            given.append(repr(float(round(dt / fast_dt))))
        else:
            row, step = layout.name(name, None, stage, species)
            given.append(_index(layout.row(row), step, lanes))
    back = result(stage.function)
    stores = []
    if is_group(back):
        for inner, expression, group in leaves(back):
            row, step = layout.name(inner, group, stage, species)
            layout.write(row, step, stage)
            stores.append(f"{_index(layout.row(row), step, lanes)} = {expression}")
    else:
        target = "cell"  # the only equations that return a bare float are those that push blood from cell to cell
        row, step = layout.name(target, None, stage, species)
        layout.write(row, step, stage)
        stores.append(f"{_index(layout.row(row), step, lanes)} = o")
    return f"o = {stage.function.__name__}({', '.join(given)})", stores


def _emit(stage: Stage, layout: Layout, lanes: int, dt: float, fast_dt: float) -> list[str]:
    """Lines that run a stage over all lanes (and over what else it runs over)."""
    call, stores = _call(stage, layout, lanes, stage.species, dt, fast_dt)
    body = [f"for b in range({lanes}):", *(f"    {text}" for text in (call, *stores))]
    loops = {
        "beds": f"range({len(BEDS)})",
        "cells": f"range({CELLS})",
        "cells_forward": f"range({CELLS})",
        "cells_backward": f"range({CELLS - 1}, -1, -1)",
    }
    if stage.over in loops:
        return [f"for k in {loops[stage.over]}:", *(f"    {line}" for line in body)]
    return body


def _local(kind: Any, stage: Stage) -> str:
    """Name of the local variable that holds a group in the fast loop."""
    name = f"the_{kind.__name__.lower()}"
    return f"{stage.side}_{name}" if kind in PER_SIDE else name


def _groups(given: Any) -> list[tuple[str, Any]]:
    """What a stage of the fast loop returns: (expression, group); one group, or a NamedTuple of groups."""
    inside = typing.get_type_hints(given)
    return [(f"o.{name}", kind) for name, kind in inside.items()] if all(map(is_group, inside.values())) else [("o", given)]


def _fast_step(stages: list[Stage], layout: Layout, lanes: int, dt: float) -> tuple[list[str], list[str], list[str]]:
    """One fast step of one lane: what to read before it, its calls, and what to store after it.

    The step's groups are local variables. A group that a stage makes before any has read it (pressures, flows) is not kept.
    """
    before: list[str] = []
    calls: list[str] = []
    after: dict[str, list[str]] = {}
    known: set[str] = set()
    kept: set[str] = set()
    for stage in stages:
        given = []
        for name, kind in arguments(stage.function):
            if name == "dt":
                given.append(repr(dt))
                continue
            local = _local(kind, stage)
            if local not in known:
                rows = [_index(layout.row(layout.name(field, kind, stage, "")[0]), "", lanes) for field in kind._fields]
                before.append(f"{local} = {kind.__name__}({', '.join(rows)})")
                known.add(local)
                kept.add(local)
            given.append(local)
        calls.append(f"o = {stage.function.__name__}({', '.join(given)})")
        for expression, kind in _groups(result(stage.function)):
            local = _local(kind, stage)
            calls.append(f"{local} = {expression}")
            known.add(local)
            if local in kept:
                rows = [layout.name(field, kind, stage, "")[0] for field in kind._fields]
                for row in rows:
                    layout.write(row, "", stage)
                after[local] = [
                    f"{_index(layout.row(row), '', lanes)} = {local}.{field}" for row, field in zip(rows, kind._fields, strict=True)
                ]
    return before, calls, [line for lines in after.values() for line in lines]


def _sampling(lanes: int, steps: int) -> list[str]:
    """Lines inside a fast step that sample waveforms."""
    return [
        f"at = i * {steps} + j + 1",
        "if at % wave_every == 0:",
        "    w = at // wave_every - 1",
        "    for r in range(waves.shape[1]):",
        f"        for b in range({lanes}):",
        f"            waves[w, r, b] = buf[wave_rows[r] * {lanes} + b]",
    ]


def imports(stages: list[Stage]) -> list[str]:
    """Import lines for the functions and groups that the stages name."""
    names: dict[str, set[str]] = {}

    def add(thing: Any) -> None:
        names.setdefault(thing.__module__, set()).add(thing.__name__)

    for stage in stages:
        add(stage.function)
        for _, kind in arguments(stage.function):
            if is_group(kind):
                add(kind)
    return [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]


def _function(name: str, given: str, words: str, lines: list[str], mark: str = COMPILED) -> list[str]:
    return ["", "", mark, f"def {name}({given}):", f'    """{words}"""', *(f"    {line}" for line in lines)]


def _fast(structure: str, layout: Layout, lanes: int, steps: int, dt: float) -> list[str]:
    """Source of `fast`: the milliseconds of one slow step.

    One patient's state stays in local variables from step to step; what a step only reads stays the same for all of them, so the compiler
    works out once what follows from it alone. Lanes are read and stored every step, so that their loop becomes vector instructions.
    """
    before, calls, after = _fast_step(fast_stages(structure), layout, lanes, dt)
    if lanes > 1:
        inside = [f"for b in range({lanes}):", *(f"    {line}" for line in (*before, *calls, *after))]
        loop, first, last = inside, [], []
    else:
        first, loop, last = ([line.replace(" + b]", "]") for line in lines] for lines in (before, calls, after))
    body = [*first, f"for j in range({steps}):", *(f"    {line}" for line in loop)]
    sampled = [*body, "    if wave_every > 0:", *(f"        {line}" for line in (*last, *_sampling(lanes, steps))), *last]
    return _function("fast", "buf, i, waves, wave_rows, wave_every", f"Pressures, flows and volumes, {steps} steps.", sampled)


def _in_order(structure: str) -> list[tuple[str, list[Stage]]]:
    """Name and stages of each function of the slow loop; what runs for each carried quantity is one function for each."""
    found: list[tuple[str, list[Stage]]] = []
    stages = slow_stages(structure)
    while stages:
        stage = stages.pop(0)
        if not stage.over.startswith("species"):
            found.append(("_".join(word for word in (stage.function.__name__, stage.side, "all") if word), [stage]))
            continue
        group = [stage]
        while stages and stages[0].over.startswith("species"):
            group.append(stages.pop(0))
        for kind in SPECIES:
            each = [Stage(s.function, s.over.removeprefix("species").removeprefix("_") or "patient", s.every, kind, s.side) for s in group]
            found.append((f"{group[-1].function.__name__}_{kind}", each))
    return found


def write(structure: str, lanes: int, fast_per_slow: int = FAST_PER_SLOW, dt: float = DT) -> tuple[str, Layout]:
    """Source of the kernel of a structure (engine/stages.py)."""
    layout = Layout(CELLS)
    layout.reserve()
    clock = layout.row(CLOCK) * lanes
    layout.written.add(CLOCK)
    if structure.startswith("ecmo"):
        layout.reserve_cells()
    slow_dt = dt * fast_per_slow
    lines = _fast(structure, layout, lanes, fast_per_slow, dt)
    calls = ["fast(buf, i, waves, wave_rows, wave_every)"]
    for name, stages in _in_order(structure):
        inside = [line for stage in stages for line in _emit(stage, layout, lanes, slow_dt * stage.every, dt)]
        lines += _function(name, "buf", (stages[-1].function.__doc__ or "").partition("\n")[0], inside, INNER)
        every = stages[0].every
        calls += [f"if (first + i) % {every} == 0:", f"    {name}(buf)"] if every > 1 else [f"{name}(buf)"]
    head = [
        f'"""Kernel of the structure {structure!r} for {lanes} patient(s) at a time. Written by perfuse.engine.source; do not edit."""',
        "",
        "import numba as nb",
        *imports([*fast_stages(structure), *slow_stages(structure), Stage(pressures)]),
    ]
    tail = [
        f"first = int(buf[{clock}])",
        "for i in range(steps):",
        *(f"    {line}" for line in calls),
        "    if (i + 1) % out_every == 0:",
        "        m = (i + 1) // out_every - 1",
        "        for r in range(out.shape[1]):",
        f"            for b in range({lanes}):",
        f"                out[m, r, b] = buf[out_rows[r] * {lanes} + b]",
        f"for b in range({lanes}):",
        f"    buf[{clock} + b] = buf[{clock} + b] + steps",
    ]
    words = f"Move {lanes} patient(s) through `steps` slow steps; every `out_every` of them copy `out_rows` into `out`."
    run = _function("run", "buf, steps, out, out_rows, out_every, waves, wave_rows, wave_every", words, tail)
    return "\n".join([*head, *lines, *run, *_signals(layout)]) + "\n", layout


def wave_rows() -> list[str]:
    """Rows that must be sampled for `signals`, in its order: everything that `pressures` needs."""
    names: list[str] = []
    for name, kind in arguments(pressures):
        names.extend(kind._fields if is_group(kind) else [name])
    return names


def _signals(layout: Layout) -> list[str]:
    """Source of a function that turns sampled rows into the pressures of every place (fields of Pressures)."""
    given, at = [], 0
    for _, kind in arguments(pressures):
        if is_group(kind):
            given.append(f"{kind.__name__}({', '.join(f'waves[w, {at + j}, b]' for j in range(len(kind._fields)))})")
            at += len(kind._fields)
        else:
            given.append(f"waves[w, {at}, b]")
            at += 1
    return [
        "",
        "",
        COMPILED,
        "def signals(waves, b, out):",
        '    """Pressures of one lane at every sample."""',
        "    for w in range(waves.shape[0]):",
        f"        o = pressures({', '.join(given)})",
        *(f"        out[w, {j}] = o.{name}" for j, name in enumerate(Pressures._fields)),
    ]
