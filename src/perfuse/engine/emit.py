"""From equations to C++: the kernel's Python text and every equation it calls, as templates over a number or a vector of numbers.

Two kinds of function are written:

* an *equation* (marked `@equation`): pure, floats and groups of floats in and out. `T` is one patient's number or a vector of several
  patients' numbers; `a if c else b` becomes a select, so both sides are worked out, in every lane.
* a *routine* (its first argument is annotated `Rows`): a loop over the rows of a buffer that calls equations. Its floats and ints are the
  same for all patients; `x: float = ...` inside it begins a number of each patient.

What is written computes the bits of the Python text: the same operations in the same order, no library, no reordering. What has no such
meaning, or is rare, is refused with file and line (`EmitError`). What differs is where Python stops with an error: here a division by zero
gives an infinity (of whole numbers: it ends the process), the root of a negative number NaN, the floor of NaN is NaN, and a row that is not
there is other memory. Whole numbers have 64 bits, and what stands at the top of a file has the value that it had when it was written.

This module and all it imports need the standard library alone: it runs while the package is being built.
"""

import ast
import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfuse.engine.cpp import (
    INT,
    NOTHING,
    OF_ALL,
    OF_EACH,
    ROWS,
    SAMPLES,
    EmitError,
    Kind,
    Plain,
    Signature,
    hints_of,
    is_routine,
    is_union,
    kind_of,
    looked_up,
    place_of,
    refusal,
    refused,
    safe,
)  # fmt: skip
from perfuse.engine.emit_body import Body
from perfuse.engine.layout import SPECIALISED, Parts
from perfuse.engine.samples import copy_rows
from perfuse.ops import equation, is_equation

__all__ = ["EmitError", "Emitter"]


