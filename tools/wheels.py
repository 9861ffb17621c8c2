"""Release wheels of every system into dist/, cross-compiled by one compiler, and a look at what is in them.

python tools/wheels.py [linux-x86_64 ...]
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from perfuse.engine.compiler import LIBRARY

ROOT = Path(__file__).parents[1]
MARKS = {
    "linux-x86_64": {0: b"\x7fELF\x02", 18: b"\x3e"},
    "linux-aarch64": {0: b"\x7fELF\x02", 18: b"\xb7"},
    "macos-x86_64": {0: b"\xcf\xfa\xed\xfe\x07\0\0\x01"},
    "macos-arm64": {0: b"\xcf\xfa\xed\xfe\x0c\0\0\x01"},
    "windows-x86_64": {0: b"MZ", 120: b"PE\0\0\x64\x86"},
}
"""Wheels, and the bytes by which a library says its kind of file and of processor, by their places."""
RUN_BY_US = {"linux-x86_64": "", "linux-aarch64": "; run by us under qemu alone"}


def problem(wheel: Path, marks: dict[int, bytes]) -> str:
    """What is wrong with the kernels of a wheel; "" if nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        kernels = {name: archive.read(name) for name in archive.namelist() if name.endswith(LIBRARY)}
    for name, body in kernels.items():
        if any(body[at : at + len(mark)] != mark for at, mark in marks.items()):
            return f"{name} is no library of this kind of machine"
        if b"perfuse_run\0" not in body:
            return f"{name} does not export perfuse_run"
    return "" if kernels else "there is no kernel in it"


def main() -> int:
    """Build each wheel that is asked for, or all."""
    failed = 0
    for name in sys.argv[1:] or MARKS:
        env = os.environ | {"PERFUSE_WHEEL": name, "ZIG_GLOBAL_CACHE_DIR": str(ROOT / "build" / "zig")}
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            sys.exit(done.stdout)
        wheel = ROOT / done.stdout.split()[-1]
        wrong = problem(wheel, MARKS[name])
        failed += bool(wrong)
        print(
            f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB{RUN_BY_US.get(name, '; not run by us')}{wrong and '; WRONG: ' + wrong}",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
