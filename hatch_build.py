"""Builds the kernel while the package is put together.

A local install (plain or editable) gets the level of this processor, by name, from the C++ compiler that is there; where none works, from
one of the package index, which is gone afterwards. PERFUSE_WHEEL=linux-x86_64 (one of WHEELS) makes a release wheel for that system
instead, with all its levels, by that compiler. The standard library and hatchling alone.
"""

import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "src"))

from perfuse.engine import compiler, library  # noqa: E402

ZIGLANG = "ziglang==0.17.1"
WHEELS = {
    "linux-x86_64": ("linux", ("x86-64-v2", "x86-64-v3", "x86-64-v4"), "manylinux_2_17_x86_64"),
    "linux-aarch64": ("linux", ("aarch64",), "manylinux_2_17_aarch64"),
    "macos-x86_64": ("darwin", ("x86-64-v2", "x86-64-v3"), "macosx_11_0_x86_64"),
    "macos-arm64": ("darwin", ("aarch64",), "macosx_11_0_arm64"),
    "windows-x86_64": ("win32", ("x86-64-v2", "x86-64-v3"), "win_amd64"),
}
"""Release wheels: system as sys.platform names it, levels, and the tag of the wheel."""
WHEEL = os.environ.get("PERFUSE_WHEEL", "")
HERE = sysconfig.get_platform().replace("-", "_").replace(".", "_")


class Kernel(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling runs before it puts a wheel together; the source archive holds no build."""

    def dependencies(self) -> list[str]:
        """A compiler of the package index, where a wheel for another system is asked for or no installed compiler works."""
        return [ZIGLANG] if _in_words(_needs_ziglang) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not built yet, and say what goes into the wheel; an editable install uses the folder beside the sources."""
        tag, folders = _in_words(_release if WHEEL else _local)
        if not folders:
            return
        build_data["pure_python"], build_data["tag"] = False, f"py3-none-{tag}"
        if version != "editable":
            build_data["force_include"] |= {str(folder): f"perfuse/engine/built/{folder.name}" for folder in folders}


def _in_words(work: Callable[[], Any]) -> Any:
    """What `work` gives; where it cannot, the installation ends in one sentence."""
    try:
        return work()
    except compiler.KernelError as error:
        raise SystemExit(f"perfuse: {error}") from None


def _needs_ziglang() -> bool:
    if WHEEL or library.is_plain():
        return bool(WHEEL)
    level = compiler.levels_here()[0]
    if library.fresh_build(library.BUILT / level.name) is not None or os.environ.get("CC"):
        return False
    return all(one.trouble(level) for one in compiler.installed_compilers())


def _local() -> tuple[str, list[Path]]:
    """This processor's level, beside the sources, where an editable install looks for it; nothing where plain Python is asked for."""
    if library.is_plain():
        return HERE, []
    level = compiler.levels_here()[0]
    folder = library.BUILT / level.name
    library.prepare(folder, level)
    return HERE, [folder]


def _release() -> tuple[str, list[Path]]:
    """Every level of a system, cross-compiled."""
    zig = compiler.zig()
    if WHEEL not in WHEELS:
        raise compiler.KernelError(f"PERFUSE_WHEEL is {WHEEL!r}; it can be {', '.join(WHEELS)}.")
    if zig is None:
        raise compiler.KernelError(f"A wheel for {WHEEL} is cross-compiled: pip install {ZIGLANG}.")
    system, names, tag = WHEELS[WHEEL]
    levels = [one for one in compiler.LEVELS if one.name in names]
    folders = [ROOT / "build" / WHEEL / one.name for one in levels]
    for folder, level in zip(folders, levels, strict=True):
        library.build_into(folder, level, compiler=zig, system=system)
    return tag, folders
