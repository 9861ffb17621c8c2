"""Words between Python and C++: kinds of value, how a number is spelt, names that are taken, and the error for what has no counterpart.

The standard library alone: this runs while the package is being built.
"""

import ast
import builtins
import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfuse.engine.groups import fields_of, is_group
from perfuse.engine.layout import Parts
from perfuse.engine.samples import Samples
from perfuse.ops import Rows


@dataclass(frozen=True)
class Plain:
    """A kind of value that is no group: in words, and its type in C++."""

    said: str
    type: str


REAL = Plain("a number of each patient", "T")
FLOOR = Plain("a whole number of each patient", "T")
MASK = Plain("a comparison of each patient", "mask<T>")
NUMBER = Plain("a number", "double")
INT = Plain("a whole number", "int64_t")
FLAG = Plain("a comparison", "bool")
ROWS = Plain("the buffer", "T*")
SAMPLES = Plain("samples", "const Samples&")
NOTHING = Plain("nothing", "void")

Kind = Any
"""A Plain, a group (its class), or a Union of groups."""
OF_EACH: dict[Any, Plain] = {float: REAL, bool: MASK}
"""What an annotation means in an equation, and of a group's field."""
OF_ALL: dict[Any, Plain] = {float: NUMBER, bool: FLAG, int: INT, Parts: INT, Rows: ROWS, Samples: SAMPLES}
"""What it means in a routine."""


@dataclass(frozen=True)
class Value:
    """An expression as C++ text; `known` where Python works it out while the text is written."""

    text: str
    kind: Kind
    known: float | None = None


@dataclass(frozen=True)
class Signature:
    """A function as its callers see it."""

    name: str  # in C++
    arguments: dict[str, Kind]
    returns: Kind
    defaults: dict[str, Any] = field(default_factory=dict)
    parts: str = ""  # the argument that chooses among SPECIALISED


class EmitError(Exception):
    """What cannot be written as C++, as one sentence with its file and line."""


def refusal(where: str, node: ast.AST, why: str, instead: str) -> EmitError:
    """The error for a piece of a file."""
    code = node.name if isinstance(node, ast.FunctionDef) else ast.unparse(node).strip().partition("\n")[0][:80]
    return EmitError(f"{where}:{getattr(node, 'lineno', 1)}: {code!r} cannot be written as C++: {why}; {instead}.")


def place_of(thing: Any) -> str:
    """Where a function or group lies, without the machine's path: physiology/heart.py."""
    return "/".join(thing.__module__.split(".")[1:] or [thing.__module__]) + ".py"


def refused(thing: Any, why: str, instead: str) -> EmitError:
    """The error for a whole function or group."""
    try:
        line = thing.__code__.co_firstlineno if inspect.isfunction(thing) else inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):  # a group that no file holds
        line = 1
    return EmitError(f"{place_of(thing)}:{line}: {thing.__name__!r} cannot be written as C++: {why}; {instead}.")


def is_union(kind: Kind) -> bool:
    """Whether an argument may be one of several groups."""
    origin: Any = typing.get_origin(kind)
    return origin in (typing.Union, types.UnionType) and all(map(is_group, typing.get_args(kind)))


def said(kind: Kind) -> str:
    """A kind in words."""
    return kind.said if isinstance(kind, Plain) else f"the group {getattr(kind, '__name__', kind)}"


def kind_of(hint: Any, words: Mapping[Any, Plain]) -> Kind:
    """The kind that an annotation means; None where it has no meaning."""
    return hint if is_group(hint) or is_union(hint) else next((kind for word, kind in words.items() if hint == word), None)


def hints_of(thing: Any) -> dict[str, Any]:
    """Annotations of a function, or of the fields of a group."""
    try:
        return fields_of(thing) if is_group(thing) else typing.get_type_hints(thing)
    except NameError as error:
        raise refused(thing, f"its annotations cannot be read ({error})", "import what they name") from None


def is_routine(function: Callable[..., Any]) -> bool:
    """Whether the first argument of a function is a buffer."""
    first = function.__code__.co_varnames[: function.__code__.co_argcount][:1]
    return bool(first) and hints_of(function).get(first[0]) == Rows


def looked_up(node: ast.expr, space: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> Any:
    """What a name, or a name in a module, means at the top of a file; None where nothing."""
    match node:
        case ast.Name(id=name) if name not in hidden:
            return space.get(name, getattr(builtins, name, None))
        case ast.Attribute(value=inner, attr=name):
            module = looked_up(inner, space, hidden)
            return getattr(module, name, None) if isinstance(module, types.ModuleType) else None
    return None


def literal(value: float) -> str:
    """A double as C++ reads it back to the same bits."""
    if math.isnan(value):
        return '__builtin_nan("")'
    if math.isinf(value):
        return "__builtin_inf()" if value > 0 else "-__builtin_inf()"
    return repr(float(value))


def mixed(value: Value, kind: Kind) -> str:
    """A number as the kind of another that it meets in arithmetic or in a comparison."""
    if kind not in (REAL, NUMBER) or value.kind == kind or value.kind == FLOOR:
        return value.text
    number = literal(value.known) if value.known is not None else f"(double){value.text}" if value.kind == INT else value.text
    return f"real<T>({number})" if kind == REAL else number


KEYWORDS = frozenset({
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "char8_t",
    "char16_t", "char32_t", "class", "compl", "concept", "const", "const_cast", "consteval", "constexpr", "constinit", "continue",
    "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit",
    "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
    "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
    "requires", "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
    "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
    "wchar_t", "while", "xor", "xor_eq",
})  # fmt: skip
TAKEN = frozenset({
    "EXPORTED", "INLINED", "NEVER_INLINED", "Samples", "T", "VECTORS", "WIDTH", "copy_rows", "floor_division", "floor_remainder",
    "int64_t", "lane", "load", "mask", "not_", "number", "pick", "real", "round_down", "set_lane", "square_root", "store",
})  # fmt: skip
"""Names of prelude.hpp."""


def safe(name: str) -> str:
    """A name as C++ can have it: no keyword, no name of the prelude, none that the emitter makes up (those end in one _)."""
    return f"{name}_" if name in KEYWORDS | TAKEN or (name.endswith("_") and name != "_") else name
