"""One function on its way from Python to C++: its names, its statements, its expressions. engine/emit.py says what is written and why."""

import ast
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from perfuse.engine.cpp import (
    FLAG,
    FLOOR,
    INT,
    MASK,
    NOTHING,
    NUMBER,
    OF_EACH,
    REAL,
    ROWS,
    SAMPLES,
    EmitError,
    Kind,
    Signature,
    Value,
    is_routine,
    is_union,
    kind_of,
    literal,
    looked_up,
    mixed,
    refusal,
    safe,
    said,
)  # fmt: skip
from perfuse.engine.groups import defaults_of, fields_of, is_group
from perfuse.ops import is_equation

if TYPE_CHECKING:
    from perfuse.engine.emit import Emitter

ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
WHOLE = {ast.Add: "({} + {})", ast.Sub: "({} - {})", ast.Mult: "({} * {})", ast.BitAnd: "({} & {})",
         ast.FloorDiv: "floor_division({}, {})", ast.Mod: "floor_remainder({}, {})"}  # fmt: skip
COMPARISONS = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
CONSTANT = (ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
LARGEST = 2**53
"""Whole numbers up to here are doubles too."""
POINT = "write a float: 1.0 for 1, float(n) for what counts"
INSTEAD = "use + - * /, comparisons, `a if c else b`, and calls of equations"


class Body:
    """One function while it is being written."""

    def __init__(self, emitter: "Emitter", function: Callable[..., Any], tree: ast.FunctionDef, where: str, made: Signature) -> None:
        self.emitter, self.where, self.made, self.globals = emitter, where, made, function.__globals__
        self.last = tree.body[-1]
        self.assigned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self.locals = frozenset({*made.arguments, *self.assigned})
        self.of_each = not is_routine(function)  # an equation: its numbers are each patient's
        self.kinds = dict(made.arguments)  # of names that had a value so far
        self.live = set(made.arguments)  # names that surely have one here
        self.fixed = {made.parts}  # names that are not assigned: what loops count with
        self.declared: list[str] = []  # lines for names that begin inside a loop or an `if`
        self.held = 0  # values that were held while others were worked out

    def refuse(self, node: ast.AST, why: str, instead: str) -> EmitError:
        """The error for a piece of this function."""
        return refusal(self.where, node, why, instead)

    def lines(self, tree: ast.FunctionDef) -> list[str]:
        """The whole body."""
        written = self._block(tree.body, top=True)
        return [*self.declared, *written]

    # -- statements --------------------------------------------------------------------------------------------------------

    def _block(self, body: Iterable[ast.stmt], top: bool = False) -> list[str]:
        return [line for node in body for line in self._statement(node, top)]

    def _statement(self, node: ast.stmt, top: bool) -> list[str]:
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):  # a docstring
                return []
            case ast.Return(value=value) if node is self.last:
                return [f"return {self._fit(value, self.made.returns)};"] if value else ["return;"]
            case ast.Return():
                raise self.refuse(node, "a function is left in its last line alone", "choose what it returns by `a if c else b`")
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
                return self._together(targets, values, top)
            case ast.Assign(targets=[target], value=value):
                return self._store(target, self._expression(value), top)
            case ast.AnnAssign(target=ast.Name() as target, annotation=ast.Name(id="float"), value=ast.expr() as value):
                return self._store(target, Value(self._fit(value, REAL), REAL), top)
            case ast.AugAssign(target=target, op=op, value=value):
                return self._store(target, self._binary(node, target, op, value), top)
            case ast.For(orelse=[]):
                return self._loop(node)
            case ast.If():
                return self._branch(node)
            case ast.Expr(value=ast.Call() as call):
                return [f"{self._call(call).text};"]
        said_of = f"there is no counterpart of {type(node).__name__}"
        raise self.refuse(node, said_of, "use `name = ...`, `for i in range(...)` and `a if c else b`; `x: float = ...` begins a number")

    def _together(self, targets: list[ast.expr], values: list[ast.expr], top: bool) -> list[str]:
        """`a, b = b, a`: all values are worked out before the first is assigned."""
        found = [self._expression(value) for value in values]
        names = [f"held{self.held + i}_" for i in range(len(found))]
        self.held += len(found)
        lines = [f"const {self._holds(value, node)} {name} = {value.text};"
                 for name, value, node in zip(names, found, values, strict=True)]  # fmt: skip
        for target, name, value in zip(targets, names, found, strict=True):
            lines += self._store(target, Value(name, value.kind), top)
        return lines

    def _holds(self, value: Value, node: ast.expr) -> str:
        """The C++ type of a variable that holds a value."""
        if value.kind in (NOTHING, ROWS, SAMPLES) or is_union(value.kind):
            raise self.refuse(node, f"{said(value.kind)} cannot be assigned", "assign numbers, comparisons and groups")
        return self.emitter.type_of(value.kind)

    def _store(self, target: ast.expr, value: Value, top: bool) -> list[str]:
        if isinstance(target, ast.Subscript):
            return [f"{self._expression(target).text} = {self._fitted(value, REAL, target)};"]
        if not isinstance(target, ast.Name):
            raise self.refuse(target, "only names and rows are assigned", "make a new group, or give each of several values its name")
        name = target.id
        if name in self.fixed:
            raise self.refuse(target, "a loop counts with it, or it chooses the structure", "take another name")
        if self.of_each and value.kind == NUMBER:
            value = Value(mixed(value, REAL), REAL)
        kind = self._holds(value, target)
        begins = name not in self.kinds
        before = self.kinds.setdefault(name, value.kind)
        if before != value.kind and (before, value.kind) != (REAL, NUMBER):
            hint = POINT if {before, value.kind} & {INT, FLOOR} else "take another name, or begin it as `x: float = ...`"
            raise self.refuse(target, f"{name} is {said(before)} elsewhere and {said(value.kind)} here", hint)
        self.live.add(name)
        line = f"{safe(name)} = {mixed(value, before)};"
        if begins and not top:
            self.declared.append(f"{kind} {safe(name)};")
        return [f"{kind} {line}" if begins and top else line]

    def _branch(self, node: ast.If) -> list[str]:
        """What only one branch assigns has no value after it."""
        test = self._expression(node.test)
        if test.kind not in (INT, FLAG):
            why = "patients would go different ways" if test.kind == MASK else f"{said(test.kind)} is no condition"
            raise self.refuse(node.test, why, "write `a if c else b`, which works out both, on a comparison")
        before = set(self.live)
        yes = self._block(node.body)
        after, self.live = self.live, set(before)
        no = self._block(node.orelse)
        self.live = self.live | after if self.made.parts else self.live & after
        condition = test.text if test.kind == FLAG else f"{test.text} != 0"
        condition = condition if condition.startswith("(") and test.kind == FLAG else f"({condition})"
        return [f"if {condition} {{", *_indented(yes), *(["} else {", *_indented(no)] if no else []), "}"]

    def _loop(self, node: ast.For) -> list[str]:
        """What is assigned in a loop has a value after it where the loop surely runs; what it counts with has none."""
        match node:
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=called, args=[*limits], keywords=[])) if 1 <= len(limits) <= 3:
                ranges = looked_up(called, self.globals, self.locals) is range
            case _:
                ranges = False
        if not ranges:
            raise self.refuse(node, "a loop counts through whole numbers alone", "write `for i in range(...)`")
        if name in self.kinds:
            raise self.refuse(node.target, f"{name} has another meaning already", "take another name for what the loop counts with")
        found = [self._expression(limit) for limit in limits]
        for value, limit in zip(found, limits, strict=True):
            self._fitted(value, INT, limit)
        first, last = found[:2] if len(found) > 1 else (Value("0", INT, 0), found[0])
        step = int(found[2].known or 0) if len(found) == 3 else 1
        if step == 0:
            raise self.refuse(node, "the step of a loop must be known, and not 0", "write it as a whole number")
        runs = first.known is not None and last.known is not None and range(int(first.known), int(last.known), step)
        before = set(self.live)
        self.kinds[name] = INT
        self.live.add(name)
        self.fixed.add(name)
        inside = self._block(node.body)
        del self.kinds[name]
        self.fixed.remove(name)
        if not runs and not self.made.parts:
            self.live &= before
        self.live.discard(name)
        i = safe(name)
        end = last.text if last.known is not None else f"end_of_{i}_"
        begin = f"{i} = {first.text}" + (f", {end} = {last.text}" if last.known is None else "")
        return [f"for (int64_t {begin}; {i} {'<' if step > 0 else '>'} {end}; {i} += {step}) {{", *_indented(inside), "}"]

    # -- expressions -------------------------------------------------------------------------------------------------------

    def _known(self, node: ast.expr) -> float | None:
        """The value of arithmetic on constants, worked out by Python itself; None where a local name enters."""
        if any(not isinstance(one, CONSTANT) or getattr(one, "id", None) in self.locals for one in ast.walk(node)):
            return None

        def worked_out(part: ast.expr) -> Any:
            return eval(compile(ast.Expression(part), self.where, "eval"), self.globals)

        try:
            value = worked_out(node)
            holders = [one.value for one in ast.walk(node) if isinstance(one, ast.Attribute | ast.Subscript)]
            changing = [one for one in holders if not isinstance(worked_out(one), (tuple, types.ModuleType, type))]
        except ZeroDivisionError:
            raise self.refuse(node, "it divides by zero", "divide by something else") from None
        except (NameError, AttributeError, TypeError, ValueError, LookupError, OverflowError):
            return None
        if changing:
            raise self.refuse(changing[0], "what it holds can change", "make it a tuple or a NamedTuple")
        if isinstance(value, int) and abs(value) > LARGEST:
            raise self.refuse(node, "whole numbers beyond 2**53 are not exact", "write a float")
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def _fit(self, node: ast.expr, kind: Kind) -> str:
        """An expression where a kind is needed."""
        return self._fitted(self._expression(node), kind, node)

    def _expression(self, node: ast.expr) -> Value:
        known = self._known(node)
        if known is not None:
            return Value(str(int(known)), INT, known) if isinstance(known, int) else Value(literal(known), NUMBER, known)
        match node:
            case ast.Name(id=name) if name in self.live:
                return Value(safe(name), self.kinds[name])
            case ast.Name(id=name) if name in self.locals:
                raise self.refuse(node, f"{name} may have no value here", "assign it before, whatever happens")
            case ast.Name(id=name):
                what = f"{name} is no number" if name in self.globals else f"nothing here has the name {name}"
                raise self.refuse(node, what, "use arguments, what the function assigns, and numbers at the top of its file")
            case ast.Attribute(value=inner, attr=attribute):
                return self._attribute(node, self._expression(inner), attribute)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(node, left, op, right)
            case ast.UnaryOp(op=ast.USub() | ast.Not() as op, operand=inner):
                return self._unary(node, op, self._expression(inner))
            case ast.Compare(left=left, ops=operators, comparators=others):
                return self._comparison(node, [left, *others], operators)
            case ast.BoolOp(op=op, values=values):
                found = [self._expression(value) for value in values]
                signs = ("&&", "&") if isinstance(op, ast.And) else ("||", "|")
                return self._joined(node, found, signs)
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._choice(node, *(self._expression(one) for one in (test, yes, no)))
            case ast.Subscript(value=ast.Name(id=name), slice=at) if name in self.live and self.kinds[name] == ROWS:
                index = self._expression(at)
                if index.known is not None and index.known < 0:
                    raise self.refuse(node, "rows are counted from the first", "write the number of the row")
                return Value(f"{safe(name)}[{self._fitted(index, INT, at)}]", REAL)
            case ast.Call():
                return self._call(node)
        raise self.refuse(node, f"there is no counterpart of {type(node).__name__}", INSTEAD)

    def _attribute(self, node: ast.expr, value: Value, attribute: str) -> Value:
        groups = typing.get_args(value.kind) if is_union(value.kind) else (value.kind,)
        kinds = [kind_of(fields_of(one)[attribute], OF_EACH) for one in groups if is_group(one) and attribute in fields_of(one)]
        if len(kinds) < len(groups) or any(one != kinds[0] for one in kinds):
            raise self.refuse(node, f"{said(value.kind)} has no field {attribute}, or not of one kind", "name a field that it has")
        return Value(f"{value.text}.{safe(attribute)}", kinds[0])

    def _unary(self, node: ast.expr, op: ast.unaryop, value: Value) -> Value:
        if isinstance(op, ast.USub) and value.kind in (REAL, NUMBER, INT):
            return Value(f"(-{value.text})", value.kind)
        if isinstance(op, ast.Not) and value.kind in (MASK, FLAG):
            return Value(f"not_({value.text})" if value.kind == MASK else f"(!{value.text})", value.kind)
        word, hint = ("minus", "write float(math.floor(x))") if isinstance(op, ast.USub) else ("not", "compare it with a number")
        raise self.refuse(node, f"there is no `{word}` of {said(value.kind)}", hint)

    def _binary(self, node: ast.AST, left: ast.expr, op: ast.operator, right: ast.expr) -> Value:
        found = [self._expression(left), self._expression(right)]
        kinds = {value.kind for value in found}
        if isinstance(op, ast.BitOr | ast.BitAnd) and kinds <= {MASK, FLAG}:
            return self._joined(node, found, ("&", "&") if isinstance(op, ast.BitAnd) else ("|", "|"))
        if found[1].known == 0 and isinstance(op, ast.Div | ast.FloorDiv | ast.Mod):
            raise self.refuse(node, "it divides by zero", "divide by something else")
        if kinds == {INT} and type(op) in WHOLE:
            return Value(WHOLE[type(op)].format(*(value.text for value in found)), INT)
        mixes = kinds & {REAL, NUMBER} or (kinds == {INT} and isinstance(op, ast.Div))
        if kinds <= {REAL, NUMBER, INT, FLOOR} and mixes and type(op) in ARITHMETIC:
            kind = REAL if kinds & {REAL, FLOOR} else NUMBER
            return Value(f"({mixed(found[0], kind)} {ARITHMETIC[type(op)]} {mixed(found[1], kind)})", kind)
        hint = "write float(math.floor(x))" if FLOOR in kinds else INSTEAD
        hint = "use perfuse.ops.power, or a product" if isinstance(op, ast.Pow) else hint
        raise self.refuse(node, f"there is no {type(op).__name__} of {said(found[0].kind)} and {said(found[1].kind)}", hint)

    def _joined(self, node: ast.AST, found: list[Value], signs: tuple[str, str]) -> Value:
        """Comparisons of one kind, joined by `and`, `or`, & or |; signs as C++ has them for what all patients share, and for lanes."""
        kind = found[0].kind
        if kind not in (MASK, FLAG) or any(value.kind != kind for value in found):
            raise self.refuse(node, "comparisons of one kind alone are joined", "compare each side with a number")
        text = f" {signs[kind == MASK]} ".join(value.text for value in found)
        return Value(f"mask<T>({text})" if kind == MASK else f"({text})", kind)

    def _comparison(self, node: ast.expr, sides: list[ast.expr], operators: list[ast.cmpop]) -> Value:
        found = [self._expression(side) for side in sides]
        kinds = {value.kind for value in found}
        if not kinds <= {REAL, NUMBER, INT, FLOOR} or any(type(op) not in COMPARISONS for op in operators):
            raise self.refuse(node, "only numbers are compared", "use < <= > >= == != on numbers")
        common = REAL if kinds & {REAL, FLOOR} else NUMBER if NUMBER in kinds else INT
        texts = [mixed(value, common) for value in found]
        pairs = [Value(f"({a} {COMPARISONS[type(op)]} {b})", MASK if common == REAL else FLAG)
                 for a, op, b in zip(texts, operators, texts[1:], strict=False)]  # fmt: skip
        return pairs[0] if len(pairs) == 1 else self._joined(node, pairs, ("&&", "&"))

    def _choice(self, node: ast.expr, test: Value, yes: Value, no: Value) -> Value:
        if test.kind not in (MASK, FLAG):
            raise self.refuse(node, f"{said(test.kind)} is no condition", "compare it with a number")
        kind = yes.kind
        if {yes.kind, no.kind} == {REAL, NUMBER} or (test.kind == MASK and kind == no.kind == NUMBER):
            kind = REAL
        elif yes.kind != no.kind or kind in (NOTHING, ROWS, SAMPLES) or is_union(kind) or (test.kind == MASK and kind in (INT, FLAG)):
            hint = POINT if {yes.kind, no.kind} & {INT, FLOOR} else "choose between two of one kind"
            raise self.refuse(node, f"it is {said(yes.kind)} or {said(no.kind)}", hint)
        if test.kind == FLAG:
            whole = "(int64_t)" if kind == INT else ""
            return Value(f"{whole}({test.text} ? {mixed(yes, kind)} : {mixed(no, kind)})", kind)
        if is_group(kind):
            raise self.refuse(node, "a whole group is chosen by lanes", "choose each of its fields")
        return Value(f"pick<T>({test.text}, {mixed(yes, kind)}, {mixed(no, kind)})", kind)

    # -- calls -------------------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Value:
        if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
            raise self.refuse(node, "arguments are spread", "write each out")
        if isinstance(node.func, ast.Attribute) and node.func.attr == "_replace":
            return self._replaced(node, node.func.value)
        called = looked_up(node.func, self.globals, self.locals)
        if called in (math.sqrt, math.floor, float) and len(node.args) == 1 and not node.keywords:
            return self._mathematics(node, called, self._expression(node.args[0]))
        if is_group(called):
            name, fields = self.emitter.group(called), {name: kind_of(hint, OF_EACH) for name, hint in fields_of(called).items()}
            return Value(f"{name}{{{', '.join(self._given(node, fields, defaults_of(called)))}}}", called)
        if called is None:
            raise self.refuse(node, f"nothing here has the name {ast.unparse(node.func)}", "import what is called")
        if not isinstance(called, types.FunctionType) or not (is_equation(called) or is_routine(called)):
            raise self.refuse(node, f"{ast.unparse(node.func)} is no equation", "mark it @equation, or take its counterpart of perfuse.ops")
        if called in self.emitter.busy:
            raise self.refuse(node, f"{called.__name__} calls itself", "use a loop over range(...)")
        made = self.emitter.signature(called)
        return Value(f"{made.name}<T>({', '.join(self._given(node, made.arguments, made.defaults))})", made.returns)

    def _replaced(self, node: ast.Call, old: ast.expr) -> Value:
        """A group with other numbers in some of its fields."""
        value = self._expression(old)
        if not isinstance(old, ast.Name) or node.args or not is_group(group := value.kind):
            raise self.refuse(node, "fields are replaced of what is no name of a group", "give the group a name first")
        kinds = {name: kind_of(hint, OF_EACH) for name, hint in fields_of(group).items()}
        new = {str(one.arg): one.value for one in node.keywords}
        if wrong := [name for name in new if name not in kinds]:
            raise self.refuse(node, f"{wrong[0]} is unknown", f"it has {', '.join(kinds)}")
        given = [self._fit(new[name], kind) if name in new else f"{value.text}.{safe(name)}" for name, kind in kinds.items()]
        return Value(f"{self.emitter.group(group)}{{{', '.join(given)}}}", group)

    def _mathematics(self, node: ast.Call, called: Any, value: Value) -> Value:
        """Roots, floors (Python's are whole numbers: no -0, and their arithmetic is another) and float()."""
        if value.kind not in (REAL, NUMBER, INT, FLOOR):
            raise self.refuse(node, f"it is taken of {said(value.kind)}", "take it of a number")
        kind = REAL if value.kind in (REAL, FLOOR) else NUMBER
        number = mixed(value, kind)
        if called is float:
            return Value(f"({number})" if value.known is not None else number, kind, value.known)
        if called is math.sqrt:
            return Value(f"square_root({number})", kind)
        return Value(f"round_down({number})", FLOOR) if kind == REAL else Value(f"((int64_t)round_down({number}))", INT)

    def _given(self, node: ast.Call, kinds: Mapping[str, Kind], defaults: Mapping[str, Any]) -> list[str]:
        """Arguments of a call in their order; what has a default and is not given is that number."""
        names = [*kinds][: len(node.args)] + [str(one.arg) for one in node.keywords]
        given = dict(zip(names, [*node.args, *(one.value for one in node.keywords)], strict=False))
        wrong = [f"{name} is given twice" for name in given if names.count(name) > 1]
        wrong += [f"{name} is unknown" for name in given if name not in kinds]
        wrong += [f"{name} is not given" for name in kinds if name not in given and name not in defaults]
        if wrong or len(node.args) > len(kinds):
            raise self.refuse(node, ", ".join(wrong) or "too many arguments are given", f"it takes {', '.join(kinds) or 'none'}")
        for name in kinds:
            if name not in given and type(defaults[name]) not in (int, float):
                raise self.refuse(node, f"the default of {name} is no number", "give it")
        default = {name: ast.copy_location(ast.Constant(defaults[name]), node) for name in kinds if name not in given}
        return [self._fit((given | default)[name], kind) for name, kind in kinds.items()]

    def _fitted(self, value: Value, kind: Kind, node: ast.expr) -> str:
        """A value where a kind is needed: nothing but a number of all patients changes silently, into each one's."""
        if value.kind == kind or (is_union(kind) and value.kind in typing.get_args(kind)):
            return value.text
        if value.kind == NUMBER and kind == REAL:
            return mixed(value, REAL)
        hint = POINT if value.kind in (INT, FLOOR) else f"give {said(kind)}"
        raise self.refuse(node, f"{said(value.kind)} stands where {said(kind)} is needed", hint)


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
