"""The kernel as Python calls it: on numpy buffers of any number of lanes, built, or as ordinary Python (PERFUSE_ENGINE=plain)."""

import ctypes
import functools
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.groups import arguments, columns, fields_of, flat, is_group
from perfuse.engine.library import build_record, is_built, is_plain, physics_hash, symbol
from perfuse.engine.samples import Samples
from perfuse.engine.source import CLOCK, DT, FAST_PER_SLOW, module, write
from perfuse.engine.stages import parts_in
from perfuse.physiology.circulation import pressures

__all__ = [
    "DT", "FAST_PER_SLOW", "LANES", "NOTHING", "NO_ROWS", "Kernel", "bound", "build_record", "build_words", "is_built", "kernel", "mapped",
    "physics_hash", "routine", "wave_rows",
]  # fmt: skip

Array = NDArray[np.float64]
Index = NDArray[np.int64]
LANES = 8
"""Patients that are moved together where there are many; a build does as many of them at once as its processor's vectors hold."""
NOTHING: Array = np.zeros((0, 0, 1))
NO_ROWS: Index = np.zeros(0, dtype=np.int64)
_P, _I, _D = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double


@dataclass(frozen=True)
class Kernel:
    """The model of a structure: its rows, and the function that moves a buffer of `lanes` patients through time."""

    structure: str
    lanes: int
    fast_per_slow: int
    dt: float
    parts: int
    size: int  # rows of the buffer
    rows: dict[str, int]

    def run(
        self, buffer: Array, steps: int, out: Array, out_rows: Index, out_every: int, waves: Array, wave_rows: Index, wave_every: int
    ) -> None:
        """Move on by `steps` slow steps.

        Every `out_every` of them copy `out_rows` into out[sample, row, lane], and every `wave_every` fast steps (0: never)
        `wave_rows` into waves[sample, row, lane].
        """
        first = int(buffer[self.rows[CLOCK] * self.lanes])  # slow steps that were done before
        clock = (first, steps, self.fast_per_slow, self.dt)
        _moved(self, "run", buffer, clock, [(out, out_rows, out_every), (waves, wave_rows, wave_every)])

    def run_fast(self, buffer: Array, steps: int, waves: Array, wave_rows: Index, wave_every: int) -> None:
        """Move on by `steps` fast steps alone: what the slow step sets stays. For those who look at the integrator."""
        _moved(self, "sampled", buffer, (steps, self.dt), [(waves, wave_rows, wave_every or steps + 1)])


@functools.cache
def kernel(structure: str, lanes: int = LANES, fast_per_slow: int = FAST_PER_SLOW, dt: float = DT) -> Kernel:
    """The kernel of a structure (engine/stages.py). Same bits for any number of lanes."""
    parts, layout = parts_in(structure), write()[1]
    return Kernel(structure, lanes, fast_per_slow, dt, parts, len(layout.rows), layout.of(parts))


Samplings = list[tuple[Array, Index, int]]
CLOCKS = {"run": [_I, _I, _I, _D], "sampled": [_I, _D]}


@functools.cache
def _built(name: str, samplings: int) -> Callable[..., None]:
    return symbol(name, [_P, _I, _I, *CLOCKS[name], *[_P, _P, _I, _I] * samplings])


def _moved(made: Kernel, name: str, buffer: Array, clock: tuple[float, ...], samplings: Samplings) -> None:
    """Call a function of the kernel on a buffer, built or plain."""
    if buffer.size != made.size * made.lanes or not buffer.flags.c_contiguous:
        raise ValueError(f"this kernel moves buffers of {made.size} rows and {made.lanes} lanes, not of {buffer.size} numbers")
    if is_plain():
        _move_plain(made, name, buffer, clock, samplings)
        return
    given: list[Any] = []
    for table, rows, every in samplings:
        if table.size and not (table.flags.c_contiguous and rows.flags.c_contiguous):
            raise ValueError("samples are written to whole arrays alone")
        given += [table.ctypes.data, rows.ctypes.data, len(rows), every]
    _built(name, len(samplings))(buffer.ctypes.data, made.lanes, made.parts, *clock, *given)


