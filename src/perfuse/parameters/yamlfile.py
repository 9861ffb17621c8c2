"""YAML read strictly: YAML 1.2, every place keeps its line, duplicates and everything clever are errors.

`no`, `on` and `12:30` are text in YAML 1.2; dates stay text; aliases, merge keys and tags are refused.
"""

import math
import sys
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from perfuse.parameters.kept import keep, kept, place_of
from perfuse.parameters.problems import InputError, Path, Problem, Problems, told

_TAG = "tag:yaml.org,2002:"
_LARGEST = 1_000_000
"""Characters of a file."""
_MOST_ENTRIES = 50_000
"""Entries of a file, counted by its commas and ends of lines; reading 10,000 of them takes about a second."""
_LONGEST_NUMBER = 400
"""Characters of a number: the largest that a computer measures with has 309 digits."""


_PARTS = "Leave out what is not needed, or divide it into several files."


class _Reader:
    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.seen: set[int] = set()

    def value(self, node: Any, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.problems.lines.setdefault(path, line)
        if not isinstance(node, ScalarNode):
            if id(node) in self.seen:
                self.problems.add(path, "an alias (*name) stands here", hint="Write the values out again.")
                return None
            self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or key == "<<":
                self.problems.lines.setdefault((*path, key), line)
                self.problems.add((*path, key), "only plain names can stand before a colon", hint="Write the values out.")
                continue
            if key in out:
                first = self.problems.lines[(*path, key)]
                self.problems.lines[(*path, key, "again")] = line
                self.problems.add(
                    (*path, key, "again"), f"'{key}' stands here a second time (first in line {first})", hint="Keep one of them."
                )
                continue
            self.problems.lines[(*path, key)] = line
            out[key] = self.value(value_node, (*path, key))
        return out

    def scalar(self, node: ScalarNode, path: Path) -> Any:
        text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true"
        if tag in {"int", "float"}:
            number = _number(text)
            if number is None:
                hint = "Write a number that can be measured."
                self.problems.add(path, f"{told(text)} is larger or longer than any number that is read", value=text, hint=hint)
            return math.nan if number is None else number
        if tag not in {"str", "timestamp"}:
            self.problems.add(path, f"the tag {node.tag} is not read here", value=text, hint="Write the value without a tag.")
        return text


def _number(text: str) -> Any:
    """A number as it is written; None where a float cannot hold it, and the text where it is none after all."""
    plain = text.replace("_", "").lower()
    if len(plain) > _LONGEST_NUMBER:
        return None
    try:
        whole = int(plain, 0) if plain.startswith(("0x", "0o")) else int(plain)
        return whole if abs(whole) <= sys.float_info.max else None
    except ValueError:
        pass
    try:
        number = float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text
    return number if math.isfinite(number) or plain.endswith((".inf", ".nan")) else None


def read_text(text: str, file: str = "") -> tuple[Any, Problems]:
    """Plain data and the collector that knows its lines; a text that is no YAML at all raises InputError."""
    if len(text) > _LARGEST:
        said = f"the file has more than {_LARGEST:,} characters"
        raise InputError([Problem("", said, allowed=f"{_LARGEST:,} or fewer", hint=_PARTS)], file)
    entries = text.count("\n") + text.count(",")
    if entries > _MOST_ENTRIES:
        said = f"the file has {entries:,} entries (commas and ends of lines)"
        raise InputError([Problem("", said, allowed=f"{_MOST_ENTRIES:,} or fewer", hint=_PARTS)], file)
    problems = Problems(file)
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.problem, error.context) if part)
        hint = "Indent with spaces, put a space after each colon, close brackets and quotes; text with ': ' or '#' in it needs quotes."
        raise InputError([Problem("", f"this is not YAML: {what}", mark.line + 1 if mark else None, hint=hint)], file) from None
    except (YAMLError, RecursionError) as error:
        raise InputError([Problem("", f"this is not YAML: {error}", hint="Save the file as plain text in UTF-8.")], file) from None
    return (None if node is None else _Reader(problems).value(node, ())), problems


def read_file(path: FilePath, name: str = "") -> tuple[Any, Problems]:
    """The same for a file; `name` is what messages call it."""
    try:
        with path.open(encoding="utf-8") as opened:
            text = opened.read(_LARGEST + 1)  # what is too large is not read to its end
    except UnicodeDecodeError:
        raise InputError(
            [Problem("", "the file is not text in UTF-8", hint="Save it as plain text in UTF-8.")], name or str(path)
        ) from None
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        raise InputError([Problem("", reason, hint="Check the path.")], name or str(path)) from None
    place = place_of(path, text)
    if place is None:
        return read_text(text, name or str(path))
    found = kept(place)
    if found is not None:
        return found[0], Problems(name or str(path), found[1])
    data, problems = read_text(text, name or str(path))
    if not problems.found:
        keep(place, data, problems.lines)
    return data, problems
