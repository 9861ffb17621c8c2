"""Groups: the NamedTuples (or frozen dataclasses) of floats that equations take and return, field by field a row of the state."""

import dataclasses
import functools
import typing
from collections.abc import Callable, Iterator
from typing import Any

from perfuse.base.rates import state_of

Equation = Callable[..., Any]


def is_group(kind: Any) -> bool:
    """Whether a type is a NamedTuple or a dataclass."""
    return isinstance(kind, type) and ((issubclass(kind, tuple) and hasattr(kind, "_fields")) or dataclasses.is_dataclass(kind))


def fields_of(kind: Any) -> dict[str, Any]:
    """Names and types of a group's fields, in order. To be read, not changed."""
    return _fields_of(kind)


@functools.cache
def _fields_of(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    names = [one.name for one in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else kind._fields
    return {name: hints[name] for name in names}


@functools.cache
def annotations(thing: Any) -> dict[str, Any]:
    """Annotations of a function or a group with all that is said in them (base/declare.py)."""
    return typing.get_type_hints(thing, include_extras=True)


def said(hint: Any) -> tuple[Any, ...]:
    """What an annotation says beside its type."""
    return getattr(hint, "__metadata__", ())


def defaults_of(kind: Any) -> dict[str, Any]:
    """Fields of a group that have a value of their own."""
    if not dataclasses.is_dataclass(kind):
        return dict(kind._field_defaults)
    return {one.name: one.default for one in dataclasses.fields(kind) if one.default is not dataclasses.MISSING}


@functools.cache
def arguments(function: Equation) -> list[tuple[str, Any]]:
    """Names and types of an equation's arguments, in order. To be read, not changed."""
    hints = typing.get_type_hints(function)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return [(name, hints[name]) for name in names]


@functools.cache
def result(function: Equation) -> Any:
    """Type of what an equation returns."""
    return typing.get_type_hints(function)["return"]


def leaves(kind: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """(field, expression, group) of every float in a possibly nested group that the expression `path` gives."""
    for name, inner in fields_of(kind).items():
        if is_group(inner):
            yield from leaves(inner, f"{path}.{name}")
        else:
            yield name, f"{path}.{name}", kind


def written(back: Any, found: str, owner: Any) -> Iterator[tuple[str, str, Any, type | None]]:
    """(field, expression, group that owns it, kind of rate) of every row that what an equation returns, called `found`, means.

    The kind of rate is None for what is a new value. `owner` stands for the group where no group is returned.
    """
    if not is_group(back):
        yield "return", found, owner, None
        return
    for name, inner in fields_of(back).items():
        if (state := state_of(back)) is not None:
            yield name, f"{found}.{name}", state, inner
        elif is_group(inner):
            yield from written(inner, f"{found}.{name}", owner)
        else:
            yield name, f"{found}.{name}", back, None


def columns(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """Names of the columns that a mapped equation takes and gives."""
    taken: list[str] = []
    for name, kind in arguments(function):
        taken += fields_of(kind) if is_group(kind) else [name]
    back = result(function)
    return taken, [name for name, _, _ in leaves(back, "")] if is_group(back) else ["value"]


def flat(value: Any) -> list[float]:
    """The numbers of what an equation returned, in the order of `leaves`."""
    if not is_group(type(value)):
        return [value]
    return [number for name in fields_of(type(value)) for number in flat(getattr(value, name))]
