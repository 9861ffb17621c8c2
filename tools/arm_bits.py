"""An Arm build under an emulator gives the bits of the build that runs here: ten seconds of a few structures, alone and in lanes.

python tools/arm_bits.py      says so and ends well where there is no qemu-aarch64 (Debian: qemu-user)
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from perfuse.engine.compiler import FLAGS, LEVELS, zig
from perfuse.engine.kernel import DT, FAST_PER_SLOW
from perfuse.engine.kernel_text import cpp_text
from perfuse.engine.run import SLOW_DT, engine
from perfuse.engine.source import CLOCK
from perfuse.parameters.library import load_case
from perfuse.results.live import Simulation

CASES = ("compare-shock", "va-scai-d", "va-unloading", "bivad", "artificial-heart")
LANES = (1, 3, 8)
SECONDS = 10.0


def build(folder: Path) -> Path:
    """A program of its own for Arm: the kernel for one patient and for several, and foreign.c."""
    compiler = zig()
    if compiler is None:
        raise SystemExit("Arm: the package ziglang is not installed; `pip install ziglang` (the extra `dev` has it).")
    level = next(one for one in LEVELS if one.name == "aarch64")
    target = [*compiler.command, "-target", "aarch64-linux-musl", *level.zig, "-fno-sanitize=all"]
    (folder / "kernel.cpp").write_text(cpp_text(), encoding="utf-8")
    for name, width in (("one.o", []), ("several.o", ["-DVECTORS", f"-DWIDTH={level.width}"])):
        subprocess.run([*target, *FLAGS, *width, "-c", "kernel.cpp", "-o", name], cwd=folder, check=True)
    source = Path(__file__).with_name("foreign.c")
    subprocess.run([*target[:-1], "-x", "c", "-c", str(source), "-o", "foreign.o"], cwd=folder, check=True)
    subprocess.run([*target, "-static", "foreign.o", "one.o", "several.o", "-o", "foreign"], cwd=folder, check=True)
    return folder / "foreign"


def main() -> int:
    """Build, play, compare."""
    emulator = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if emulator is None:
        print("Arm: not run, there is no qemu-aarch64 here")
        return 0
    moved = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        program = build(folder)
        for case in CASES:
            begin = Simulation.of(load_case(case))._engine
            for lanes in LANES:
                here = engine(begin.structure, [begin.values() | {CLOCK: 0.0}], lanes)
                here.buffer.tofile(folder / "in")
                kernel, steps = here.kernel, round(SECONDS / SLOW_DT)
                clock = [0, steps, FAST_PER_SLOW, DT]
                words = [program, folder / "in", folder / "out", lanes, kernel.parts, *clock]
                subprocess.run([emulator, *map(str, words)], check=True)
                there = np.fromfile(folder / "out")
                here.advance(SECONDS)
                same = there.tobytes() == here.buffer.tobytes()
                moved += not same
                print(f"Arm: {case:24} {lanes} lane(s) {'same bits' if same else 'MOVED'}", flush=True)
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
