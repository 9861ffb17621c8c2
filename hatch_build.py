"""Builds the kernel while the package is put together.

A local install (plain or editable) gets the level of this processor, by name, from the C++ compiler that is there; where none works, from
one of the package index, which is gone afterwards. PERFUSE_WHEEL=linux-x86_64 (one of WHEELS) makes a release wheel for that system
instead, with all its levels, by that compiler. The standard library and hatchling alone.
"""

import os
import sys
import sysconfig
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
HERE = sysconfig.get_platform().replace("-", "_").replace(".", "_")


class Kernel(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling runs before it puts a wheel together; the source archive holds no build."""

    def dependencies(self) -> list[str]:
        """A compiler of the package index, where it is asked for or no installed one works."""
        if self.target_name != "wheel":
            return []
        level = compiler.levels_here()[0]
        found = not os.environ.get("PERFUSE_WHEEL") and any(one.works(level) for one in compiler.installed_compilers())
        return [] if found else [ZIGLANG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not built yet, and say what goes into the wheel."""
        if self.target_name != "wheel":
            return
        wheel = os.environ.get("PERFUSE_WHEEL")
        try:
            tag, folders = _release(wheel) if wheel else (HERE, _local())
        except compiler.KernelError as error:
            raise SystemExit(f"perfuse: {error}") from None
        build_data["pure_python"], build_data["tag"] = False, f"py3-none-{tag}"
        build_data["force_include"] |= {str(folder): f"perfuse/engine/built/{level}" for level, folder in folders.items()}


def _local() -> dict[str, Path]:
    """This processor's level, beside the sources, where an editable install looks for it."""
    level = compiler.levels_here()[0]
    folder = library.BUILT / level.name
    record = compiler.read_record(folder)
    if record is None or record.sources != library.sources():
        library.build_into(folder, level)
    return {level.name: folder}


def _release(wheel: str) -> tuple[str, dict[str, Path]]:
    """Every level of a system, cross-compiled."""
    if wheel not in WHEELS:
        raise compiler.KernelError(f"PERFUSE_WHEEL is {wheel!r}; it can be {', '.join(WHEELS)}.")
    os.environ["PERFUSE_SYSTEM"], names, tag = WHEELS[wheel][0], WHEELS[wheel][1], WHEELS[wheel][2]
    folders = {}
    for level in (one for one in compiler.LEVELS if one.name in names):
        folders[level.name] = ROOT / "build" / wheel / level.name
        library.build_into(folders[level.name], level, compiler=compiler.zig())
    return tag, folders
