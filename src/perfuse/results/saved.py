"""A snapshot of a live simulation: everything that decides what comes next, in memory or in a file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from perfuse.engine import run as engine_run
from perfuse.engine.build import fill
from perfuse.engine.kernel import kernel, physics_hash
from perfuse.engine.run import Ramp
from perfuse.parameters.json_text import in_words, json_text, out_of_words
from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.results.store import write_text_whole
from perfuse.version import VERSION

SCHEMA = "perfuse-snapshot/1"


@dataclass(frozen=True)
class Snapshot:
    """State of the engine, the last readings (for sensors that average), and what the patient is on.

    Another version of the physics has other rows, so a snapshot belongs to one physics hash and is refused by any other.
    """

    engine: engine_run.Snapshot
    history: bytes
    who: Mapping[str, Any]

    @property
    def physics_hash(self) -> str:
        """The physics this snapshot belongs to."""
        return self.engine.physics

    def save(self, path: str | Path) -> None:
        """Write the snapshot as one JSON file, whole or not at all; floats keep every bit."""
        e = self.engine
        held = np.frombuffer(e.buffer).tolist()
        rows = {name: held[at] for name, at in kernel(e.structure, 1).rows.items()}
        data = {
            "schema": SCHEMA,
            "perfuse": VERSION,
            "physics_hash": e.physics,
            "safety": SAFETY_TEXT,
            "structure": e.structure,
            "step": e.step,
            "rows": rows,
            "ramps": [{**asdict(ramp), "begin": begin} for ramp, begin in e.ramps],
            "history": np.frombuffer(self.history).tolist(),
            "who": self.who,
        }
        write_text_whole(json_text(data, not_finite=in_words) + "\n", Path(path))

    @classmethod
    def load(cls, path: str | Path) -> "Snapshot":
        """A snapshot from its file; InputError where it is none, or of another version of the physics."""
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"), object_hook=out_of_words)
        except (OSError, ValueError) as error:
            raise InputError([Problem("", f"this cannot be read as a snapshot ({error})")], str(path)) from error
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            hint = "Give a file that Snapshot.save wrote."
            raise InputError([Problem("schema", f"this is no snapshot of the form {SCHEMA}", hint=hint)], str(path))
        refuse_other_physics(data["physics_hash"], str(path))
        structure = data["structure"]
        buffer = fill(kernel(structure, 1), [data["rows"]])
        ramps = tuple((Ramp(**ramp), None if begin is None else tuple(begin)) for ramp, begin in map(_parted, data["ramps"]))
        state = engine_run.Snapshot(structure, 1, data["step"], buffer.tobytes(), ramps, data["physics_hash"])
        return cls(state, np.array(data["history"], dtype=float).tobytes(), data["who"])


def _parted(ramp: Mapping[str, Any]) -> tuple[dict[str, Any], list[float] | None]:
    return {key: value for key, value in ramp.items() if key != "begin"}, ramp["begin"]


def refuse_other_physics(found: str, where: str = "snapshot") -> None:
    """Raise InputError unless a snapshot is of the physics that runs here."""
    if found != physics_hash():
        text = f"this snapshot is of the physics {found}, and here runs {physics_hash()}"
        hint = "Its numbers would mean something else here: make it again with this version, or use the version that wrote it."
        raise InputError([Problem("physics_hash", text, value=found, hint=hint)], where)
