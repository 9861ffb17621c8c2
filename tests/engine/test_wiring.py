"""A misspelt name stops the model from being described; a swapped one is refused, or a law of its equation finds it."""

import re
import types
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import pytest

from perfuse.base.declare import Downstream, FirstCell, LastCell, PerCell, Upstream, declared_by, mL, mmHg, state
from perfuse.base.rates import state_of
from perfuse.engine.declared import declared, table_rows
from perfuse.engine.groups import annotations, arguments, fields_of, is_group, result, said
from perfuse.engine.layout import Stage
from perfuse.engine.run import Ramp, engine
from perfuse.engine.stages import FAST, SLOW
from perfuse.engine.wiring import WiringError, describe
from perfuse.ops import equation
from perfuse.parameters.from_python import case_of
from perfuse.parameters.library import load_case
from perfuse.results.live import Simulation

GIVEN_BY_THE_ENGINE = ("dt", "fast_steps")
Tables = tuple[list[Stage], list[Stage]]


@cache
def tables_of_values() -> dict[str, str]:
    """Rows that tables declare."""
    return table_rows(declared())


def problems(tables: Tables) -> list[str]:
    """What is wrong with the tables of stages."""
    found = describe(*tables, declared().layout)
    found.check(tables_of_values())
    return found.problems


def with_equation(old: Any, new: Any) -> Tables:
    """The tables with one equation in the place of another, wherever it stands."""
    fast, slow = ([replace(one, function=new) if one.function is old else one for one in table] for table in (FAST, SLOW))
    return fast, slow


def renamed(function: Callable[..., Any], names: dict[str, str]) -> Any:
    """An equation with other names for its arguments."""
    code = function.__code__
    words = tuple(names.get(one, one) for one in code.co_varnames)
    made: Any = types.FunctionType(code.replace(co_varnames=words), function.__globals__, code.co_name)
    made.__annotations__ = {names.get(name, name): hint for name, hint in annotations(function).items()}
    made.__module__, made.__equation__ = function.__module__, True
    return made


def misspelt(group: Any) -> Any:
    """A group whose fields are all misspelt."""
    fields: Any = [(f"{name}x", hint) for name, hint in annotations(group).items()]
    made: Any = NamedTuple(group.__name__, fields)
    if (said := declared_by(group)) is not None:
        made.__declared__ = said
    return made


def blamed(name: str, told: list[str]) -> bool:
    """Whether a sentence is about a row that a name stands for, as it was or misspelt."""
    return any(re.match(rf"(\w+_)?{name}x?(_(o2|co2|hb|temp))? ", one) for one in told)


def with_group(old: Any, new: Any) -> Tables:
    """The tables with one group in the place of another, in every equation that takes or returns it."""
    made: dict[Any, Any] = {}

    def put(kind: Any) -> Any:
        if kind is old:
            return new
        if is_group(kind) and state_of(kind) is None and any(put(one) is not one for one in fields_of(kind).values()):
            fields: Any = [(name, put(hint)) for name, hint in annotations(kind).items()]
            return made.setdefault(kind, NamedTuple(kind.__name__, fields))
        return kind

    def change(stage: Stage) -> Stage:
        hints = {name: put(hint) for name, hint in annotations(stage.function).items()}
        if hints != annotations(stage.function) and stage.function not in made:
            made[stage.function] = renamed(stage.function, {})
            made[stage.function].__annotations__ = hints
        return replace(stage, function=made.get(stage.function, stage.function))

    return [change(stage) for stage in FAST], [change(stage) for stage in SLOW]


def equations() -> list[Stage]:
    """A stage of each equation that is called by rows."""
    return list({stage.function: stage for stage in SLOW}.values())


def bare(stage: Stage) -> list[str]:
    """Arguments whose name says which row they mean (of a cell's content the annotation alone says it)."""
    hints = annotations(stage.function)
    named = [name for name, kind in arguments(stage.function) if not is_group(kind) and name not in GIVEN_BY_THE_ENGINE]
    return [name for name in named if not {PerCell, Upstream, Downstream, FirstCell, LastCell} & set(said(hints[name]))]


