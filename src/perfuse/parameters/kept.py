"""What is worth keeping between two commands: the shipped library, read from YAML once, kept as JSON in the user's cache folder.

Reading YAML strictly takes most of a second, JSON a few milliseconds. A kept file is named by a hash of the text and of the reader, so it
is never older than what it was made from. Where the folder cannot be written, nothing is kept and everything is read again.
"""

import hashlib
import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from perfuse.parameters.json_text import in_words, json_text, out_of_words

PACKAGE = Path(__file__).parents[1]


def base_folder() -> Path:
    """Where perfuse keeps what it can make again: $PERFUSE_CACHE, or `perfuse` in the user's cache folder."""
    return Path(
        os.environ.get("PERFUSE_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "perfuse")
    )


@cache
def _reader() -> bytes:
    return b"".join((Path(__file__).parent / name).read_bytes() for name in ("yamlfile.py", "kept.py"))


def place_of(path: Path, text: str) -> Path | None:
    """The kept file of a shipped file with this text; None for files of users, which are read anew each time."""
    if PACKAGE not in path.parents:
        return None
    digest = hashlib.sha256(_reader() + text.encode()).hexdigest()[:20]
    return base_folder() / "library" / f"{path.stem}-{digest}.json"


def kept(place: Path) -> tuple[Any, dict[tuple[str | int, ...], int]] | None:
    """Data and the line of each place, or None where nothing is kept."""
    try:
        data, lines = json.loads(place.read_text(encoding="utf-8"), object_hook=out_of_words)
    except (OSError, ValueError):
        return None
    return data, {tuple(path): line for path, line in lines}


def replace_file(place: Path, content: bytes) -> None:
    """Write a file whole or not at all: what is half written goes again."""
    partial = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        os.replace(partial, place)
    finally:
        partial.unlink(missing_ok=True)


def keep(place: Path, data: Any, lines: dict[tuple[str | int, ...], int]) -> None:
    """Keep what was read, whole or not at all."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, json_text([data, list(lines.items())], compact=True, not_finite=in_words).encode())