class Emitter:
    """Collects what is asked for, each group and function once, in an order in which C++ can read it."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.busy: set[Callable[..., Any]] = set()  # functions that are being written
        self._groups: dict[type, str] = {}
        self._functions = {copy_rows: Signature("copy_rows", {"buf": ROWS, "to": SAMPLES, "sample": INT}, NOTHING)}  # prelude.hpp has it
        self._trees: dict[str, dict[int, ast.FunctionDef]] = {}
        self._spaces: dict[str, str] = {}

    # -- names and kinds ---------------------------------------------------------------------------------------------------

    def _space(self, module: str) -> str:
        """The namespace of a module: its last name, with what stands before it where two modules share that name."""
        parts = module.split(".")
        names = ["_".join(parts[-count:]) for count in range(1, len(parts) + 1)]
        return safe(next(name for name in names if self._spaces.setdefault(name, module) == module))

    def group(self, kind: type) -> str:
        """The C++ name of a group of floats (a NamedTuple or a frozen dataclass), defined if it is not."""
        if kind not in self._groups:
            inside = {name: kind_of(hint, OF_EACH) for name, hint in hints_of(kind).items()}
            wrong = [name for name, one in inside.items() if one is None or is_union(one)]
            if wrong:
                raise refused(kind, f"its field {wrong[0]} is neither float nor bool nor a group", "make it one of these")
            if _is_peculiar(kind):
                raise refused(kind, "it does more than hold what it is given", "make it a NamedTuple, or a plain dataclass(frozen=True)")
            members = " ".join(f"{self.type_of(one)} {safe(name)};" for name, one in inside.items())
            space, name = self._space(kind.__module__), safe(kind.__name__)
            self._groups[kind] = f"{space}::{name}<T>"
            self.text.append(f"namespace {space} {{ template<class T> struct {name} {{ {members} }}; }}")
        return self._groups[kind]

    def type_of(self, kind: Kind) -> str:
        """The C++ type of a kind."""
        return kind.type if isinstance(kind, Plain) else self.group(kind)

    # -- functions ---------------------------------------------------------------------------------------------------------

    def module(self, text: str, space: dict[str, Any]) -> None:
        """Write every function of a text that was executed in `space` and lies in no file (the kernel)."""
        functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        for node in functions:
            self._trees.setdefault(space[node.name].__code__.co_filename, {})[node.lineno] = node
        for node in functions:
            self.signature(space[node.name])

    def function(self, function: Callable[..., Any]) -> str:
        """The C++ name of an equation or routine, written if it is not."""
        return self.signature(function).name

    def signature(self, function: Callable[..., Any]) -> Signature:
        """An equation or routine as its callers see it, written if it is not."""
        if function not in self._functions:
            tree, where = self._tree(function), place_of(function)
            self.busy.add(function)
            made = self._read(function, tree, where)
            self._write(function, tree, where, made)
            self._functions[function] = made
            self.busy.remove(function)
        return self._functions[function]

    def _tree(self, function: Callable[..., Any]) -> ast.FunctionDef:
        """The syntax tree of a function; its first line, decorators included, tells it from others of its name."""
        code = function.__code__
        if code.co_filename not in self._trees:
            body = ast.parse(Path(code.co_filename).read_text(encoding="utf-8")).body
            functions = [node for node in body if isinstance(node, ast.FunctionDef)]
            self._trees[code.co_filename] = {min([f.lineno, *(one.lineno for one in f.decorator_list)]): f for f in functions}
        found = self._trees[code.co_filename].get(code.co_firstlineno)
        if found is None or found.name != code.co_name:
            raise refused(function, "it does not stand at the top of its file", "move it there, with no decorator but @equation")
        return found

    def _read(self, function: Callable[..., Any], tree: ast.FunctionDef, where: str) -> Signature:
        for one in tree.decorator_list:
            if looked_up(one, function.__globals__) is not equation:
                raise refusal(where, one, "a decorator may change what the function computes", "leave it out")
        routine = is_routine(function)
        if not routine and not is_equation(function):
            raise refusal(where, tree, "it is not marked @equation", "mark it if it is pure, or make its first argument `buf: Rows`")
        given, hints = tree.args, hints_of(function)
        for star in (given.vararg, given.kwarg):
            if star:
                raise refusal(where, star, "it takes any number of arguments", "name each")
        kinds, words = {}, OF_ALL if routine else OF_EACH
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            kinds[argument.arg] = kind_of(hints.get(argument.arg), words)
            if kinds[argument.arg] is None:
                why = "its annotation is neither float nor bool nor a group" if argument.annotation else "the argument has no annotation"
                raise refusal(where, argument, why, "say float, bool or a group of these; int in a routine")
        returns = NOTHING if routine and hints.get("return") is type(None) else kind_of(hints.get("return"), words)
        if returns is None or is_union(returns) or returns in (ROWS, SAMPLES):
            raise refusal(where, tree, "it does not say what it returns", "annotate it: float, bool or a group; None for a routine")
        last = tree.body[-1]
        if returns != NOTHING and not (isinstance(last, ast.Return) and last.value):
            raise refusal(where, last, f"{tree.name} does not end with what it returns", "make `return ...` its last line")
        defaults = {name: one.default for name, one in inspect.signature(function).parameters.items() if one.default is not one.empty}
        parts = next((name for name in kinds if hints[name] is Parts), "")
        return Signature(f"{self._space(function.__module__)}::{safe(tree.name)}", kinds, returns, defaults, parts)

    def _write(self, function: Callable[..., Any], tree: ast.FunctionDef, where: str, made: Signature) -> None:
        routine = is_routine(function)
        body = Body(self, function, tree, where, made)
        templates, given, before = ["class T"], [], []
        for name, kind in made.arguments.items():
            own = safe(name)
            if name == made.parts:
                templates.append("int64_t fixed_")
                given.append("int64_t given_")
                before.append(f"const int64_t {own} = fixed_ < 0 ? given_ : fixed_;")
            elif is_union(kind):
                templates.append(f"class {own}_type_")
                given.append(f"const {own}_type_& {own}")
            else:
                refers = name not in body.assigned and (not isinstance(kind, Plain) or not routine)
                given.append(f"const {self.type_of(kind)}& {own}" if refers else f"{self.type_of(kind)} {own}")
        lines = "\n".join(f"  {line}" for line in (*before, *body.lines(tree)))
        space, name = made.name.split("::")
        kept = "NEVER_INLINED" if routine else "INLINED"
        head = f"template<{', '.join(templates)}> {kept} {self.type_of(made.returns)} {name}({', '.join(given)})"
        self.text.append(f"// {where}:{tree.lineno}\nnamespace {space} {{ {head} {{\n{lines}\n}} }}")
        if made.parts:
            self.text.append(self._dispatcher(space, name, made))

    def _dispatcher(self, space: str, name: str, made: Signature) -> str:
        """A routine that is written once for each of SPECIALISED, and once for all others, chosen by the parts at hand."""
        typed = ", ".join(f"{self.type_of(kind)} {safe(one)}" for one, kind in made.arguments.items())
        given = ", ".join(map(safe, made.arguments))
        known = [*((f"case {parts}", parts) for parts in SPECIALISED), ("default", -1)]
        cases = "\n".join(f"    {word}: return {name}<T, {parts}>({given});" for word, parts in known)
        head = f"template<class T> INLINED {self.type_of(made.returns)} {name}({typed})"
        return f"namespace {space} {{ {head} {{\n  switch ({safe(made.parts)}) {{\n{cases}\n  }}\n}} }}"


def _is_peculiar(group: type) -> bool:
    """Whether making a group does more than to keep what it is given."""
    if not dataclasses.is_dataclass(group):
        return group.__bases__ != (tuple,)
    made = group.__dataclass_params__  # type: ignore[attr-defined]
    return not (made.frozen and made.init) or hasattr(group, "__post_init__") or not all(one.init for one in dataclasses.fields(group))
