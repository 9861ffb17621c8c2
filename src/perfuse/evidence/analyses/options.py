"""What may be said about an analysis, and the table it then runs on."""

from collections.abc import Callable, Iterable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from perfuse.evidence import scale
from perfuse.evidence.analyses import derived, embedded
from perfuse.parameters.identity import OUR_WORDS
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean


@dataclass(frozen=True)
class Options:
    """Everything that can be chosen; None and () mean "as the analysis does by itself".

    registry     folder, file or address of a registry; without it and without `table` the embedded one is made
    table        a CSV or Parquet file with one row a run or candidate, columns as in the flat frames
    parts        a folder of Parquet files that together are such a table
    runs, seed   of the embedded registry; `seed` also of resamples, lots and simulations
    where        conditions COLUMN=VALUE that rows must meet
    columns      covariates
    """

    registry: str | None = None
    table: str | None = None
    parts: str | None = None
    runs: int | None = None
    seed: int | None = None
    where: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    outcome: str | None = None
    treatment: str | None = None
    caliper: float | None = None
    ratio: int | None = None
    replace: bool | None = None
    exact: tuple[str, ...] = ()
    order: str | None = None
    estimand: str | None = None
    stabilised: bool | None = None
    truncate: float | None = None
    resamples: int | None = None
    horizon: float | None = None
    grace: float | None = None
    landmark: float | None = None
    cause: tuple[str, ...] = ()
    at: tuple[float, ...] = ()
    group: str | None = None
    centre: str | None = None
    nodes: int | None = None
    knots: int | None = None
    predicted: str | None = None
    score: str | None = None
    false_alarm: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    measure: str | None = None
    rare: bool | None = None
    workers: int | None = None
    cluster: str | None = None

    def given(self) -> list[str]:
        """Names of the options that were chosen."""
        return [one.name for one in fields(self) if getattr(self, one.name) not in (None, ())]

    def take(self, *names: str, **renamed: str) -> dict[str, Any]:
        """Chosen options as arguments of a function: by their own names, or argument=option."""
        pairs = {**{name: name for name in names}, **renamed}
        return {argument: getattr(self, name) for argument, name in pairs.items() if getattr(self, name) not in (None, ())}


WITH_PARTS = frozenset(
    {
        "parts",
        "workers",
        "cluster",
        "columns",
        "outcome",
        "treatment",
        "estimand",
        "nodes",
        "cause",
        "at",
        "group",
        "registry",
        "table",
        "runs",
    }
)
"""Options that mean something for a table in parts (the last three are refused as second sources)."""


def option(name: str) -> str:
    """How an option is typed."""
    return "--" + name.replace("_", "-")


def refuse_others(name: str, options: Options, used: Iterable[str]) -> None:
    """InputError for every option that this analysis would not look at, and for sources that contradict each other."""
    problems = Problems("the command line")
    used = list(used)
    for one in options.given():
        if one not in used:
            hint = f"It takes: {', '.join(map(option, used))}." if used else ""
            problems.add((option(one),), f"'{name}' does not use {option(one)}", hint=hint)
    if options.parts is not None:
        for one in options.given():
            if one in used and one not in WITH_PARTS:
                hint = (
                    "Choose the rows with `perfuse registry parts --where ...`."
                    if one == "where"
                    else "Leave it out, or analyse the whole."
                )
                problems.add((option(one),), f"{option(one)} cannot be taken together with --parts", hint=hint)
    elif "parts" in used:
        for one in ("workers", "cluster"):
            if one in options.given():
                hint = "`perfuse registry parts` writes them."
                problems.add((option(one),), f"{option(one)} shares out parts, and --parts is not given", hint=hint)
    sources = [one for one in ("registry", "table", "parts") if one in options.given()]
    if len(sources) > 1:
        problems.add((option(sources[1]),), f"{' and '.join(map(option, sources))} are two sources", hint="Name one.")
    if sources and options.runs is not None:
        problems.add(("--runs",), "--runs is the size of the embedded registry, and another one is given", hint="Leave it out.")
    if not sources and options.runs is not None and not 200 <= options.runs <= 5_000_000:
        problems.add(("--runs",), "a registry of this size is not made here", value=options.runs, allowed="200 to 5,000,000")
    if options.workers is not None and not 1 <= options.workers <= 64:
        problems.add(("--workers",), "this many processes are not started", value=options.workers, allowed="1 to 64")
    if options.seed is not None and not 0 <= options.seed <= 2**32 - 1:
        problems.add(("--seed",), f"{options.seed} is not a seed", value=options.seed, allowed="0 to 4294967295")
    problems.raise_if_any()


