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

from perfuse.engine.source import COMPILED, DT, FAST_PER_SLOW, INNER, wave_rows, write

__all__ = [
    "DT",
    "FAST_PER_SLOW",
    "LANES",
    "Kernel",
    "cache_folder",
    "is_compiled",
    "kernel",
    "load_written",
    "physics_hash",
    "plain",
    "wave_rows",
]

LANES = 8
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


@dataclass(frozen=True)
class Kernel:
    """A compiled model: its rows, the function that moves a buffer through time, and its fast loop alone."""

    structure: str
    lanes: int
    rows: dict[str, int]
    parameters: frozenset[str]
    run: Callable[..., None]
    fast: Callable[..., None]
    signals: Callable[..., None]
    source: str


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
    parameters = frozenset(layout.rows) - frozenset(layout.written)
    return Kernel(structure, lanes, dict(layout.rows), parameters, module.run, module.fast, module.signals, source)


def is_compiled(structure: str, lanes: int = LANES) -> bool:
    """Whether machine code of this kernel lies in the cache."""
    return any((cache_folder() / "__pycache__").glob(f"{structure}_{lanes}.run-*.nbc"))


def plain(structure: str, lanes: int = 1) -> Callable[..., None]:
    """The same kernel as ordinary Python: slow, and the oracle of the compiled ones."""
    source, _ = write(structure, lanes)
    source = source.replace(f"{COMPILED}\n", "").replace(f"{INNER}\n", "")
    space: dict[str, Any] = {}
    exec(compile(source, f"<plain {structure}>", "exec"), space)
    return space["run"]  # type: ignore[no-any-return]


NOTHING: NDArray[np.float64] = np.zeros((0, 0, 1))
NO_ROWS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
