"""The built library: found beside the package or in the user's cache, built where the equations here have none yet, and called.

A shipped package never comes to compile: it holds a build for its sources. Whoever edits an equation needs a compiler once.
"""

import ctypes
import functools
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from perfuse.engine.compiler import (
    ARITHMETIC,
    LIBRARY,
    PLAIN,
    Compiler,
    KernelError,
    Level,
    Record,
    compile_library,
    levels_here,
    read_record,
    write_build,
)
from perfuse.parameters.kept import base_folder

ROOMS = ("base", "physiology", "devices", "engine")
PACKAGE = Path(__file__).resolve().parents[1]
BUILT = Path(__file__).with_name("built")
"""Builds that came with the package, a folder a level."""
KEPT = 3
"""Builds that the cache holds."""
_ONE_BUILDER = threading.Lock()


def is_plain() -> bool:
    """Whether the equations are to run as ordinary Python (PERFUSE_ENGINE=plain): slow, and the oracle of what is built."""
    asked = os.environ.get("PERFUSE_ENGINE", "")
    if asked not in ("", "built", "plain"):
        raise KernelError(f"PERFUSE_ENGINE is {asked!r}; it can be 'built' (the default) or 'plain'.")
    return asked == "plain"


def sources() -> str:
    """SHA-256 of every file that a kernel is written from: what differs may compute something else."""
    digest = hashlib.sha256()
    for path in [PACKAGE / "ops.py", *sorted(p for room in ROOMS for kind in ("*.py", "*.hpp") for p in (PACKAGE / room).glob(kind))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where builds are kept: $PERFUSE_CACHE, or the user's cache folder."""
    return base_folder() / "kernels"


def _in_cache() -> list[Path]:
    """Folders of builds that the cache holds; none where it cannot be looked into."""
    try:
        return [place for place in cache_folder().iterdir() if place.is_dir()]
    except OSError:
        return []


def _cached(level: Level) -> Path:
    return cache_folder() / f"{sources()}-{level.name}"


def build_into(folder: Path, level: Level, text: str | None = None, compiler: Compiler | None = None, system: str = sys.platform) -> Record:
    """Write and compile the kernel of the sources at hand into a folder."""
    from perfuse.engine.kernel_text import cpp_text, hash_of

    made = text or cpp_text()
    record = Record(hash_of(made, ARITHMETIC), sources(), level.name, level.width, "", system=system)
    return compile_library(made, level, folder, record, compiler)


def fresh_build(folder: Path) -> Record | None:
    """The record of a build of these sources, for this system, in a folder."""
    record = read_record(folder)
    return record if record is not None and (record.sources, record.system) == (sources(), sys.platform) else None


def _find() -> tuple[Path, Record] | None:
    """The build of these sources for the best level of this processor, or one that came with the package for a lesser one."""
    best, *lesser = levels_here()
    for folder in (BUILT / best.name, _cached(best), *(BUILT / one.name for one in lesser)):
        record = fresh_build(folder)
        if record is not None:
            return folder, record
    return None


def _of_same_physics(level: Level, physics: str) -> tuple[bytes, Record] | None:
    """A build that computes the same from other sources (a renamed word, another comment)."""
    for folder in (BUILT / level.name, *(place for place in _in_cache() if place.name.endswith(f"-{level.name}"))):
        record = read_record(folder)
        if record is not None and (record.physics, record.system) == (physics, sys.platform):
            return (folder / LIBRARY).read_bytes(), record
    return None


def prepare(folder: Path, level: Level) -> Record:
    """A build of these sources in a folder: the one that is there, one that computes the same taken over, or compiled now."""
    from perfuse.engine.emit import EmitError
    from perfuse.engine.kernel_text import cpp_text, hash_of

    there = fresh_build(folder)
    if there is not None:
        return there
    try:
        text = cpp_text()
        same = _of_same_physics(level, hash_of(text, ARITHMETIC))
        if same is None:
            return build_into(folder, level, text)
        record = replace(same[1], sources=sources())
        write_build(folder, same[0], record)
        return record
    except EmitError as error:
        raise KernelError(f"{error} Or {PLAIN}.") from None
    except OSError as error:
        raise KernelError(f"The kernel cannot be built: {error}. Set PERFUSE_CACHE to a folder that can be written, or {PLAIN}.") from None


def _forget_old_builds() -> None:
    """Keep the last KEPT builds of the cache."""
    with suppress(OSError):  # another process may tidy up too
        for folder in sorted(_in_cache(), key=lambda place: place.stat().st_mtime, reverse=True)[KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)


def is_built() -> bool:
    """Whether a run can begin at once: a build of these sources is there, or none is wanted."""
    return is_plain() or _find() is not None


@contextmanager
def _prepared() -> Iterator[tuple[Path, Record]]:
    """A build of these sources, to be loaded: in the cache where none came with the package, or for the moment where there is no cache."""
    found = _find()
    if found is not None:
        yield found
        return
    level = levels_here()[0]
    why = _cannot_be_written(cache_folder())
    if not why:
        yield _cached(level), prepare(_cached(level), level)
        _forget_old_builds()
        return
    sys.stderr.write(
        f"The kernel is built into a temporary folder, and again by the next run, because {cache_folder()} cannot be written ({why}): "
        "set PERFUSE_CACHE to a folder that can.\n"
    )
    sys.stderr.flush()
    with tempfile.TemporaryDirectory(prefix="perfuse-", ignore_cleanup_errors=True) as made:
        yield Path(made), prepare(Path(made), level)


def _cannot_be_written(folder: Path) -> str:
    """Why nothing can be written into a folder, which is made; "" where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def loaded() -> tuple[ctypes.CDLL, Record]:
    """The library and what it is; KernelError says in one sentence why there is none."""
    with _ONE_BUILDER:
        return _loaded()


@functools.cache
def _loaded() -> tuple[ctypes.CDLL, Record]:
    with _prepared() as (folder, record):
        try:
            return ctypes.CDLL(str(folder / LIBRARY)), record
        except OSError as error:
            raise KernelError(f"The built kernel cannot be loaded: {error}. Remove {folder} and try again, or {PLAIN}.") from None


@functools.cache
def build_record() -> Record:
    """What computes here: the build that is loaded, or plain Python."""
    if not is_plain():
        return loaded()[1]
    from perfuse.engine.kernel_text import cpp_text, hash_of

    return Record(hash_of(cpp_text(), ARITHMETIC), sources(), "any", 1, "plain Python")


def physics_hash() -> str:
    """SHA-256 of what is computed, whatever its words and whatever built it: a run is repeated bit for bit by the same hash alone."""
    return build_record().physics


def symbol(name: str, kinds: list[Any], back: Any = None) -> Callable[..., Any]:
    """A function of the library."""
    function = getattr(loaded()[0], f"perfuse_{name}")
    function.argtypes, function.restype = kinds, back
    return function  # type: ignore[no-any-return]