def groups_of_rows() -> list[Any]:
    """Every group whose fields are rows."""
    wiring = declared()
    found: dict[Any, None] = {}

    def note(kind: Any, stage: Stage) -> None:
        for name, inner in fields_of(kind).items() if is_group(kind) and state_of(kind) is None else ():
            if is_group(inner):
                note(inner, stage)
            elif wiring.layout.name(name, kind, stage.species, stage.side)[0] in wiring.rows:
                found.setdefault(kind)

    for stage in SLOW:
        for _, kind in [*arguments(stage.function), ("", result(stage.function))]:
            note(kind, stage.of_species("o2") if stage.over.startswith("species") else stage)
    return list(found)


def test_the_model_fits_together() -> None:
    assert problems((FAST, SLOW)) == []
    assert len(declared().rows) > 1000


@pytest.mark.parametrize("stage", equations(), ids=lambda stage: stage.function.__name__)
def test_every_misspelt_argument_is_refused(stage: Stage) -> None:
    names = bare(stage)
    told = problems(with_equation(stage.function, renamed(stage.function, {name: f"{name}x" for name in names})))
    assert [name for name in names if not blamed(name, told)] == []


def test_the_fault_that_nobody_saw_is_refused_in_a_sentence() -> None:
    old = next(stage.function for stage in SLOW if "coronary_autoregulation" in bare(stage))
    found = problems(with_equation(old, renamed(old, {"coronary_autoregulation": "coronary_autoregultion"})))
    assert found == [
        "coronary_autoregultion is read by regulate, and nothing declares, writes or gives it: is it misspelt?",
        "coronary_autoregulation can be set, and no equation reads it.",
    ]


@pytest.mark.parametrize("group", groups_of_rows(), ids=lambda group: group.__name__)
def test_every_misspelt_field_is_refused(group: Any) -> None:
    """But where the group owns the row and no other names it: that is another name, which who builds a patient must know (below)."""
    told = problems(with_group(group, misspelt(group)))
    assert declared_by(group) is not None or [name for name in fields_of(group) if not blamed(name, told)] == []


def test_a_row_that_is_not_given_or_not_known_is_refused_by_name() -> None:
    rows = Simulation.of(load_case("vv-covid-ards"))._engine.values()
    del rows["coronary_tone"]
    with pytest.raises(
        WiringError, match=r"ecmo cannot be built: no value for coronary_tone; no row of the model is called coronary_tome\."
    ):
        engine("ecmo", [rows | {"coronary_tome": 1.0}], 1)


def test_two_units_two_owners_and_a_row_that_nobody_writes_are_told_at_once() -> None:
    @state()
    class Twice(NamedTuple):
        coronary_tone: mmHg
        forgotten: mL

    @equation
    def wrong(x: Twice) -> Twice:
        return Twice(x.coronary_tone, x.forgotten)

    @state()
    class Alone(NamedTuple):
        never_written: mL

    @equation
    def reads(y: Alone, pa_temp: mmHg, untold: float) -> Twice:
        return Twice(y.never_written, pa_temp)

    found = "\n".join(problems((FAST, [*SLOW, Stage(wrong), Stage(reads)])))
    assert "coronary_tone has two units" in found and "coronary_tone is declared twice, in Tones and Twice" in found
    assert "never_written is declared as state by Alone, and no equation writes it." in found
    assert "pa_temp has two units: degC in pa_temp of equilibrate, mmHg in pa_temp of reads." in found
    assert "untold of reads says no unit" in found


@pytest.mark.parametrize("row", ["pump_set", "left_set", "svrr"])
def test_a_ramp_of_a_row_that_the_patient_lacks_is_refused(row: str) -> None:
    made = Simulation.of(case_of("healthy-adult", [], seconds=60.0))._engine
    with pytest.raises(WiringError, match=f"has no row {row}"):
        made.plan(Ramp(1.0, row, 3.0))
