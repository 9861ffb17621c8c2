"""JSON that every reader takes: the one place where perfuse writes it.

The standard library alone: this is used while the package is being built.
"""

import json
import math
from collections.abc import Callable
from typing import Any

Instead = Callable[[float], Any]


def json_text(
    data: Any,
    *,
    indent: int | None = None,
    compact: bool = False,
    sorted_keys: bool = False,
    default: Callable[[Any], Any] | None = None,
    not_finite: Instead = lambda number: None,
) -> str:
    """Data as JSON text. A number that is not finite becomes null, for JSON has no word for it, or what `not_finite` makes of it.

    compact      no spaces
    sorted_keys  names in the order of the alphabet
    default      what becomes of objects that JSON does not know; without it they raise TypeError
    """
    separators = (",", ":") if compact else None

    def written(one: Any) -> str:
        return json.dumps(
            one, indent=indent, separators=separators, sort_keys=sorted_keys, default=default, ensure_ascii=False, allow_nan=False
        )

    try:
        text = written(data)
    except ValueError:
        text = written(_finite(data, not_finite))
    return text.encode("utf-8", "backslashreplace").decode()  # half a character, of a file's name say, as \udcff


def _finite(data: Any, instead: Instead) -> Any:
    """The same data with `instead` of every number that is not finite."""
    if isinstance(data, float) and not math.isfinite(data):
        return instead(data)
    if isinstance(data, dict):
        return {key: _finite(value, instead) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value, instead) for value in data]
    return data


def in_words(number: float) -> dict[str, str]:
    """A number that is not finite as JSON can say it, for what is read back here (`out_of_words`)."""
    return {"float": repr(number)}


def out_of_words(found: dict[str, Any]) -> Any:
    """The number again; any other mapping as it is. For `json.loads(..., object_hook=out_of_words)`."""
    return float(found["float"]) if found.keys() == {"float"} else found


def strict_json(data: Any) -> str:
    """Data as JSON text; ValueError where JSON has no word for something in it. For what others give, which is refused and not mended."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False)
