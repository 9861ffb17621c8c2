"""The kernel's source: Python text in which every stage is called on rows of the buffer, for one patient.

One text serves every structure: what belongs to a part stands behind `if parts & ...`. It is ordinary Python, which plain runs and tests
execute as it is, and which engine/emit.py writes as C++ for one patient or for several at once. Read it to see the whole model's wiring:
`python -m perfuse.engine.source`.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from perfuse.base.rates import STEPS
from perfuse.engine.groups import arguments, fields_of, is_group, result, written
from perfuse.engine.layout import PARTS, Layout, Stage, is_each_side, mask
from perfuse.engine.stages import CELLS, CIRCUIT, FAST, SLOW
from perfuse.physiology.contents import BEDS, SPECIES

DT = 1.0e-3  # s, fast step
FAST_PER_SLOW = 20  # fast steps in a slow step of 20 ms
CLOCK = "slow_steps"
"""Row that counts slow steps, so that what runs only every so many of them does not depend on how a run is cut."""

LOOPS = {
    "beds": f"range({len(BEDS)})",
    "cells": f"range({CELLS})",
    "cells_forward": f"range({CELLS})",
    "cells_backward": f"range({CELLS - 1}, -1, -1)",
}


def _index(layout: Layout, argument: str, owner: Any, stage: Stage) -> str:
    """The buffer's element that an argument of an equation, or a field of a group, means in a stage."""
    row, step = layout.name(argument, owner, stage.species, stage.side)
    at = layout.row(row, stage)
    return f"buf[{at} + {step}]" if step else f"buf[{at}]"


def _result(stage: Stage) -> str:
    """Name of what a stage returns."""
    return "_".join(word for word in ("o", stage.side, stage.function.__name__) if word)


def _condition(stage: Stage) -> str:
    """When a stage runs, as text; "" for always."""
    present = [f"parts & {stage.of} != 0"] if stage.of else []
    absent = [f"parts & {stage.unless} == 0"] if stage.unless else []
    return " and ".join(present + absent)


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _guarded(blocks: Iterable[tuple[str, list[str]]]) -> list[str]:
    """Lines of (condition, lines), neighbours of the same condition under one `if`."""
    lines: list[str] = []
    last = ""
    for condition, inside in blocks:
        if not inside:
            continue
        if condition and condition != last:
            lines.append(f"if {condition}:")
        lines += _indented(inside) if condition else inside
        last = condition
    return lines


# -- the slow step: each stage reads its rows and writes its rows ----------------------------------------------------------


def _step(stage: Stage) -> str:
    """Length of a stage's step, as text."""
    return "dt" if stage.every == 1 else f"dt * {float(stage.every)}"


def _slow_call(stage: Stage, layout: Layout) -> list[str]:
    """Lines that run a stage of the slow step, over what it runs over.

    What a loop reads that is not of its bed or cell is read once, before it, and what it changes of that is stored once, after it.
    """
    over = stage.over.removeprefix("species").removeprefix("_")
    before: list[str] = []
    after: list[str] = []
    held: dict[str, str] = {}

    def read(argument: str, owner: Any) -> str:
        row = _index(layout, argument, owner, stage)
        if over in LOOPS and "k]" not in row:
            held[row] = f"the_{argument}"
            before.append(f"{held[row]} = {row}")
        return held.get(row, row)

    given = []
    for name, kind in arguments(stage.function):
        if is_group(kind):
            given.append(f"{kind.__name__}({', '.join(read(inner, kind) for inner in fields_of(kind))})")
        elif name == "dt":
            given.append(_step(stage))
        elif name == "fast_steps":
            given.append(f"float(fast_steps * {stage.every})")
        else:
            given.append(read(name, stage.function))
    found = _result(stage)
    lines = [f"{found} = {stage.function.__name__}({', '.join(given)})"]
    for inner, expression, owner, rate in written(result(stage.function), found, stage.function):
        row = _index(layout, inner, owner, stage)
        at = held.get(row, row)
        lines.append(f"{at} = {expression if rate is None else f'{STEPS[rate].__name__}({at}, {expression}, {_step(stage)})'}")
        if row in held:
            after.append(f"{row} = {held[row]}")
    return [*before, f"for k in {LOOPS[over]}:", *_indented(lines), *after] if over in LOOPS else lines


