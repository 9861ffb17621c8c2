"""From C++ text to a library for this processor: which compiler, which flags, and what is said when it fails.

The standard library alone: this runs while the package is being built, and again on a machine that lacks the level it was built for.
"""

import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from perfuse.parameters.json_text import json_text
from perfuse.parameters.kept import replace_file

ARITHMETIC = ("-ffp-contract=off", "-fno-trapping-math", "-fno-math-errno")
"""Flags that decide bits: no fused multiply-add, nothing reordered; exceptions and errno are not looked at."""
FLAGS = ("-x", "c++", "-std=c++17", "-O2", "-g0", *ARITHMETIC, "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-w")
LIBRARY, RECORD = "kernel.bin", "record.json"
LINK = {"linux": ("-nostdlib", "-Wl,--build-id=none", "-s"), "darwin": (), "win32": ()}
"""What gcc and clang are told when they link. The text needs no library; that of macOS must be named all the same."""
ZIG_LINK = LINK | {"darwin": ("-nostdlib", "-s"), "win32": ("-nostdlib", "-lcompiler_rt", "-s")}
ZIG_SYSTEMS = {"linux": "linux-gnu.2.17", "darwin": "macos.11.0", "win32": "windows-gnu"}
ZIG_WINDOWS_ENTRY = """
#ifndef VECTORS
extern "C" int DllMainCRTStartup(void*, unsigned, void*) { return 1; }  // what Windows calls when it loads a library
#endif
"""


@dataclass(frozen=True)
class Level:
    """What a processor must be able to do, by name, and how many patients one of its vectors holds."""

    name: str
    width: int
    gcc: tuple[str, ...]  # flags of gcc and clang
    zig: tuple[str, ...]
    needs: frozenset[str] = frozenset()  # as Linux names them


LEVELS = (
    Level("x86-64-v4", 8, ("-march=x86-64-v4", "-mprefer-vector-width=512"), ("-mcpu=x86_64_v4", "-mprefer-vector-width=512"),
          frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "bmi2", "fma"})),
    Level("x86-64-v3", 4, ("-march=x86-64-v3",), ("-mcpu=x86_64_v3",), frozenset({"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"})),
    Level("x86-64-v2", 2, ("-march=x86-64-v2",), ("-mcpu=x86_64_v2",), frozenset({"sse4_2", "ssse3", "popcnt"})),
    Level("aarch64", 2, ("-march=armv8-a",), ("-mcpu=generic",)),
)  # fmt: skip
"""The best first. Never the very processor at hand: what is built on one machine runs on every machine of its level."""
CALLED_SO = {"amd64": "x86-64", "x86_64": "x86-64", "arm64": "aarch64", "aarch64": "aarch64"}


class KernelError(RuntimeError):
    """There is no built kernel, and none can be built: a sentence for people."""


@dataclass(frozen=True)
class Record:
    """What a built library is."""

    physics: str  # hash of what it computes
    sources: str  # hash of the files it was written from
    level: str
    width: int
    compiler: str
    sha256: str = ""  # of the library itself: a truncated file is found out
    system: str = sys.platform  # one folder of sources may be seen by two systems


