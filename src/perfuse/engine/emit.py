"""From equations to C++: the kernel's Python text and every equation it calls, as templates over a number or a vector of numbers.

Two kinds of function are written:

* an *equation* (marked `@equation`): pure, floats and groups of floats in and out. `T` is one patient's number or a vector of several
  patients' numbers; `a if c else b` becomes a select, so both sides are worked out, in every lane.
* a *routine* (its first argument is annotated `Rows`): a loop over the rows of a buffer that calls equations. Its floats and ints are the
  same for all patients.

What is written computes the bits of the Python text: the same operations in the same order, no library, no reordering. What has no such
meaning is refused with file and line (`EmitError`). This module and all it imports need the standard library alone: it runs while the
package is being built.
"""

import ast
import builtins
import inspect
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfuse.engine.groups import fields_of, is_group
from perfuse.engine.layout import SPECIALISED, Parts
from perfuse.engine.samples import Samples, copy_rows
from perfuse.ops import Rows, is_equation

REAL, NUMBER, INT, MASK, FLAG, ROWS, NOTHING = "T", "double", "int64_t", "mask<T>", "bool", "T*", "void"
"""Kinds of value: of each patient (REAL, and the truth of a comparison MASK); of all patients (NUMBER, INT, FLAG); the buffer."""

KEYWORDS = frozenset({
    "alignas", "alignof", "and", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "class", "compl", "const",
    "constexpr", "continue", "decltype", "default", "delete", "do", "double", "else", "enum", "explicit", "export", "extern", "false",
    "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "nullptr",
    "operator", "or", "private", "protected", "public", "register", "return", "short", "signed", "sizeof", "static", "struct", "switch",
    "template", "this", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void",
    "volatile", "wchar_t", "while", "xor", "T", "mask", "real", "pick",
})  # fmt: skip
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISONS = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
MATHEMATICS = {math.sqrt: "square_root", math.floor: "round_down"}
WHOLE = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.BitAnd: "&"}

Group = type
Kind = Any  # one of the words above, a group (a class), or a Union of groups


class EmitError(Exception):
    """What cannot be written as C++, as one sentence with its file and line."""


@dataclass
class Scope:
    """One function while it is being written."""

    file: str
    first_line: int
    globals: Mapping[str, Any]
    routine: bool
    names: dict[str, Kind] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    hoisted: dict[str, Kind] = field(default_factory=dict)
    returns: Kind = NOTHING

    def refuse(self, node: ast.AST, why: str, instead: str = "") -> EmitError:
        """The error for a piece of a function."""
        line = getattr(node, "lineno", 1) + self.first_line - 1
        hint = f"; {instead}" if instead else ""
        return EmitError(f"{self.file}:{line}: {ast.unparse(node)[:80]!r} cannot be written as C++: {why}{hint}.")


def literal(value: float) -> str:
    """A double as C++ reads it back to the same bits."""
    if math.isnan(value):
        return '__builtin_nan("")'
    if math.isinf(value):
        return "__builtin_inf()" if value > 0 else "-__builtin_inf()"
    return repr(float(value))


def place_of(module: str) -> str:
    """Where a module lies, without the machine's path: physiology/heart.py."""
    return "/".join(module.split(".")[1:] or [module]) + ".py"


