"""The small language of score records: conditions and formulas over named inputs, read strictly and prepared once.

Numbers, names, text in quotes, true, false; + - * / **; and, or, not; < <= > >= == != `in`; exp ln log2 min max.
A comparison with an input that is absent does not hold; arithmetic with one gives nothing (None). Nothing is handed to Python's `eval`.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Values = Mapping[str, Any]
Meaning = Callable[[Values], Any]

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda one, several: one in several,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {"exp": math.exp, "ln": math.log, "log2": math.log2, "min": min, "max": max}
_WORDS = {"true": True, "false": False}


class LanguageError(ValueError):
    """What stands in a record is outside the small language; the text says why."""


@dataclass(frozen=True)
class Expression:
    """A condition or a formula.

    text        as it stands in the record
    names       inputs and earlier results that it reads
    limits      numbers with which each name is compared, or beyond which it is held (min, max): where its meaning changes
    truth       whether it is a condition (its value is true or false) rather than a number
    value       its value for given inputs; None where an input that it needs is absent or a division is by zero
    """

    text: str
    names: frozenset[str]
    limits: Mapping[str, tuple[float, ...]]
    meaning: Meaning
    truth: bool = False

    def value(self, values: Values) -> Any:
        """The value for these inputs."""
        try:
            return self.meaning(values)
        except (ZeroDivisionError, OverflowError):
            return None


def read_expression(text: str, of: str | None = None) -> Expression:
    """An expression; "< 50" and ">= 50, < 60" are conditions on the input `of`."""
    full = text.strip()
    if full[:1] in "<>=!" and full:
        if of is None:
            raise LanguageError(f"{text!r} does not say what is compared")
        full = " and ".join(f"{of} {part.strip()}" for part in full.split(","))
    try:
        tree = ast.parse(full, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise LanguageError(f"{text!r} cannot be read") from None
    names: set[str] = set()
    limits: dict[str, set[float]] = {}
    meaning = _read(tree, names, limits)
    truth = isinstance(tree, ast.Compare | ast.BoolOp) or (isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not))
    return Expression(text, frozenset(names), {name: tuple(sorted(found)) for name, found in limits.items()}, meaning, truth)


def _read(node: ast.expr, names: set[str], limits: dict[str, set[float]]) -> Meaning:
    def read(part: ast.expr) -> Meaning:
        return _read(part, names, limits)

    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str) and not isinstance(node.value, bool):
        constant = node.value
        return lambda values: constant
    if isinstance(node, ast.Name):
        return _name(node.id, names)
    if isinstance(node, ast.List | ast.Tuple):
        several = [read(part) for part in node.elts]
        return lambda values: [one(values) for one in several]
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _combined(_ARITHMETIC[type(node.op)], [read(node.left), read(node.right)])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _combined(operator.neg, [read(node.operand)])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        denied = read(node.operand)
        return lambda values: not denied(values)
    if isinstance(node, ast.BoolOp):
        parts = [read(part) for part in node.values]
        joined = all if isinstance(node.op, ast.And) else any
        return lambda values: joined(part(values) for part in parts)
    if isinstance(node, ast.Compare):
        return _comparison(node, read, limits)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and not node.keywords:
        if node.func.id in ("min", "max"):
            _note(node.args, limits)
        return _combined(_FUNCTIONS[node.func.id], [read(part) for part in node.args])
    raise LanguageError(f"{ast.unparse(node)!r} is outside the language of score records")


def _name(name: str, names: set[str]) -> Meaning:
    if name in _WORDS:
        word = _WORDS[name]
        return lambda values: word
    names.add(name)
    return lambda values: values.get(name)


def _combined(function: Callable[..., Any], parts: list[Meaning]) -> Meaning:
    def value(values: Values) -> Any:
        found = [part(values) for part in parts]
        return None if any(one is None for one in found) else function(*found)

    return value


def _comparison(node: ast.Compare, read: Callable[[ast.expr], Meaning], limits: dict[str, set[float]]) -> Meaning:
    signs = []
    for sign in node.ops:
        if type(sign) not in _COMPARED:
            raise LanguageError(f"{ast.unparse(node)!r}: this comparison is outside the language of score records")
        signs.append(_COMPARED[type(sign)])
    ends = [node.left, *node.comparators]
    for pair in pairwise(ends):
        _note(list(pair), limits)
    parts = [read(end) for end in ends]

    def holds(values: Values) -> bool:
        found = [part(values) for part in parts]
        return not any(one is None for one in found) and all(
            compared(a, b) for compared, a, b in zip(signs, found, found[1:], strict=False)
        )

    return holds


def _note(parts: list[ast.expr], limits: dict[str, set[float]]) -> None:
    """Remember the plain numbers that stand beside a name."""
    numbers = {value for part in parts if (value := _plain(part)) is not None}
    for part in parts:
        if isinstance(part, ast.Name) and numbers:
            limits.setdefault(part.id, set()).update(numbers)


def _plain(node: ast.expr) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _plain(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    return None