def processor_flags() -> frozenset[str] | None:
    """What this processor can do, as Linux names it; None where nobody says."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("flags"):
                return frozenset(line.partition(":")[2].split())
    except OSError:
        pass
    if sys.platform == "darwin":
        asked = ["sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        # macOS writes AVX2 and SSE4.2 and does not name what every Mac with AVX2 has
        found = {word.lower().replace(".", "_") for word in done.stdout.split()}
        return frozenset(found | ({"f16c", "fma", "movbe", "bmi1", "bmi2", "popcnt"} if "avx2" in found else {"popcnt"}))
    if sys.platform == "win32":
        import ctypes

        present = ctypes.windll.kernel32.IsProcessorFeaturePresent  # 38 is SSE4.2, 40 AVX2
        found = {"ssse3", "popcnt", "sse4_2"} if present(38) else set()
        return frozenset(found | (LEVELS[1].needs if present(40) else set()))
    return None


def levels_of(machine: str) -> list[Level]:
    """Levels of a kind of processor, as platform.machine() names it, the best first."""
    family = CALLED_SO.get(machine.lower())
    return [one for one in LEVELS if family and one.name.startswith(family)]


def levels_here() -> list[Level]:
    """Levels that this processor has, the best first; PERFUSE_LEVEL names one of them to be taken instead."""
    flags, able = processor_flags(), levels_of(platform.machine())
    able = able[-1:] if flags is None else [one for one in able if one.needs <= flags]
    asked = os.environ.get("PERFUSE_LEVEL")
    if not able:
        raise KernelError(
            f"No kernel is built for this processor ({platform.machine()}): use one of {', '.join(one.name for one in LEVELS)}, or {PLAIN}."
        )
    if asked and asked not in [one.name for one in able]:
        names = ", ".join(one.name for one in able)
        raise KernelError(f"PERFUSE_LEVEL is {asked!r}, which is no level of this processor ({names}). Take it away, or name one of these.")
    return [one for one in able if asked in (None, "", one.name)]


PLAIN = "set PERFUSE_ENGINE=plain, which runs the equations as ordinary Python, some 500 times slower"
INSTALL = f"Install a C++ compiler (g++ or clang; `pip install ziglang` brings one), or {PLAIN}."


@dataclass(frozen=True)
class Compiler:
    """A command that compiles C++."""

    command: tuple[str, ...]

    @property
    def is_zig(self) -> bool:
        """Whether it is the one of the package ziglang, which is told its target differently."""
        return "ziglang" in self.command

    def target(self, level: Level, system: str) -> tuple[str, ...]:
        """Flags that say what is built for."""
        if self.is_zig:
            processor = "aarch64" if level.name == "aarch64" else "x86_64"
            return ("-target", f"{processor}-{ZIG_SYSTEMS.get(system, ZIG_SYSTEMS['linux'])}", *level.zig, "-fno-sanitize=all")
        return level.gcc

    def run(self, words: Iterable[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        """The command with these words, in a folder; a command that is not there ends as one that failed."""
        caches = {"ZIG_GLOBAL_CACHE_DIR": str(folder), "ZIG_LOCAL_CACHE_DIR": str(folder)}  # nothing is left in a home folder
        env = {**caches, **os.environ, "SOURCE_DATE_EPOCH": "0"}
        try:
            done = subprocess.run(
                [*self.command, *words], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
            )
            return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(errors="replace"))
        except OSError as error:
            return subprocess.CompletedProcess(self.command, 127, str(error))

    def trouble(self, level: Level, system: str = sys.platform) -> str:
        """Why it compiles no C++ for a level ("" where it does): a cc may lack its C++ half, or be too old."""
        with tempfile.TemporaryDirectory() as made:
            Path(made, "empty.cpp").touch()
            done = self.run([*self.target(level, system), *FLAGS, "-c", "empty.cpp", "-o", "empty.o"], Path(made))
        return "" if done.returncode == 0 else f"{' '.join(self.command)}: {last_lines(done, 1)}"

    def must(self, words: Iterable[str], folder: Path) -> None:
        """Run it; KernelError with its last lines where it fails."""
        done = self.run(words, folder)
        if done.returncode:
            failed = f"The compiler {' '.join(self.command)} failed on the kernel (exit {done.returncode}): {last_lines(done, 3)}"
            raise KernelError(f"{failed}. {INSTALL}")

    def named(self) -> str:
        """Its name and version, one line."""
        with tempfile.TemporaryDirectory() as made:
            said = self.run(["--version"], Path(made)).stdout.splitlines()
            version = Compiler(self.command[:-1]).run(["version"], Path(made)).stdout.strip() if self.is_zig else ""
        name = (said or [" ".join(self.command)])[0].strip()
        return f"{name} of ziglang {version}" if version else name


def last_lines(done: "subprocess.CompletedProcess[str]", count: int) -> str:
    """The end of what a command said, on one line."""
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return " / ".join(lines[-count:]).rstrip(".") or f"it said nothing (exit {done.returncode})"


def installed_compilers() -> list[Compiler]:
    """Compilers to try: $CC alone where it is set, else those on the path."""
    own = os.environ.get("CC")
    if own:
        return [Compiler(tuple(shlex.split(own)))]
    names = () if sys.platform == "win32" else ("cc", "c++", "gcc", "g++", "clang", "clang++")
    return [Compiler((name,)) for name in names if shutil.which(name)]


def zig() -> Compiler | None:
    """The compiler of the package ziglang, where it is installed."""
    return Compiler((sys.executable, "-m", "ziglang", "c++")) if importlib.util.find_spec("ziglang") else None


def compiler_for(level: Level) -> Compiler:
    """The first compiler that works here; KernelError says what to install where none does."""
    own = os.environ.get("CC")
    last = None if own else zig()
    troubles = []
    for one in [*installed_compilers(), *([last] if last else [])]:
        trouble = one.trouble(level)
        if not trouble:
            return one
        troubles.append(trouble)
    why = "; ".join(troubles) or "none was found"
    if own:
        raise KernelError(
            f"The kernel must be built, and the compiler that CC names does not work ({why}). Name another there, or {PLAIN}."
        )
    raise KernelError(f"The kernel must be built, and there is no working C++ compiler ({why}). {INSTALL}")


def compile_objects(text: str, level: Level, system: str, compiler: Compiler, folder: Path) -> list[str]:
    """Compile a text in a folder, for one patient and for several, side by side; the names of what was written."""
    (folder / "kernel.cpp").write_text(text, encoding="utf-8")
    position = () if system == "win32" else ("-fPIC",)
    shared = [*compiler.target(level, system), *FLAGS, *position, f"-ffile-prefix-map={folder}=.", "-c", "kernel.cpp"]
    widths: dict[str, list[str]] = {"one.o": [], "several.o": ["-DVECTORS", f"-DWIDTH={level.width}"]}
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(lambda name: compiler.must([*shared, *widths[name], "-o", name], folder), widths))
    return list(widths)


def compile_library(text: str, level: Level, into: Path, record: Record, compiler: Compiler | None = None) -> Record:
    """Compile a text into the folder `into`, for the system of the record; whole or not at all."""
    chosen, system = compiler or compiler_for(level), record.system
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        entry = ZIG_WINDOWS_ENTRY if chosen.is_zig and system == "win32" else ""
        objects = compile_objects(text + entry, level, system, chosen, folder)
        link = (ZIG_LINK if chosen.is_zig else LINK).get(system, LINK["linux"])
        target = chosen.target(level, system)[:2] if chosen.is_zig else ()
        chosen.must([*target, "-shared", *link, *objects, "-o", LIBRARY], folder)
        body = (folder / LIBRARY).read_bytes()
    whole = replace(record, compiler=chosen.named(), sha256=hashlib.sha256(body).hexdigest())
    write_build(into, body, whole)
    return whole


def write_build(into: Path, body: bytes, record: Record) -> None:
    """A library and its record, each whole; the record last."""
    into.mkdir(parents=True, exist_ok=True)
    replace_file(into / LIBRARY, body)
    replace_file(into / RECORD, (json_text(asdict(record), indent=1) + "\n").encode())


def read_record(folder: Path) -> Record | None:
    """The record of a whole build in a folder; None where there is none, or where its library is not the one that was written."""
    try:
        record = Record(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
        found = hashlib.sha256((folder / LIBRARY).read_bytes()).hexdigest()
    except (OSError, ValueError, TypeError):
        return None
    return record if record.sha256 == found else None