def _in_order() -> list[tuple[str, list[Stage]]]:
    """Name and stages of each function of the slow step; what runs for each carried quantity is one function for each."""
    found: list[tuple[str, list[Stage]]] = []
    stages = list(SLOW)
    while stages:
        stage = stages.pop(0)
        if not stage.over.startswith("species"):
            found.append(("_".join(word for word in (stage.function.__name__, stage.side, "all") if word), [stage]))
            continue
        group = [stage]
        while stages and stages[0].over.startswith("species"):
            group.append(stages.pop(0))
        for kind in SPECIES:
            each = [one.of_species(kind) for one in group]
            found.append((f"{group[-1].function.__name__}_{kind}", each))
    return found


def _slow(layout: Layout) -> tuple[list[str], list[tuple[str, str]]]:
    """The functions of the slow step, and (condition, call) of each."""
    lines: list[str] = []
    calls: list[tuple[str, str]] = []
    for name, stages in _in_order():
        alone = len(stages) == 1
        inside = _guarded(("" if alone else _condition(stage), _slow_call(stage, layout)) for stage in stages)
        words = (stages[-1].function.__doc__ or "").partition("\n")[0]
        lines += _function(name, "buf: Rows, parts: int, dt: float, fast_steps: int", words, inside)
        conditions = [_condition(stages[0])] if alone else []
        conditions += [f"(first + i) % {stages[0].every} == 0"] if stages[0].every > 1 else []
        calls.append((" and ".join(word for word in conditions if word), f"{name}(buf, parts, slow_dt, fast_steps)"))
    return lines, calls


# -- the fast step: its groups stay in local variables from step to step ----------------------------------------------------


def _local(kind: Any, stage: Stage) -> str:
    """Name of the local variable that holds a group."""
    name = f"the_{kind.__name__.lower()}"
    return f"{stage.side}_{name}" if is_each_side(kind) else name


def outputs_of(stage: Stage) -> list[tuple[str, Any, str]]:
    """What a stage of the fast step returns: (local, group, expression); one group, or a group of groups."""
    back, found = result(stage.function), _result(stage)
    inside = {f"{found}.{name}": kind for name, kind in fields_of(back).items()}
    if not all(map(is_group, inside.values())):
        inside = {found: back}
    return [(_local(kind, stage), kind, expression) for expression, kind in inside.items()]


def inputs_of(stage: Stage) -> list[tuple[str, Any]]:
    """What it takes: (local, group)."""
    return [(_local(kind, stage), kind) for name, kind in arguments(stage.function) if name != "dt"]


def carried_over(fast: Sequence[Stage], parts: int) -> tuple[set[str], set[str]]:
    """Locals that a structure reads before its fast step, and those of them that the step changes."""
    read: set[str] = set()
    made: set[str] = set()
    changed: set[str] = set()
    for stage in fast:
        if stage.runs(parts):
            read |= {local for local, _ in inputs_of(stage) if local not in made}
            back = {local for local, _, _ in outputs_of(stage)}
            made |= back | read
            changed |= back & read
    return read, changed


def _runs_where(holds: Callable[[int], bool]) -> int | None:
    """The parts of which one must be present for something to hold: 0 where it holds for all structures, None where it holds for none."""
    every = range(1 << len(PARTS))
    true = {parts for parts in every if holds(parts)}
    if not true:
        return None
    bits = 0 if len(true) == len(every) else sum(mask(part) for part in PARTS if mask(part) in true)
    if bits and true != {parts for parts in every if parts & bits}:
        raise ValueError(f"no one condition tells the structures {sorted(true)} from the others")
    return bits


