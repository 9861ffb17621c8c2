"""A state as bytes and back, every bit kept: JSON whose arrays and bytes stand as base64."""

import base64
import json
from typing import Any

import numpy as np

from perfuse.parameters.json_text import in_words, json_text, out_of_words


def packed(state: Any) -> bytes:
    """Bytes of a state of mappings, lists, numbers, words, arrays and bytes."""
    return json_text(state, default=_written, compact=True, not_finite=in_words).encode()


def unpacked(data: bytes) -> Any:
    """The state again."""
    return json.loads(data, object_hook=_read)


def _written(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"array": base64.b64encode(value.tobytes()).decode(), "type": value.dtype.str, "shape": value.shape}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")


def _read(found: dict[str, Any]) -> Any:
    if found.keys() == {"array", "type", "shape"}:
        return np.frombuffer(base64.b64decode(found["array"]), dtype=found["type"]).reshape(found["shape"]).copy()
    if found.keys() == {"bytes"}:
        return base64.b64decode(found["bytes"])
    return out_of_words(found)
