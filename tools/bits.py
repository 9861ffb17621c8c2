"""The bits of every shipped case: each is played alone and in eight lanes of different hearts, and its rows are hashed.

python tools/bits.py            compare with tests/engine/bits.json, exit 1 where a case moved
python tools/bits.py --write    write that file (only with a sentence in CHANGELOG.md that says what moved)
"""

import argparse
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from perfuse.engine.run import Engine, engine
from perfuse.parameters.library import case_names, load_case
from perfuse.results.live import Simulation

KEPT = Path(__file__).parents[1] / "tests" / "engine" / "bits.json"
TIMES = (60.0, 600.0)  # s after the case began
LANES = 8


def digest(made: Engine) -> str:
    """SHA-256 of every row of every lane, by the names of the rows: how rows are laid out does not matter."""
    found = hashlib.sha256()
    for name in sorted(made.kernel.rows):
        found.update(name.encode() + b"\0" + np.ascontiguousarray(made.get(name)).tobytes())
    return found.hexdigest()[:16]


def in_lanes(alone: Engine) -> Engine:
    """The same patient eight times, each with a heart a little weaker than the one before; what is planned happens to all."""
    rows = alone.values()
    columns = [rows | {"lv_contractility": rows["lv_contractility"] * (1.0 - 0.03 * lane)} for lane in range(LANES)]
    made = engine(alone.structure, columns, LANES)
    made.step = alone.step
    for ramp, _ in alone.ramps:
        made.plan(replace(ramp, lane=None))
    return made


def played(case: str) -> dict[str, str]:
    """Hashes of a shipped case at each of TIMES, alone and in lanes."""
    alone = Simulation.of(load_case(case))._engine
    many = in_lanes(alone)
    found = {}
    for word, made in (("alone", alone), ("lanes", many)):
        for at in TIMES:
            made.advance(at - made.time)
            found[f"{word}_{at:.0f}"] = digest(made)
    return found


def main() -> int:
    """Play all cases, and compare or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write what is found instead of comparing")
    asked = parser.parse_args()
    kept = {} if asked.write else json.loads(KEPT.read_text(encoding="utf-8"))
    found, moved = {}, 0
    for name in case_names():
        found[name] = played(name)
        same = asked.write or found[name] == kept.get(name)
        moved += not same
        print(f"{name:32} {'written' if asked.write else 'same bits' if same else 'MOVED'}", file=sys.stderr, flush=True)
    if asked.write:
        KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