class Emitter:
    """Collects what is asked for, each group and function once, in an order in which C++ can read it."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._groups: dict[Group, str] = {}
        self._functions: dict[Callable[..., Any], str] = {}
        self._busy: set[Callable[..., Any]] = set()
        self._trees: dict[str, dict[str, ast.FunctionDef]] = {}
        self._spaces: dict[str, str] = {}

    # -- names and kinds ---------------------------------------------------------------------------------------------------

    def _space(self, module: str) -> str:
        """The namespace of a module: its last name, with what stands before it where two modules share that name."""
        words = module.split(".")
        for count in range(1, len(words) + 1):
            name = "_".join(words[-count:])
            if self._spaces.setdefault(name, module) == module:
                return f"{name}_" if name in KEYWORDS else name
        raise AssertionError(module)

    def group(self, kind: Group) -> str:
        """The C++ name of a group of floats (a NamedTuple or a frozen dataclass), defined if it is not."""
        if kind not in self._groups:
            inside = {name: self.kind_of(hint) for name, hint in fields_of(kind).items()}
            members = " ".join(f"{self.type_of(one)} {safe(name)};" for name, one in inside.items())
            space = self._space(kind.__module__)
            self._groups[kind] = f"{space}::{safe(kind.__name__)}"
            self.text.append(f"namespace {space} {{ template<class T> struct {safe(kind.__name__)} {{ {members} }}; }}")
        return f"{self._groups[kind]}<T>"

    def kind_of(self, hint: Any) -> Kind:
        """The kind that an annotation means in an equation."""
        if hint is float:
            return REAL
        if hint is bool:
            return MASK
        if is_group(hint) or is_union(hint):
            return hint
        raise EmitError(f"the annotation {hint!r} is neither float nor bool nor a group of floats")

    def type_of(self, kind: Kind) -> str:
        """The C++ type of a kind."""
        return kind if isinstance(kind, str) else self.group(kind)

    # -- functions ---------------------------------------------------------------------------------------------------------

    def function(self, function: Callable[..., Any]) -> str:
        """The C++ name of an equation or routine, written if it is not."""
        found = self._functions.get(function)
        if found is None:
            tree, where = self._tree(function)
            if function in self._busy:
                raise EmitError(f"{where}:{tree.lineno}: {function.__name__} calls itself, which has no counterpart in C++.")
            self._busy.add(function)
            found = self._functions[function] = self._write(function, tree, where)
        return found

    def _tree(self, function: Callable[..., Any]) -> tuple[ast.FunctionDef, str]:
        """The syntax tree of a function and the file it stands in."""
        file = inspect.getsourcefile(function)
        if file not in self._trees:
            assert file is not None
            body = ast.parse(Path(file).read_text(encoding="utf-8")).body
            self._trees[file] = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        if function.__name__ not in self._trees[file]:
            raise EmitError(f"{place_of(function.__module__)}: {function.__name__} does not stand at the top of its file")
        return self._trees[file][function.__name__], place_of(function.__module__)

    def module(self, text: str, space: dict[str, Any], where: str) -> None:
        """Write every function of a text that was executed in `space` (the kernel)."""
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                made = space[node.name]
                self._functions[made] = self._write(made, node, where)

    def _write(self, function: Callable[..., Any], tree: ast.FunctionDef, where: str) -> str:
        hints = typing.get_type_hints(function)
        arguments = list(inspect.signature(function).parameters)
        routine = bool(arguments) and hints.get(arguments[0]) == Rows
        scope = Scope(where, 1, function.__globals__, routine, parameters=frozenset(arguments))
        if not routine and not is_equation(function):
            raise scope.refuse(tree.args if tree.args.args else tree, f"{function.__name__} is not marked @equation")
        given, templates = [], ["class T"]
        changed = stored(tree)
        before = []
        for name in arguments:
            if name not in hints:
                raise scope.refuse(tree.args, f"the argument {name} has no annotation")
            if hints[name] is Parts:
                scope.names[name] = INT
                templates.append("int64_t fixed")
                given.append(f"int64_t {safe(name)}_")
                before.append(f"const int64_t {safe(name)} = fixed < 0 ? {safe(name)}_ : fixed;")
                continue
            kind = scope.names[name] = self._argument(hints[name], scope, tree.args)
            if is_union(kind):
                templates.append(f"class {name.upper()}_")
                spelt = f"const {name.upper()}_&"
            else:
                spelt = kind if kind == ROWS else f"const {self.type_of(kind)}&" if not scope.routine or is_group(kind) else kind
            inside = safe(name)
            if name in changed and kind != ROWS:
                before.append(f"{self.type_of(kind)} {inside} = {inside}_;")
                inside += "_"
            given.append(f"{spelt} {inside}")
        returns = hints.get("return", type(None))
        scope.returns = NOTHING if returns is type(None) else self._argument(returns, scope, tree.args)
        lines = self._block(tree.body, scope, top=True)
        for name, kind in scope.hoisted.items():
            before.append(f"{self.type_of(kind)} {safe(name)};")
        space = self._space(function.__module__)
        body = "\n".join(f"  {line}" for line in (*before, *lines))
        kept = "NEVER_INLINED" if routine else "INLINED"
        head = f"template<{', '.join(templates)}> {kept} {self.type_of(scope.returns)} {safe(function.__name__)}({', '.join(given)})"
        self.text.append(f"// {where}:{tree.lineno}\nnamespace {space} {{ {head} {{\n{body}\n}} }}")
        if Parts in hints.values():
            self.text.append(self._dispatcher(space, function, [(name, scope.names[name]) for name in arguments], hints))
        return f"{space}::{safe(function.__name__)}"

    def _dispatcher(self, space: str, function: Callable[..., Any], arguments: list[tuple[str, Kind]], hints: Mapping[str, Any]) -> str:
        """A routine that is written once for each of SPECIALISED, and once for all others, chosen by the parts at hand."""
        name = safe(function.__name__)
        typed = ", ".join(f"{self.type_of(kind)} {safe(one)}" for one, kind in arguments)
        chooser = next(one for one, _ in arguments if hints[one] is Parts)
        known = [(f"case {parts}", parts) for parts in SPECIALISED]
        given = ", ".join(safe(one) for one, _ in arguments)
        cases = "\n".join(f"    {word}: return {name}<T, {parts}>({given});" for word, parts in [*known, ("default", -1)])
        return f"namespace {space} {{ template<class T> INLINED void {name}({typed}) {{\n  switch ({chooser}) {{\n{cases}\n  }}\n}} }}"

    def _argument(self, hint: Any, scope: Scope, node: ast.AST) -> Kind:
        if hint == Rows:
            return ROWS
        if scope.routine and hint in UNIFORM:
            return UNIFORM[hint]
        try:
            return self.kind_of(hint)
        except EmitError as error:
            raise scope.refuse(node, str(error), "say float, or a group of floats") from None

    # -- statements --------------------------------------------------------------------------------------------------------

    def _block(self, body: Iterable[ast.stmt], scope: Scope, top: bool = False) -> list[str]:
        lines: list[str] = []
        for node in body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring
            lines += self._statement(node, scope, top)
        return lines

    def _statement(self, node: ast.stmt, scope: Scope, top: bool) -> list[str]:
        match node:
            case ast.Return(value=None):
                return ["return;"]
            case ast.Return(value=ast.expr() as value):
                return [f"return {self._as(value, scope.returns, scope)};"]
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
                found = [self._expression(value, scope) for value in values]
                held = [f"const auto {temporary(i, node)} = {text};" for i, (text, _) in enumerate(found)]
                return held + [
                    line
                    for i, (target, (_, kind)) in enumerate(zip(targets, found, strict=True))
                    for line in self._store(target, temporary(i, node), kind, scope, top)
                ]
            case ast.AnnAssign(target=target, annotation=ast.Name(id="float"), value=ast.expr() as value):
                return self._store(target, self._as(value, REAL, scope), REAL, scope, top)
            case ast.Assign(targets=[target], value=value):
                return self._store(target, *self._expression(value, scope), scope, top)
            case ast.AugAssign(target=target, op=op, value=value):
                return self._statement(ast.copy_location(ast.Assign([target], ast.BinOp(loaded(target), op, value)), node), scope, top)
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=limits), orelse=[]):
                return self._loop(name, limits, node, scope)
            case ast.If(test=test, body=body, orelse=other):
                condition, kind = self._expression(test, scope)
                if kind == INT:
                    condition = f"({condition} != 0)"
                elif kind != FLAG:
                    raise scope.refuse(test, "patients would go different ways", "write `a if c else b`, which works out both")
                lines = [f"if {condition} {{", *indented(self._block(body, scope)), "}"]
                return lines if not other else [*lines[:-1], "} else {", *indented(self._block(other, scope)), "}"]
            case ast.Expr(value=ast.Call() as call):
                return [f"{self._expression(call, scope)[0]};"]
            case ast.Pass():
                return []
        raise scope.refuse(node, f"a {type(node).__name__} has no counterpart", "use assignments, fixed loops and `a if c else b`")

    def _store(self, target: ast.expr, text: str, kind: Kind, scope: Scope, top: bool) -> list[str]:
        if isinstance(target, ast.Subscript):
            place, held = self._expression(target, scope)
            return [f"{place} = {convert(text, kind, held)};"]
        if not isinstance(target, ast.Name):
            raise scope.refuse(target, "only names and rows can be assigned")
        name = target.id
        if kind == NOTHING:
            raise scope.refuse(target, "a routine gives nothing back")
        if kind in (INT, NUMBER) and not scope.routine:
            text, kind = convert(text, kind, REAL), REAL
        if name not in scope.names:
            scope.names[name] = kind
            if top:
                return [f"{self.type_of(kind)} {safe(name)} = {text};"]
            scope.hoisted[name] = kind
        elif scope.names[name] != kind:
            if scope.names[name] == REAL and kind in (INT, NUMBER):
                text = convert(text, kind, REAL)
            else:
                raise scope.refuse(target, f"{name} was {words(scope.names[name])} before and is {words(kind)} now", "take another name")
        return [f"{safe(name)} = {text};"]

    def _loop(self, name: str, limits: list[ast.expr], node: ast.For, scope: Scope) -> list[str]:
        step = self._const(limits[2], scope) if len(limits) == 3 else 1
        if not isinstance(step, int) or step == 0:
            raise scope.refuse(node.iter, "the step of a loop must be a whole number that is known")
        whole = [self._const(limit, scope) for limit in limits[:2]]
        texts = [str(value) if isinstance(value, int) else self._as(limit, INT, scope) for value, limit in zip(whole, limits, strict=False)]
        low, high = texts if len(limits) > 1 else ("0", texts[0])
        known = scope.names.get(name)
        scope.names[name] = INT
        inside = self._block(node.body, scope)
        if known is None:
            del scope.names[name]
        compare = "<" if step > 0 else ">"
        i = safe(name)
        return [f"for (int64_t {i} = {low}; {i} {compare} {high}; {i} += {step}) {{", *indented(inside), "}"]

    # -- expressions -------------------------------------------------------------------------------------------------------

    def _const(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression that no local name enters, worked out by Python itself; None where one does."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and (inner.id in scope.names or inner.id in scope.parameters or not known(inner.id, scope)):
                return None
            if isinstance(inner, ast.Call):
                return None
        try:
            value = eval(compile(ast.Expression(node), scope.file, "eval"), dict(scope.globals))
        except ZeroDivisionError as error:
            raise scope.refuse(node, str(error)) from None
        except Exception:
            return None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def _as(self, node: ast.expr, kind: Kind, scope: Scope) -> str:
        """An expression, turned into a kind."""
        text, found = self._expression(node, scope)
        if found == kind or is_union(kind):
            return text
        try:
            return convert(text, found, kind)
        except TypeError:
            raise scope.refuse(node, f"{words(found)} stands where {words(kind)} is needed") from None

    def _expression(self, node: ast.expr, scope: Scope) -> tuple[str, Kind]:
        value = self._const(node, scope)
        if value is not None:
            if isinstance(value, int) and scope.routine:
                return str(value), INT
            return (literal(float(value)), NUMBER) if scope.routine else (f"real<T>({literal(float(value))})", REAL)
        match node:
            case ast.Name(id=name) if name in scope.names:
                return safe(name), scope.names[name]
            case ast.Name(id=name) if name in scope.parameters:
                raise scope.refuse(node, f"{name} is used before it has a value")
            case ast.Name(id=name):
                raise scope.refuse(node, f"nothing here has the name {name}")
            case ast.Attribute(value=inner, attr=attribute):
                return self._attribute(node, inner, attribute, scope)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(node, left, op, right, scope)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                text, kind = self._expression(inner, scope)
                if kind not in (REAL, NUMBER, INT):
                    raise scope.refuse(node, f"there is no minus of {words(kind)}")
                return f"(-{text})", kind
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                text, kind = self._expression(inner, scope)
                if kind not in (MASK, FLAG):
                    raise scope.refuse(node, f"there is no `not` of {words(kind)}", "compare it with 0")
                return (f"not_({text})" if kind == MASK else f"(!{text})"), kind
            case ast.Compare(left=left, ops=operators, comparators=others):
                return self._comparison(node, [left, *others], operators, scope)
            case ast.BoolOp(op=op, values=values):
                found = [self._expression(value, scope) for value in values]
                kind = found[0][1]
                if kind not in (MASK, FLAG) or any(one != kind for _, one in found):
                    raise scope.refuse(node, "`and` and `or` join comparisons alone", "compare each with a number")
                sign = ("&" if isinstance(op, ast.And) else "|") * (2 if kind == FLAG else 1)
                return f"({f' {sign} '.join(text for text, _ in found)})", kind
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._choice(node, test, yes, no, scope)
            case ast.Subscript(value=ast.Name(id=name), slice=at) if scope.names.get(name) == ROWS:
                return f"{safe(name)}[{self._as(at, INT, scope)}]", REAL
            case ast.Call():
                return self._call(node, scope)
        raise scope.refuse(node, f"a {type(node).__name__} has no counterpart")

    def _attribute(self, node: ast.expr, inner: ast.expr, attribute: str, scope: Scope) -> tuple[str, Kind]:
        text, kind = self._expression(inner, scope)
        groups = typing.get_args(kind) if is_union(kind) else (kind,)
        if not all(is_group(one) and attribute in fields_of(one) for one in groups):
            raise scope.refuse(node, f"{words(kind)} has no field {attribute}")
        kinds = [self.kind_of(fields_of(one)[attribute]) for one in groups]
        if any(one != kinds[0] for one in kinds):
            raise scope.refuse(node, f"the field {attribute} is not the same kind in each of {words(kind)}")
        return f"{text}.{safe(attribute)}", kinds[0]

    def _binary(self, node: ast.expr, left: ast.expr, op: ast.operator, right: ast.expr, scope: Scope) -> tuple[str, Kind]:
        (a, first), (b, second) = self._expression(left, scope), self._expression(right, scope)
        kinds = {first, second}
        if kinds <= {MASK} and isinstance(op, ast.BitOr | ast.BitAnd):
            return f"({a} {'|' if isinstance(op, ast.BitOr) else '&'} {b})", MASK
        if kinds == {INT}:
            if type(op) in WHOLE:
                return f"({a} {WHOLE[type(op)]} {b})", INT
            if isinstance(op, ast.FloorDiv | ast.Mod):
                return f"{'floor_division' if isinstance(op, ast.FloorDiv) else 'floor_remainder'}({a}, {b})", INT
        elif kinds <= {REAL, NUMBER, INT} and type(op) in ARITHMETIC:
            kind = REAL if REAL in kinds else NUMBER
            return f"({convert(a, first, kind)} {ARITHMETIC[type(op)]} {convert(b, second, kind)})", kind
        instead = "use perfuse.ops.power, or a product" if isinstance(op, ast.Pow) else ""
        raise scope.refuse(node, f"there is no {type(op).__name__} of {words(first)} and {words(second)}", instead)

    def _comparison(self, node: ast.expr, sides: list[ast.expr], operators: list[ast.cmpop], scope: Scope) -> tuple[str, Kind]:
        found = [self._expression(side, scope) for side in sides]
        kinds = {kind for _, kind in found}
        if not kinds <= {REAL, NUMBER, INT} or any(type(op) not in COMPARISONS for op in operators):
            raise scope.refuse(node, "only numbers are compared, by < <= > >= == !=")
        common = REAL if REAL in kinds else NUMBER if NUMBER in kinds else INT
        texts = [convert(text, kind, common) for text, kind in found]
        pairs = [f"({texts[i]} {COMPARISONS[type(op)]} {texts[i + 1]})" for i, op in enumerate(operators)]
        return (pairs[0] if len(pairs) == 1 else f"({' & '.join(pairs)})"), MASK if common == REAL else FLAG

    def _choice(self, node: ast.expr, test: ast.expr, yes: ast.expr, no: ast.expr, scope: Scope) -> tuple[str, Kind]:
        condition, kind = self._expression(test, scope)
        (a, first), (b, second) = self._expression(yes, scope), self._expression(no, scope)
        if kind not in (MASK, FLAG):
            raise scope.refuse(test, f"{words(kind)} is no condition", "compare it with 0")
        numbers = {REAL, NUMBER, INT}
        if first != second and {first, second} <= numbers:
            common = REAL if kind == MASK or REAL in (first, second) else NUMBER
            a, b, first = convert(a, first, common), convert(b, second, common), common
        elif first != second:
            raise scope.refuse(node, f"it is {words(first)} or {words(second)}")
        elif kind == MASK and first in (NUMBER, INT):
            a, b, first = convert(a, first, REAL), convert(b, first, REAL), REAL
        if kind == FLAG:
            return f"({condition} ? {a} : {b})", first
        if is_group(first):
            raise scope.refuse(node, "a whole group is chosen by lanes", "choose each of its fields")
        return f"pick<T>({condition}, {a}, {b})", first

    def _call(self, node: ast.Call, scope: Scope) -> tuple[str, Kind]:
        if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
            raise scope.refuse(node, "arguments must be written out")
        called = self._called(node, scope)
        if called in MATHEMATICS and len(node.args) == 1:
            kind = NUMBER if scope.routine and self._expression(node.args[0], scope)[1] != REAL else REAL
            return f"{MATHEMATICS[called]}({self._as(node.args[0], kind, scope)})", kind
        if called is float and len(node.args) == 1:
            text, kind = self._expression(node.args[0], scope)
            return (convert(text, kind, NUMBER), NUMBER) if kind == INT else (text, kind)
        if isinstance(called, type) and is_group(called):
            fields = fields_of(called)
            given = self._given(node, scope, list(fields), defaults_of(called))
            inside = (self._as(given[name], self.kind_of(hint), scope) for name, hint in fields.items())
            return f"{self.group(called)}{{{', '.join(inside)}}}", called
        if not isinstance(called, types.FunctionType):
            raise scope.refuse(node, f"{ast.unparse(node.func)} is no equation", "take its counterpart of perfuse.ops")
        if called in BUILT_IN:
            name, kinds = BUILT_IN[called]
            return f"{name}({', '.join(self._as(a, kind, scope) for a, kind in zip(node.args, kinds, strict=True))})", NOTHING
        return self._called_function(node, called, scope)

    def _called_function(self, node: ast.Call, called: Callable[..., Any], scope: Scope) -> tuple[str, Kind]:
        name = self.function(called)
        hints = typing.get_type_hints(called)
        signature = inspect.signature(called).parameters
        callee = Scope("", 1, {}, routine=bool(signature) and hints[next(iter(signature))] == Rows)
        defaults = {n: p.default for n, p in signature.items() if p.default is not inspect.Parameter.empty}
        given = self._given(node, scope, list(signature), defaults)
        texts = []
        for argument in signature:
            hint = int if hints[argument] is Parts else hints[argument]
            texts.append(self._as(given[argument], self._argument(hint, callee, node), scope))
        returns = hints.get("return", type(None))
        kind = NOTHING if returns is type(None) else self._argument(returns, callee, node)
        return f"{name}<T>({', '.join(texts)})", kind

    def _called(self, node: ast.Call, scope: Scope) -> Any:
        match node.func:
            case ast.Name(id=name) if name not in scope.names and known(name, scope):
                return scope.globals.get(name, getattr(builtins, name, None))
            case ast.Attribute(value=ast.Name(id=module), attr=name) if isinstance(scope.globals.get(module), types.ModuleType):
                return getattr(scope.globals[module], name, None)
        raise scope.refuse(node, f"nothing here has the name {ast.unparse(node.func)}")

    def _given(self, node: ast.Call, scope: Scope, names: list[str], defaults: Mapping[str, Any]) -> dict[str, ast.expr]:
        """Arguments of a call by name; what has a default and is not given is that value."""
        given = dict(zip(names, node.args, strict=False)) | {str(one.arg): one.value for one in node.keywords}
        given = {name: ast.copy_location(ast.Constant(value), node) for name, value in defaults.items() if name not in given} | given
        if len(node.args) > len(names) or set(given) != set(names):
            lacking, extra = set(names) - set(given), set(given) - set(names)
            said = [*(f"{name} is not given" for name in sorted(lacking)), *(f"{name} is unknown" for name in sorted(extra))]
            raise scope.refuse(node, ", ".join(said) or "there are too many arguments")
        return given


def is_union(kind: Any) -> bool:
    """Whether an argument may be one of several groups."""
    return any(typing.get_origin(kind) is one for one in (typing.Union, types.UnionType))


def defaults_of(kind: type) -> dict[str, Any]:
    """Fields of a group that have a value of their own."""
    if hasattr(kind, "_field_defaults"):
        return dict(kind._field_defaults)
    return {name: getattr(kind, name) for name in fields_of(kind) if hasattr(kind, name)}


def known(name: str, scope: Scope) -> bool:
    """Whether a global name or a builtin has this name."""
    return name in scope.globals or hasattr(builtins, name)


def safe(name: str) -> str:
    """A name that C++ does not use itself."""
    return f"{name}_" if name in KEYWORDS else name


def temporary(number: int, node: ast.AST) -> str:
    """A name for a value that is held while others are worked out."""
    return f"held_{node.lineno}_{number}"  # type: ignore[attr-defined]


def loaded(target: ast.expr) -> ast.expr:
    """What is assigned, read."""
    return ast.parse(ast.unparse(target), mode="eval").body


def stored(tree: ast.FunctionDef) -> set[str]:
    """Names that a function assigns."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def indented(lines: list[str]) -> list[str]:
    """Lines one step further in."""
    return [f"  {line}" for line in lines]