@dataclass(frozen=True)
class Rows:
    """A table to analyse.

    truth     what a synthetic registry was made from; None for real data, and where --where picked some of its rows
    words     where the table is from
    embedded  whether it is the embedded registry
    """

    frame: pd.DataFrame
    truth: dict[str, Any] | None
    words: str
    embedded: bool


def rows(
    kind: str,
    options: Options,
    *,
    point: bool = False,
    whole: bool = False,
    horizon: float = 60.0,
    only: Iterable[str] = (),
    if_known: Iterable[str] = (),
) -> Rows:
    """The flat frame of "runs" or "candidates" with derived columns, of whatever source was chosen.

    point, whole   of the embedded registry (see `embedded.made`)
    only           conditions that hold for this analysis by default, where no --where was chosen
    if_known       the same, but only where a truth is known that holds for these rows
    """
    from perfuse.evidence.registry import flat
    from perfuse.evidence.registry.identity import refuse
    from perfuse.evidence.registry.store import open_store

    truth: dict[str, Any] | None = None
    if options.table is not None:
        frame, words = read_table(Path(options.table)), options.table
        refuse(dict.fromkeys(map(str, frame.columns)), options.table, skip=OUR_WORDS)
        _refuse_lacking(frame, kind, options)
    else:
        if options.registry is not None:
            store = open_store(options.registry)
            source, words, truth = store, options.registry, dict(store.truth) or None
        else:
            made = embedded.made(
                options.runs or embedded.RUNS, embedded.SEED if options.seed is None else options.seed, point=point, whole=whole
            )
            source, words, truth = made.source, made.words, made.truth
        frame = flat.runs(source) if kind == "runs" else flat.candidates(source)
        if frame.empty:
            raise InputError(
                [Problem("--registry", f"the registry holds no {kind}", hint="`perfuse registry describe` shows what is in it.")], words
            )
    frame = derived.runs(frame) if kind == "runs" else derived.candidates(frame, horizon, options.landmark)
    default = [*only, *(if_known if truth is not None else ())]
    conditions = list(options.where) or [one for one in default if one.partition("=")[0] in frame.columns]
    if conditions:
        frame = derived.only(frame, conditions)
        words += f", only {', '.join(conditions)}"
    embedded_one = options.registry is None and options.table is None
    return Rows(frame, None if options.where else truth, words, embedded_one)


def read_table(path: Path) -> pd.DataFrame:
    """A CSV or Parquet file."""
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "there is no such file"
        raise InputError([Problem("--table", what, value=str(path), hint="Name a .csv or .parquet file.")], str(path))
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        if path.suffix.lower() == ".csv":
            return pd.read_csv(path, sep=_separator(path))
    except (ValueError, OSError) as error:
        raise InputError([Problem("--table", f"the file cannot be read: {error}", value=str(path))], str(path)) from None
    raise InputError([Problem("--table", "this is neither .csv nor .parquet", value=str(path))], str(path))


def _separator(path: Path) -> str:
    """Comma, semicolon or tab: what the first line holds most of."""
    with path.open(encoding="utf-8-sig") as text:
        first = text.readline()
    return max((",", ";", "\t"), key=first.count)


def _refuse_lacking(frame: pd.DataFrame, kind: str, options: Options) -> None:
    """InputError for columns from which treatment and outcome would be derived; who names columns of their own needs none of them."""
    own = options.treatment is not None and options.outcome is not None and options.landmark is None
    needed = ("ecmo_day", "end_day", "ended_by") if kind == "candidates" and not own else ()
    problems = Problems(str(options.table))
    for name in needed:
        if name not in frame.columns:
            problems.add((name,), "there is no such column", hint=did_you_mean(name, map(str, frame.columns)))
    problems.raise_if_any()


@contextmanager
def sharing(options: Options) -> Any:
    """How work is shared out: a Dask scheduler, processes, or one after another."""
    context: Any
    if options.cluster is not None:
        context = scale.cluster(None if options.cluster == "local" else options.cluster, options.workers or 2)
    elif options.workers is not None and options.workers > 1:
        context = scale.processes(options.workers)
    else:
        context = nullcontext(scale.serial)
    with context as across:
        yield across


Run = Callable[[Options, Any], Any]
"""An analysis: options and progress in, a Finding out."""
