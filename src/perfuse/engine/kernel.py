"""From equations to machine code: write the kernel's source for the parts present, compile it once, keep it by the hash of the physics.

The source is a real file, so that Numba caches its machine code beside it and a debugger can enter it. The folder is named by a hash of
every physics source (Numba itself would look only at the calling file and serve old physics after an edit).
"""

import functools
import hashlib
import importlib.util
import os
import pathlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from perfuse.engine.layout import Layout, Stage, arguments, is_group, leaves, result
from perfuse.engine.stages import CELLS, FAST, SLOW
from perfuse.physiology.circulation import Pressures, pressures
from perfuse.physiology.contents import BEDS, SPECIES

LANES = 8
DT = 1.0e-3  # s, fast step
FAST_PER_SLOW = 20  # fast steps in a slow step of 20 ms
PHYSICS = ("physiology", "devices", "engine")


@functools.cache
def physics_hash() -> str:
    """SHA-256 of every source that decides a result."""
    root = pathlib.Path(__file__).parents[1]
    digest = hashlib.sha256(numba.__version__.encode())
    for path in [root / "ops.py", *sorted(p for room in PHYSICS for p in (root / room).glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> pathlib.Path:
    """Where compiled kernels are kept: $PERFUSE_CACHE, or the user's cache folder."""
    base = os.environ.get("PERFUSE_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "perfuse")
    return pathlib.Path(base) / physics_hash()


def _index(row: int, step: str, lanes: int) -> str:
    inside = f"({row} + {step}) * {lanes}" if step else f"{row * lanes}"
    return f"buf[{inside} + b]"


def _call(stage: Stage, layout: Layout, lanes: int, species: str, slow: float) -> tuple[str, list[str]]:
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
            given.append(repr(slow))
        elif name == "fast_steps":
            given.append(repr(float(round(slow / DT))))
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


def _emit(stage: Stage, layout: Layout, lanes: int, indent: str, dt: float) -> list[str]:
    """Lines that run a stage over all lanes (and over what else it runs over)."""
    lines: list[str] = []

    def body(species: str, pad: str) -> None:
        call, stores = _call(stage, layout, lanes, species, dt)
        lines.append(f"{pad}for b in range({lanes}):")
        lines.extend(f"{pad}    {text}" for text in (call, *stores))

    pad = indent
    if stage.every > 1:
        lines.append(f"{indent}if i % {stage.every} == 0:")
        pad += "    "
    loops = {
        "beds": f"range({len(BEDS)})",
        "cells_forward": f"range({CELLS})",
        "cells_backward": f"range({CELLS - 1}, -1, -1)",
    }
    if stage.over in loops:
        lines.append(f"{pad}for k in {loops[stage.over]}:")
        body(stage.species, pad + "    ")
    else:
        body(stage.species, pad)
    return lines


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


@dataclass(frozen=True)
class Kernel:
    """A compiled model: its rows, and the function that moves a buffer through time."""

    structure: str
    lanes: int
    rows: dict[str, int]
    parameters: frozenset[str]
    run: Callable[..., None]
    signals: Callable[..., None]
    source: str


def write(structure: str, lanes: int, fast_per_slow: int = FAST_PER_SLOW, dt: float = DT) -> tuple[str, Layout]:
    """Source of the kernel of a structure ("patient" or "ecmo")."""
    layout = Layout(CELLS)
    layout.reserve()
    if structure == "ecmo":
        layout.reserve_cells()
    slow_dt = dt * fast_per_slow
    stages = SLOW[structure]
    lines = []
    pad = "        "
    lines.append(f"{pad}for j in range({fast_per_slow}):")
    lines.extend(_emit(FAST[structure], layout, lanes, pad + "    ", dt))
    lines.append(f"{pad}    if wave_every > 0:")
    lines.append(f"{pad}        count = i * {fast_per_slow} + j + 1")
    lines.append(f"{pad}        if count % wave_every == 0:")
    lines.append(f"{pad}            w = count // wave_every - 1")
    lines.append(f"{pad}            for r in range(waves.shape[1]):")
    lines.append(f"{pad}                for b in range({lanes}):")
    lines.append(f"{pad}                    waves[w, r, b] = buf[wave_rows[r] * {lanes} + b]")
    position = 0
    while position < len(stages):
        stage = stages[position]
        if stage.over.startswith("species"):
            group = []
            while position < len(stages) and stages[position].over.startswith("species"):
                group.append(stages[position])
                position += 1
            for kind in SPECIES:
                lines.append(f"{pad}# {kind}")
                for each in group:
                    over = each.over.removeprefix("species").removeprefix("_") or "patient"
                    lines.extend(_emit(Stage(each.function, over, each.every, kind), layout, lanes, pad, slow_dt))
            continue
        lines.extend(_emit(stage, layout, lanes, pad, slow_dt * stage.every))
        position += 1
    head = [
        f'"""Kernel of the structure {structure!r} for {lanes} patient(s) at a time. Written by perfuse.engine.kernel; do not edit."""',
        "",
        "import numba as nb",
        *imports([FAST[structure], *stages, Stage(pressures)]),
        "",
        "",
        '@nb.njit(error_model="numpy", boundscheck=False, nogil=True, cache=True)',
        "def run(buf, steps, out, out_rows, out_every, waves, wave_rows, wave_every):",
        f'    """Move {lanes} patients through `steps` slow steps; every `out_every` of them copy `out_rows` into `out`."""',
        "    for i in range(steps):",
    ]
    tail = [
        "        if (i + 1) % out_every == 0:",
        "            m = (i + 1) // out_every - 1",
        "            for r in range(out.shape[1]):",
        f"                for b in range({lanes}):",
        f"                    out[m, r, b] = buf[out_rows[r] * {lanes} + b]",
    ]
    return "\n".join([*head, *lines, *tail, *_signals(layout)]) + "\n", layout


def wave_rows() -> list[str]:
    """Rows that must be sampled for `signals`, in its order: everything that `pressures` needs."""
    names = []
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
        '@nb.njit(error_model="numpy", boundscheck=False, nogil=True, cache=True)',
        "def signals(waves, b, out):",
        '    """Pressures of one lane at every sample."""',
        "    for w in range(waves.shape[0]):",
        f"        o = pressures({', '.join(given)})",
        *(f"        out[w, {j}] = o.{name}" for j, name in enumerate(Pressures._fields)),
    ]


def load_written(path: pathlib.Path, source: str) -> ModuleType:
    """Import `source` as the module at `path`, written there if it is not: so its machine code is kept where the user may write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != source:
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(source)
        os.replace(partial, path)
    name = f"perfuse_kernel_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def kernel(structure: str, lanes: int = LANES, fast_per_slow: int = FAST_PER_SLOW, dt: float = DT) -> Kernel:
    """The kernel of a structure, loaded or compiled. Same bits for any number of lanes."""
    source, layout = write(structure, lanes, fast_per_slow, dt)
    step = "" if (fast_per_slow, dt) == (FAST_PER_SLOW, DT) else f"_{fast_per_slow}_{round(dt * 1e6)}us"
    module = load_written(cache_folder() / f"{structure}_{lanes}{step}.py", source)
    return Kernel(structure, lanes, dict(layout.rows), frozenset(layout.rows) - frozenset(layout.written), module.run, module.signals, source)


def is_compiled(structure: str, lanes: int = LANES) -> bool:
    """Whether machine code of this kernel lies in the cache."""
    return any((cache_folder() / "__pycache__").glob(f"{structure}_{lanes}.run-*.nbc"))


def plain(structure: str, lanes: int = 1) -> Callable[..., None]:
    """The same kernel as ordinary Python: slow, and the oracle of the compiled ones."""
    source, _ = write(structure, lanes)
    source = source.replace('@nb.njit(error_model="numpy", boundscheck=False, nogil=True, cache=True)\n', "")
    space: dict[str, Any] = {}
    exec(compile(source, f"<plain {structure}>", "exec"), space)
    return space["run"]  # type: ignore[no-any-return]


NOTHING: NDArray[np.float64] = np.zeros((0, 0, 1))
NO_ROWS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
