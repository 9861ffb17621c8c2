"""Arithmetic over named readings, read strictly: what a validation row may say about the results of its arms.

Allowed: numbers, names with dots (`high.SBP`, `low.before.MAP`), + - * /, unary minus, comparisons, and
`abs min max log sqrt`. Everything else is refused with a sentence. Nothing is ever handed to Python's own `eval`.
A comparison counts 1 when it holds and 0 when it does not.
"""

import ast
import math
import operator
from collections.abc import Callable

Lookup = Callable[[str], float]

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "abs": (abs, 1, 1),
    "min": (min, 2, 20),
    "max": (max, 2, 20),
    "log": (math.log, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
}
LONGEST = 400
"""Characters an expression may have (assumed: no published row needs a quarter of it)."""


class ExpressionError(ValueError):
    """An expression that says something outside the small language, with the reason in words."""


def _parse(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise ExpressionError(f"expression longer than {LONGEST} characters: {text[:40]}...")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as problem:
        raise ExpressionError(f"cannot read the expression {text!r}") from problem


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise ExpressionError(f"only plain names with dots can be read, not {ast.unparse(node)!r}")


def _call(node: ast.Call, lookup: Lookup) -> float:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in _FUNCTIONS:
        raise ExpressionError(f"{name!r} is not one of the functions {', '.join(_FUNCTIONS)}")
    function, fewest, most = _FUNCTIONS[name]
    if node.keywords or not fewest <= len(node.args) <= most:
        raise ExpressionError(f"{name}() takes {fewest} to {most} plain values")
    return float(function(*(_value(argument, lookup) for argument in node.args)))


def _compare(node: ast.Compare, lookup: Lookup) -> float:
    values = [_value(part, lookup) for part in (node.left, *node.comparators)]
    holds = True
    for left, sign, right in zip(values, node.ops, values[1:], strict=False):
        if type(sign) not in _COMPARE:
            raise ExpressionError(f"only < <= > >= can be used to compare, not {type(sign).__name__}")
        holds = holds and _COMPARE[type(sign)](left, right)
    return 1.0 if holds else 0.0


def _value(node: ast.expr, lookup: Lookup) -> float:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ExpressionError(f"{node.value!r} is not a number")
        return float(node.value)
    if isinstance(node, ast.Name | ast.Attribute):
        return float(lookup(_dotted(node)))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_value(node.left, lookup), _value(node.right, lookup))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, lookup)
    if isinstance(node, ast.Compare):
        return _compare(node, lookup)
    if isinstance(node, ast.Call):
        return _call(node, lookup)
    raise ExpressionError(f"{ast.unparse(node)!r} is outside the arithmetic allowed here")


def evaluate(text: str, lookup: Lookup) -> float:
    """The value of an expression; `lookup` gives the number behind each dotted name."""
    tree = _parse(text)
    try:
        return _value(tree, lookup)
    except ZeroDivisionError as problem:
        raise ExpressionError(f"division by zero in {text!r}") from problem
    except ValueError as problem:
        if isinstance(problem, ExpressionError):
            raise
        raise ExpressionError(f"{text!r}: {problem}") from problem


def names(text: str) -> set[str]:
    """Every dotted name the expression reads."""
    found: set[str] = set()

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.Name | ast.Attribute):
            found.add(_dotted(node))
        elif isinstance(node, ast.Call):
            for argument in node.args:
                walk(argument)
        else:
            for child in ast.iter_child_nodes(node):
                walk(child)

    walk(_parse(text))
    return found
