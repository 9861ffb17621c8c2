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
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ARITHMETIC = ("-ffp-contract=off", "-fno-trapping-math", "-fno-math-errno")
"""Flags that decide bits: no fused multiply-add, nothing reordered; exceptions and errno are not looked at."""
FLAGS = ("-x", "c++", "-std=c++17", "-O2", "-g0", *ARITHMETIC, "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-w")
LIBRARY, RECORD = "kernel.bin", "record.json"
ZIG_SYSTEMS = {"linux": "linux-gnu.2.17", "darwin": "macos.11.0", "win32": "windows-gnu"}


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


def system() -> str:
    """What is built for, as sys.platform names it: PERFUSE_SYSTEM where a wheel for another system is made, else this one."""
    return os.environ.get("PERFUSE_SYSTEM") or sys.platform


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

        present = ctypes.windll.kernel32.IsProcessorFeaturePresent  # 38 SSE4.2, 40 AVX2, 41 AVX-512 F
        found = {"ssse3", "popcnt", "sse4_2"} if present(38) else set()
        return frozenset(found | (LEVELS[1].needs if present(40) else set()))
    return None


def levels_here() -> list[Level]:
    """Levels that this processor has, the best first; PERFUSE_LEVEL names one of them to be taken instead."""
    family = CALLED_SO.get(platform.machine().lower(), "")
    flags = processor_flags()
    able = [one for one in LEVELS if family and one.name.startswith(family) and (flags is None or one.needs <= flags)]
    if flags is None:
        able = able[-1:]
    asked = os.environ.get("PERFUSE_LEVEL")
    if asked and asked not in [one.name for one in able]:
        names = ", ".join(one.name for one in able) or "none"
        raise KernelError(f"PERFUSE_LEVEL is {asked!r}, which this processor is not ({names}). Take it away, or name one of these.")
    found = [one for one in able if asked in (None, "", one.name)]
    if not found:
        raise KernelError(f"No kernel is built for {platform.machine() or 'this processor'}: use x86-64 or Arm, or {PLAIN}.")
    return found


PLAIN = "set PERFUSE_ENGINE=plain, which runs the equations as ordinary Python, some thousand times slower"
INSTALL = f"Install a C++ compiler (g++ or clang; `pip install ziglang` brings one), or {PLAIN}."


@dataclass(frozen=True)
class Compiler:
    """A command that compiles C++."""

    command: tuple[str, ...]

    @property
    def is_zig(self) -> bool:
        """Whether it is the one of the package ziglang, which is told its target differently."""
        return "ziglang" in self.command

    def flags(self, level: Level) -> tuple[str, ...]:
        """Flags for a level."""
        if self.is_zig:
            processor = "aarch64" if level.name == "aarch64" else "x86_64"
            return ("-target", f"{processor}-{ZIG_SYSTEMS.get(system(), ZIG_SYSTEMS['linux'])}", *level.zig, "-fno-sanitize=all")
        return level.gcc

    def works(self, level: Level) -> bool:
        """Whether it compiles an empty C++ file for this level: a cc without its C++ half, or an old one, does not."""
        with tempfile.TemporaryDirectory() as folder:
            asked = [*self.command, *self.flags(level), *FLAGS, "-c", "-", "-o", os.path.join(folder, "empty.o")]
            try:
                return subprocess.run(asked, input=b"", capture_output=True, check=False).returncode == 0
            except OSError:
                return False

    def named(self) -> str:
        """Its name and version, one line."""
        done = subprocess.run([*self.command, "--version"], capture_output=True, text=True, check=False)
        return (done.stdout.splitlines() or [" ".join(self.command)])[0].strip()


def installed_compilers() -> list[Compiler]:
    """Compilers to try: $CC alone where it is set, else those on the path."""
    own = os.environ.get("CC")
    if own:
        return [Compiler(tuple(shlex.split(own)))]
    return [Compiler((name,)) for name in ("cc", "c++", "gcc", "g++", "clang", "clang++") if shutil.which(name)]


def zig() -> Compiler | None:
    """The compiler of the package ziglang, where it is installed."""
    return Compiler((sys.executable, "-m", "ziglang", "c++")) if importlib.util.find_spec("ziglang") else None


def compiler_for(level: Level) -> Compiler:
    """The first compiler that works; KernelError says what to install where none does."""
    tried = installed_compilers()
    last = zig()
    found = next((one for one in [*tried, *([last] if last else [])] if one.works(level)), None)
    if found is None:
        names = ", ".join(" ".join(one.command) for one in tried) or "none was found"
        raise KernelError(f"The kernel must be built, and there is no working C++ compiler ({names}). {INSTALL}")
    return found


def compile_library(text: str, level: Level, into: Path, record: Record, compiler: Compiler | None = None) -> Record:
    """Compile a text into the folder `into`, whole or not at all; for one patient and for several, side by side."""
    chosen = compiler or compiler_for(level)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "kernel.cpp").write_text(text, encoding="utf-8")
        position = [] if system() == "win32" else ["-fPIC"]
        shared = [*chosen.flags(level), *FLAGS, *position, f"-ffile-prefix-map={made}=."]
        widths: dict[str, list[str]] = {"one.o": [], "several.o": ["-DVECTORS", f"-DWIDTH={level.width}"]}
        jobs = [
            subprocess.Popen(
                [*chosen.command, *shared, *width, "-c", "kernel.cpp", "-o", name],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for name, width in widths.items()
        ]
        for job, (said, _) in [(job, job.communicate()) for job in jobs]:
            _refuse_failure(chosen, job.returncode, said)
        target = chosen.flags(level)[:2] if chosen.is_zig else []
        plain_link = [] if chosen.is_zig else ["-Wl,--build-id=none"] if system() == "linux" else []
        alone = [] if system() == "win32" else ["-nostdlib"]  # there memset is a library's
        link = [*chosen.command, *target, "-shared", *alone, *plain_link, *widths, "-o", LIBRARY]
        done = subprocess.run(link, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        _refuse_failure(chosen, done.returncode, done.stdout)
        body = (folder / LIBRARY).read_bytes()
    whole = replace(record, compiler=chosen.named(), sha256=hashlib.sha256(body).hexdigest())
    write_build(into, body, whole)
    return whole


def _refuse_failure(compiler: Compiler, code: int, said: str) -> None:
    if code:
        last = " / ".join(line.strip() for line in said.strip().splitlines()[-3:])
        words = f"The compiler {' '.join(compiler.command)} failed on the kernel (exit {code}): {last or 'it said nothing'}."
        raise KernelError(f"{words} {INSTALL}")


def write_build(into: Path, body: bytes, record: Record) -> None:
    """A library and its record, each whole; the record last."""
    into.mkdir(parents=True, exist_ok=True)
    for name, content in ((LIBRARY, body), (RECORD, (json.dumps(asdict(record), indent=1) + "\n").encode())):
        partial = into / f".{name}.{os.getpid()}"
        partial.write_bytes(content)
        os.replace(partial, into / name)


def read_record(folder: Path) -> Record | None:
    """The record of a whole build in a folder; None where there is none, or where its library is not the one that was written."""
    try:
        record = Record(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
        found = hashlib.sha256((folder / LIBRARY).read_bytes()).hexdigest()
    except (OSError, ValueError, TypeError):
        return None
    return record if record.sha256 == found else None
