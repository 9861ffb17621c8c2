"""The commands `perfuse registry ...` as they are typed."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from perfuse.views import cli_analyses
from perfuse.views.answering import Json, answered, typed

registry = App(name="registry", help="Runs of support as a registry: make a synthetic one, import, check, analyse.")

Place = Annotated[str, Parameter(name=["--out", "--store"])]
Flag = Annotated[bool, Parameter(negative=())]


@registry.command
def make(
    *,
    out: Place,
    runs: int = 5000,
    seed: int = 1,
    centres: int | None = None,
    candidates: int | None = None,
    by: Literal["year", "centre"] | None = None,
    volume_effect: float | None = None,
    volume_plateau: float | None = None,
    centre_sd: float | None = None,
    confounding: float | None = None,
    hazard_ratio: float | None = None,
    censoring: float | None = None,
    missingness: float | None = None,
    quirks: float = 0.0,
    change: Annotated[list[str] | None, Parameter(name="--set", negative=())] = None,
    replace: Flag = False,
    json: Json = False,
) -> int:
    """Make a synthetic registry whose truth is known and kept beside it. Same seed, same registry.

    Parameters
    ----------
    out
        Where it goes: a folder (Parquet), a name ending in .duckdb, or postgresql://user:password@host:port/name.
    runs
        Runs of support, 20 to 5,000,000.
    seed
        Seed of the random numbers.
    centres
        How many centres; without it so many that a centre has 16 runs a year.
    candidates
        Patients who met criteria for ECMO, treated or not; without it half as many as runs.
    by
        Write a folder in parts, by calendar year or by centre, so that each can be read alone.
    volume_effect
        Log odds ratio of hospital death per doubling of a centre's annual runs.
    volume_plateau
        Runs a year near which that effect flattens.
    centre_sd
        Standard deviation of the effects of centres, log odds.
    confounding
        Log odds of starting ECMO per standard deviation of severity, among the candidates.
    hazard_ratio
        Causal hazard ratio of death on ECMO, among the candidates.
    censoring
        Share of runs whose reports stop at a random day; 0 for none.
    missingness
        Share of values before support that are missing; 0 for none.
    quirks
        Share of runs with one reporting error, for trying out `perfuse registry check`.
    change
        NAME=VALUE for any parameter of synthetic.yaml, for example weaning.severity=-0.4; may be given again.
    replace
        Replace the registry that stands there already.
    json
        Print JSON instead of tables.
    """
    from perfuse.views import registries

    options = {
        "centres": centres,
        "candidates": candidates,
        "volume_effect": volume_effect,
        "volume_plateau": volume_plateau,
        "centre_sd": centre_sd,
        "confounding": confounding,
        "hazard_ratio": hazard_ratio,
        "censoring": censoring,
        "missingness": missingness,
        "quirks": quirks,
    }
    return answered(registries.made(out, runs, seed, options, change or [], by, replace), json)


@registry.command(name="import")
def import_(
    source: Path,
    /,
    *,
    kind: Annotated[Literal["csv", "fhir", "mimic", "clif"], Parameter(name="--from")] = "csv",
    mapping: Annotated[Path | None, Parameter(name="--map")] = None,
    out: Place = "",
    key: Path | None = None,
    report: Path | None = None,
    by: Literal["year", "centre"] | None = None,
    replace: Flag = False,
    json: Json = False,
) -> int:
    """Import de-identified data: rows that fail are told with the reason, the others are taken.

    Columns that look like names, record numbers, birth dates or free text are refused; ids are replaced, dates are moved, ages above 89
    are pooled. Exit code 1 where rows were rejected, 2 where nothing was imported.

    Parameters
    ----------
    source
        A CSV file or a folder of them, a FHIR bundle or a folder of them, chartevents of MIMIC-IV, or a folder of CLIF tables.
    kind
        What the source is.
    mapping
        For CSV: a YAML file that says which column goes where, and in what unit.
    out
        Where it goes: a folder, a name ending in .duckdb, or postgresql://...; without it the source is only checked.
    key
        File of the secret key of pseudonyms and dates; it is made there if it does not exist. Without it a key is used once and forgotten.
    report
        Folder for check.html, check.json and rejected.csv.
    by
        Write a folder in parts, by calendar year or by centre.
    replace
        Replace the registry that stands there already.
    json
        Print JSON instead of tables.
    """
    from perfuse.views import registries

    command = typed(f"registry import --from {kind}", str(source), map=mapping)
    return answered(registries.imported(source, kind, mapping, out, key, report, by, replace, command), json)


@registry.command
def check(store: str, /, *, report: Path | None = None, out: Place = "", replace: Flag = False, json: Json = False) -> int:
    """Check a registry that lies somewhere: which rows break a rule, and which columns look like another unit. Nothing is changed.

    Parameters
    ----------
    store
        A folder, a .duckdb file, or postgresql://...
    report
        Folder for check.html, check.json and rejected.csv.
    out
        Write the rows that keep every rule as a registry of their own: a folder, a name ending in .duckdb, or postgresql://...
    replace
        Replace the registry that stands there already.
    json
        Print JSON instead of tables.
    """
    from perfuse.views import registries

    shown = store.split("@")[-1] if "://" in store else store
    return answered(registries.checked(store, report, out, replace, typed("registry check", shown)), json)


@registry.command
def describe(store: str = "", *, json: Json = False) -> int:
    """Count what a registry holds; without a name the synthetic one that is made by default.

    Parameters
    ----------
    store
        A folder, a .duckdb file, or postgresql://...
    json
        Print JSON instead of tables.
    """
    from perfuse.views import registries

    return answered(registries.described(store), json)


@registry.command
def schema(table: str = "", *, json: Json = False) -> int:
    """List the tables of a registry, or the columns of one with units, limits and sources.

    Parameters
    ----------
    table
        A table, for example pre_support.
    json
        Print JSON instead of tables.
    """
    from perfuse.views import registries

    return answered(registries.schema_of(table), json)


registry.command(cli_analyses.analyse)
registry.command(cli_analyses.parts)
