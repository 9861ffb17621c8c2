"""A registry in numbers: what it holds, how runs end, what is missing."""

from typing import Any

from perfuse.evidence.registry import flat, schema
from perfuse.evidence.registry.query import Source, default, opened
from perfuse.evidence.registry.store import Store, open_store
from perfuse.evidence.registry.tables import Registry


def overview(source: Source) -> dict[str, Any]:
    """Rows of every table; runs, deaths, days and ends of support by indication; years, centres; share of missing values before support."""
    held: Any = default() if source is None else source
    held = held if isinstance(held, Registry | Store) else open_store(held)
    names = list(schema.tables())
    with opened(held, names) as connection:

        def rows(said: str) -> list[tuple[Any, ...]]:
            return list(connection.execute(said).fetchall())

        counts = {name: int(rows(f"SELECT count(*) FROM {name}")[0][0]) for name in names}
        years = rows(
            "SELECT min(coalesce(year, year(start))), max(coalesce(year, year(start))), "
            "count(DISTINCT centre_id), count(DISTINCT patient_id) FROM runs"
        )[0]
        groups = rows(
            "SELECT coalesce(r.indication, 'not told') AS i, count(*), avg(r.age), count(*) FILTER (o.hospital_outcome = 'died'), "
            "count(*) FILTER (o.hospital_outcome IN ('died', 'alive')), "
            f"median({flat.RUNS['run_days']}), {', '.join(_ended(end) for end in ENDS)} "
            "FROM runs r LEFT JOIN outcomes o USING (run_id) GROUP BY i ORDER BY count(*) DESC, i"
        )
        before = [name for name in schema.tables()["pre_support"].columns if name != "run_id"]
        gaps = rows(f"SELECT {', '.join(f'avg(CAST({name} IS NULL AS INTEGER))' for name in before)} FROM pre_support")[0]
    return {
        "about": dict(held.about),
        "rows": counts,
        "years": [years[0], years[1]],
        "centres": years[2],
        "patients": years[3],
        "indications": [_group(line) for line in groups],
        "missing_before_support": {name: gap for name, gap in zip(before, gaps, strict=True) if gap is not None},
        "truth": _truth(dict(held.truth)),
    }


ENDS = ("weaned", "died", "transplant", "durable_device", "still_on")


def _ended(end: str) -> str:
    return f"count(*) FILTER (o.support_ended_by = '{end}')"


def _group(line: tuple[Any, ...]) -> dict[str, Any]:
    indication, runs, age, died, known, days, *ends = line
    return {
        "indication": indication,
        "runs": runs,
        "mean_age": age,
        "hospital_deaths": died,
        "outcome_known": known,
        "hospital_mortality": died / known if known else None,
        "median_run_days": days,
        "support_ended_by": dict(zip(ENDS, ends, strict=True)),
    }


def _truth(truth: dict[str, Any]) -> dict[str, Any]:
    """The few numbers of the truth that a reader asks for first."""
    if not truth:
        return {}
    return {
        "log_or_per_doubling_of_volume": truth["mortality"]["volume"]["log_or_per_doubling"],
        "centre_sd": truth["mortality"]["centre_sd"],
        "log_subdistribution_hazard_ratios_of_weaning": truth["weaning"]["log_subdistribution_hazard_ratios"],
        "hazard_ratio_of_ecmo": truth["candidates"]["hazard_ratio"],
        "risk_difference": truth["candidates"]["risk_difference"],
        "reporting_errors": len(truth.get("quirks", [])),
    }