def _move_plain(made: Kernel, name: str, buffer: Array, clock: tuple[float, ...], samplings: Samplings) -> None:
    table, function = buffer.reshape(made.size, made.lanes), module()[name]
    before = [0] if name == "sampled" else []  # slow steps before the samples begin
    for lane in range(made.lanes):
        own = table[:, lane].tolist()
        to = [
            one for found, rows, every in samplings for one in (Samples(rows.tolist(), found[:, :, lane] if found.size else found), every)
        ]
        function(own, made.parts, *before, *clock, *to)
        table[:, lane] = own


def build_words() -> str:
    """What computes here, in words: the level of processor, the compiler and the hash of the build, or plain Python."""
    build = build_record()
    return build.compiler if is_plain() else f"{build.level}, {build.compiler}, library {build.sha256[:16]}"


def wave_rows() -> list[str]:
    """Rows that must be sampled for the pressures of every place, in the order of their columns."""
    return list(_columns(pressures)[0])


_columns = functools.cache(columns)


@functools.cache
def _mapped(name: str) -> Callable[..., None]:
    return symbol(f"map_{name}", [_P, _P, _I])


def bound(equation: Callable[..., Any], given: Array, out: Array) -> Callable[[], None]:
    """What works an equation out between two tables, which the caller keeps, each time it is called.

    given[column, element] in the order of its arguments, out[column, element] of what it returns. For the equations of
    engine/kernel_text.py, `MAPPED`.
    """
    taken, back = map(len, _columns(equation))
    shapes, whole = [given.shape, out.shape], all(table.flags.c_contiguous and table.dtype == np.float64 for table in (given, out))
    if not whole or shapes != [(taken, given.shape[-1]), (back, given.shape[-1])]:
        raise ValueError(f"{equation.__name__} works from {taken} columns into {back}, whole arrays of float64, not of the shapes {shapes}")
    if is_plain():
        return functools.partial(_work_out, equation, given, out)
    return functools.partial(_mapped(equation.__name__), given.ctypes.data, out.ctypes.data, given.shape[1])


def _work_out(equation: Callable[..., Any], given: Array, out: Array) -> None:
    for i, element in enumerate(given.T.tolist()):
        out[:, i] = flat(equation(*_grouped(equation, element)))


def mapped(equation: Callable[..., Any]) -> Callable[[Array], Array]:
    """An equation on columns of numbers, as `bound`: a table in, a new table out."""

    def on_columns(given: Array) -> Array:
        table = np.ascontiguousarray(given, dtype=np.float64)
        out = np.empty((len(_columns(equation)[1]), *table.shape[1:]))
        bound(equation, table, out)()
        return out

    return on_columns


def _grouped(equation: Callable[..., Any], element: list[float]) -> list[Any]:
    """Numbers as the arguments of an equation."""
    given, at = [], 0
    for _, kind in arguments(equation):
        count = len(fields_of(kind)) if is_group(kind) else 1
        given.append(kind(*element[at : at + count]) if is_group(kind) else element[at])
        at += count
    return given


@functools.cache
def _routine(function: Callable[..., None]) -> Callable[..., None]:
    _, *hints = (hint for name, hint in typing.get_type_hints(function).items() if name != "return")
    return symbol(function.__name__, [_P, *(_I if hint is int else _D for hint in hints)])


def routine(function: Callable[..., None]) -> Callable[..., None]:
    """A routine (its first argument a buffer, changed in place) of engine/kernel_text.py, `ROUTINES`, on a numpy array."""

    def on_buffer(buffer: Array, *given: float) -> None:
        if buffer.dtype != np.float64 or not buffer.flags.c_contiguous:
            raise ValueError(f"{function.__name__} works on a whole array of float64")
        if is_plain():
            own = buffer.tolist()
            function(own, *given)
            buffer[:] = own
        else:
            _routine(function)(buffer.ctypes.data, *given)

    return on_buffer