def _fast(layout: Layout) -> list[str]:
    """Source of `fast`.

    What a step only reads stays the same for all of them, so the compiler works out once what follows from it alone.
    """
    carried = [carried_over(FAST, parts) for parts in range(1 << len(PARTS))]
    before, after = [], []
    seen: set[str] = set()
    for stage in FAST:
        for local, kind in [*inputs_of(stage), *((local, kind) for local, kind, _ in outputs_of(stage))]:
            reads = _runs_where(lambda parts, local=local: local in carried[parts][0])  # type: ignore[misc]
            stores = _runs_where(lambda parts, local=local: local in carried[parts][1])  # type: ignore[misc]
            if local in seen or reads is None:
                continue
            seen.add(local)
            user = Stage(stage.function, side=stage.side, of=reads)
            rows = {name: _index(layout, name, kind, user) for name in fields_of(kind)}
            before.append((_condition(user), [f"{local} = {kind.__name__}({', '.join(rows.values())})"]))
            if stores is not None:
                after.append((_condition(Stage(stage.function, of=stores)), [f"{row} = {local}.{name}" for name, row in rows.items()]))
    calls = []
    for stage in FAST:
        given = ["dt" if name == "dt" else _local(kind, stage) for name, kind in arguments(stage.function)]
        lines = [f"{_result(stage)} = {stage.function.__name__}({', '.join(given)})"]
        lines += [f"{local} = {expression}" for local, _, expression in outputs_of(stage)]
        calls.append((_condition(stage), lines))
    body = [*_guarded(before), "for _ in range(steps):", *_indented(_guarded(calls)), *_guarded(after)]
    return _function("fast", "buf: Rows, parts: Parts, steps: int, dt: float", "Pressures, flows and volumes, `steps` steps.", body)


# -- the whole -------------------------------------------------------------------------------------------------------------

SAMPLED = [
    "done = 0",
    "for j in range(1, fast_steps + 1):",
    "    if (i * fast_steps + j) % wave_every == 0 or j == fast_steps:",
    "        fast(buf, parts, j - done, dt)",
    "        done = j",
    "        if (i * fast_steps + j) % wave_every == 0:",
    "            copy_rows(buf, waves, (i * fast_steps + j) // wave_every - 1)",
]
RUN = (
    "buf: Rows, parts: int, first: int, steps: int, fast_steps: int, dt: float, "
    "out: Samples, out_every: int, waves: Samples, wave_every: int"
)


def _run(layout: Layout, calls: list[tuple[str, str]]) -> list[str]:
    clock = layout.row(CLOCK)
    body = [
        "slow_dt = dt * fast_steps",
        "for i in range(steps):",
        "    if wave_every > 0:",
        "        sampled(buf, parts, i, fast_steps, dt, waves, wave_every)",
        "    else:",
        "        fast(buf, parts, fast_steps, dt)",
        *_indented(_guarded((condition, [call]) for condition, call in calls)),
        "    if (i + 1) % out_every == 0:",
        "        copy_rows(buf, out, (i + 1) // out_every - 1)",
        f"buf[{clock}] = buf[{clock}] + steps",
    ]
    words = "Move on by `steps` slow steps, of which `first` were done before; copy rows every `out_every` of them."
    return _function("run", RUN, words, body)


def _function(name: str, given: str, words: str, lines: list[str]) -> list[str]:
    return ["", "", f"def {name}({given}) -> None:", f'    """{words}"""', *_indented(lines)]


def _imports(stages: list[Stage]) -> list[str]:
    """Import lines for the functions and groups that the stages name."""
    names: dict[str, set[str]] = {}
    for stage in stages:
        for thing in [*STEPS.values(), stage.function, *(kind for _, kind in arguments(stage.function) if is_group(kind))]:
            names.setdefault(thing.__module__, set()).add(thing.__name__)
    return [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]


@functools.cache
def write() -> tuple[str, Layout]:
    """The kernel as Python text, and its rows."""
    layout = Layout(CELLS)
    layout.reserve(Stage(FAST[0].function, of=CIRCUIT))
    layout.row(CLOCK)
    fast = _fast(layout)
    slow, calls = _slow(layout)
    step = "buf: Rows, parts: int, i: int, fast_steps: int, dt: float, waves: Samples, wave_every: int"
    sampled = _function("sampled", step, "The fast steps of one slow step, with rows copied every `wave_every` of them.", SAMPLED)
    head = [
        '"""The kernel, for one patient of any structure. Written by perfuse.engine.source; do not edit."""',
        "",
        "from perfuse.engine.layout import Parts",
        "from perfuse.engine.samples import Samples, copy_rows",
        "from perfuse.ops import Rows",
        *_imports([*FAST, *SLOW]),
    ]
    return "\n".join([*head, *fast, *sampled, *slow, *_run(layout, calls)]) + "\n", layout


@functools.cache
def module() -> dict[str, Any]:
    """The kernel's text, executed: its functions by name."""
    space: dict[str, Any] = {"__name__": "kernel"}
    exec(compile(write()[0], "<kernel>", "exec"), space)
    return space


if __name__ == "__main__":
    print(write()[0])
