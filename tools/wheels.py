"""Release wheels of every system into dist/, cross-compiled by one compiler; those of macOS and Windows are not run by us.

python tools/wheels.py [linux-x86_64 ...]
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN_BY_US = ("linux-x86_64", "linux-aarch64")
SYSTEMS = (*RUN_BY_US, "macos-x86_64", "macos-arm64", "windows-x86_64")


def main() -> int:
    """Build each wheel that is asked for, or all."""
    for name in sys.argv[1:] or SYSTEMS:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(ROOT / "dist"), str(ROOT)]
        done = subprocess.run(command, env=os.environ | {"PERFUSE_WHEEL": name}, check=False)
        if done.returncode:
            return done.returncode
        print(f"{name}: built{'' if name in RUN_BY_US else ', not run by us'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