def words(kind: Kind) -> str:
    """A kind as one says it."""
    named = {REAL: "a number of each patient", MASK: "a comparison", NUMBER: "a number", INT: "a whole number", FLAG: "a condition"}
    if not isinstance(kind, str):
        return f"the group {getattr(kind, '__name__', kind)}"
    return (
        named.get(kind, "the buffer" if kind == ROWS else "nothing")
        if isinstance(kind, str)
        else f"the group {getattr(kind, '__name__', kind)}"
    )


def convert(text: str, found: Kind, wanted: Kind) -> str:
    """An expression of one kind as another; TypeError where that has no meaning."""
    if found == wanted:
        return text
    if found == INT and wanted == NUMBER:
        return f"(double){text}"
    if found in (INT, NUMBER) and wanted == REAL:
        return f"real<T>({text})" if found == NUMBER else f"real<T>((double){text})"
    raise TypeError(found, wanted)


SAMPLES = "const Samples&"
UNIFORM: dict[Any, str] = {float: NUMBER, int: INT, bool: FLAG, Samples: SAMPLES}
"""What an annotation of a routine means."""
BUILT_IN: dict[Callable[..., Any], tuple[str, tuple[Kind, ...]]] = {copy_rows: ("copy_rows<T>", (ROWS, SAMPLES, INT))}
"""Functions that prelude.hpp brings along: their names and the kinds of their arguments."""
