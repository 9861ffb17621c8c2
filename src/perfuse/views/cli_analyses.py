"""The commands `perfuse registry analyse` and `perfuse registry parts` as they are typed."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from perfuse.views.answering import OK, Json, answer, typed

Flag = Annotated[bool | None, Parameter(negative=())]
Words = Annotated[str | None, Parameter()]


def analyse(
    name: str = "",
    /,
    *,
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
    registry: str | None = None,
    table: str | None = None,
    parts: str | None = None,
    runs: int | None = None,
    seed: int | None = None,
    where: Annotated[list[str] | None, Parameter(negative=())] = None,
    columns: Words = None,
    outcome: str | None = None,
    treatment: str | None = None,
    caliper: float | None = None,
    ratio: int | None = None,
    replace: Flag = None,
    exact: Words = None,
    order: str | None = None,
    estimand: str | None = None,
    stabilised: Flag = None,
    truncate: float | None = None,
    resamples: int | None = None,
    horizon: float | None = None,
    grace: float | None = None,
    landmark: float | None = None,
    cause: Words = None,
    at: Words = None,
    group: str | None = None,
    centre: str | None = None,
    nodes: int | None = None,
    knots: int | None = None,
    predicted: str | None = None,
    score: str | None = None,
    false_alarm: float | None = None,
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    measure: str | None = None,
    rare: Flag = None,
    workers: int | None = None,
    cluster: str | None = None,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Analyse a registry: one question, its estimates beside the naive ones, what was assumed, measured and warned of.

    Without --registry, --table or --parts the embedded synthetic registry is made from its seed, and the truth that it was made from is
    shown. Each analysis takes only some of the options (--list --json names them); one that it would not look at is an error.

    Parameters
    ----------
    name
        survival, incidence, fine-gray, cox, matching, weights, overlap, e-value, emulation, volume, funnel, cusum, vlad or calibration.
    list_
        List the analyses.
    registry
        Folder, file or address of a registry.
    table
        A CSV or Parquet file with one row a run (or a candidate), columns named as in the registry.
    parts
        A folder of Parquet files that together are such a table (see `perfuse registry parts`); for weights, overlap, volume, incidence.
    runs
        Size of the embedded registry.
    seed
        Of the embedded registry, of resamples, lots and simulations.
    where
        Only rows with COLUMN=VALUE (or VALUE,VALUE); may be given several times.
    columns
        Covariates, separated by commas.
    outcome
        The outcome, a column of true and false.
    treatment
        The treatment, a column of true and false.
    caliper
        Matching: largest distance, in standard deviations of the log odds.
    ratio
        Matching: controls for each treated.
    replace
        Matching: a control may serve more than once.
    exact
        Matching: columns in which pairs must agree, separated by commas.
    order
        Matching: who chooses first: largest, smallest or random.
    estimand
        Weights: ATE (everybody), ATT (the treated) or ATO (the overlap).
    stabilised
        Weights: multiplied by the share of the own arm.
    truncate
        Weights: percentile beyond which they are cut, for example 99.
    resamples
        Number of resamples for intervals.
    horizon
        Days by which death is counted.
    grace
        Emulation: days within which ECMO must begin.
    landmark
        Only patients still followed on this day; treated means begun by then.
    cause
        How support ended, separated by commas.
    at
        Days at which shares are read, separated by commas.
    group
        Column that parts the curves.
    centre
        CUSUM and VLAD: the centre.
    nodes
        Volume: points of the quadrature (1 is Laplace's method).
    knots
        Volume: knots of the spline, 3 to 5.
    predicted
        A column of predicted chances, 0 to 1.
    score
        Calibration: a score of the library, worked out for every row (`perfuse score --list`).
    false_alarm
        CUSUM: chance that a chart without change signals.
    value
        E-value: the effect.
    low
        E-value: lower end of its interval.
    high
        E-value: upper end of its interval.
    measure
        E-value: rr, or, hr or smd.
    rare
        E-value: the outcome is rare (below 15 %).
    workers
        Processes to share the work among.
    cluster
        Address of a Dask scheduler, or `local` to start one here.
    out
        Write a page with tables and figures to this file.
    json
        Print JSON instead of tables.
    """
    given = {key: chosen for key, chosen in locals().items() if key not in ("name", "list_", "out", "json")}
    from perfuse.views import analyses

    if list_:
        return analyses.listed(json)
    for key in ("columns", "exact", "cause"):
        given[key] = analyses.words(given[key])
    given["at"], given["where"] = analyses.numbers(at, "--at"), tuple(where or ())
    command = typed(f"registry analyse {name}", out=out, **_as_typed(given))
    found = analyses.analysed(name, given, out, command)
    answer(found.data, json, lambda: found.screen())
    return OK


def parts(
    kind: str = "runs",
    /,
    *,
    out: Path,
    registry: str | None = None,
    runs: int | None = None,
    seed: int | None = None,
    where: Annotated[list[str] | None, Parameter(negative=())] = None,
    number: int = 16,
    json: Json = False,
) -> int:
    """Write a registry as one flat table in parts, whole centres in each, for analyses in parts (--parts) on processes or a cluster.

    Parameters
    ----------
    kind
        runs or candidates.
    out
        Folder for the Parquet files; it must be new or empty.
    registry
        Folder, file or address of a registry; without it the embedded synthetic one is made.
    runs
        Size of the embedded registry.
    seed
        Seed of the embedded registry.
    where
        Only rows with COLUMN=VALUE (or VALUE,VALUE); may be given several times.
    number
        How many parts.
    json
        Print JSON.
    """
    from perfuse.evidence.analyses.options import Options
    from perfuse.views import analyses

    data, screen = analyses.parted(kind, out, Options(registry=registry, runs=runs, seed=seed, where=tuple(where or ())), number)
    answer(data, json, screen)
    return OK


def _as_typed(given: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in given.items():
        if value in (None, ()):
            continue
        name = key.replace("_", "-")
        if key in ("columns", "exact", "cause", "at"):
            out[name] = ",".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
        elif key == "where":
            out[name] = list(value)
        elif value is not True:
            out[name] = value
        else:
            out[name] = True
    return out
