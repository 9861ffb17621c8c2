"""A registry whose truth is known: made from a seed, in seconds, as large as asked for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from perfuse.evidence.progress import Progress
from perfuse.evidence.registry import synthetic_candidates, synthetic_cardiac, synthetic_course, synthetic_runs
from perfuse.evidence.registry.draws import described, lost, parameters, streams
from perfuse.evidence.registry.schema import table_of, tables
from perfuse.evidence.registry.tables import Registry
from perfuse.evidence.registry.tables import empty as empty_table
from perfuse.parameters.problems import Problems
from perfuse.parameters.safety import SAFETY_TEXT

DEFAULT_RUNS, DEFAULT_SEED = 5000, 1
PARTS = ("place", "patients", "deaths", "stays", "cardiac", "candidates", "censoring", "missing", "course", "dates", "quirks")
MOST = 5_000_000


def synthesise(
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    *,
    centres: int | None = None,
    candidates: int | None = None,
    volume_effect: float | None = None,
    volume_plateau: float | None = None,
    centre_sd: float | None = None,
    confounding: float | None = None,
    hazard_ratio: float | None = None,
    censoring: float | None = None,
    missingness: float | None = None,
    quirks: float = 0.0,
    course: bool = True,
    change: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Registry:
    """A synthetic registry of adult runs: tables of the schema, and the truth that they were drawn from.

    runs            runs of support, 20 to 5,000,000
    seed            same seed, same registry, bit for bit
    centres         how many; without it so many that a centre has 16 runs a year
    candidates      patients who met criteria, for emulated trials; without it half as many as runs

    Seldom needed (what is not given comes from synthetic.yaml, each number with its source):

    volume_effect   log odds ratio of hospital death per doubling of a centre's annual runs (respiratory and ECPR)
    volume_plateau  runs a year near which the effect of volume flattens; without it none
    centre_sd       standard deviation of the effects of centres, log odds
    confounding     log odds of starting ECMO per standard deviation of severity, among the candidates
    hazard_ratio    causal hazard ratio of death on ECMO, among the candidates
    censoring       share of runs and candidates whose reports stop at a random day; 0 also keeps the last ones until their end
    missingness     share of values before support that are missing, at random given severity; 0 keeps all
    quirks          share of runs that get one reporting error, which a check has to find; truth["quirks"] lists them
    course          also make settings, complications, parts and changes of mode
    change          any parameter of synthetic.yaml by its dotted name

    Returns a `Registry`; truth holds "mortality" (logistic model of respiratory and ECPR runs), "weaning" (Fine-Gray model of cardiac
    runs, cumulative incidences), "candidates" (hazard ratio, risks under each strategy) and what was cut off or lost.
    Errors: `InputError` with everything that is out of range.
    """
    given = {
        "volume.log_or_per_doubling": volume_effect,
        "volume.centre_sd": centre_sd,
        "candidates.confounding": confounding,
        "candidates.hazard_ratio": hazard_ratio,
        "censoring.share": censoring,
        "missing.share": missingness,
    }
    p = parameters({**(change or {}), **{name: value for name, value in given.items() if value is not None}})
    _refuse(runs, seed, centres, candidates, quirks, volume_plateau, p)
    steps = _Steps(progress)
    rng = streams(seed, *PARTS)
    where = centres or max(3, round(runs / (p["registry.years"] * p["registry.mean_volume"])))
    who = synthetic_runs.drawn(rng, runs, where, p)
    steps("patients before support")
    died, mortality = synthetic_runs.logistic_deaths(rng["deaths"], who, p, volume_plateau)
    cardiac, heart, weaning = synthetic_cardiac.cardiac_ends(rng["cardiac"], who, p)
    ends = synthetic_runs.stays(rng["stays"], who, died, p).but(cardiac, heart)
    steps("ends of support")
    made = _Made(rng, who, ends, p)
    made_tables = made.tables(course)
    steps("courses")
    n = round(runs * p["registry.candidates_per_run"]) if candidates is None else candidates
    columns, trial = synthetic_candidates.candidates(rng, n, p)
    made_tables["candidates"] = made.candidates(columns, n)
    steps("candidates")
    mortality["centre_effects"] = {f"c{i:04d}": float(effect) for i, effect in enumerate(who.centre_effect)}
    truth: dict[str, Any] = {"mortality": mortality, "weaning": weaning, "candidates": trial}
    truth["censoring"] = {"share": p["censoring.share"], "days": p["censoring.days"], "model": "independent of everything"}
    truth["missing"] = {"share": p["missing.share"], "per_severity": p["missing.per_severity"], "model": "at random given severity"}
    truth["parameters"] = {name: {**described()[name], "value": value} for name, value in p.items()}
    if quirks > 0:
        from perfuse.evidence.registry.quirks import spoil

        made_tables, truth["quirks"] = spoil(rng["quirks"], made_tables, quirks)
    about = {"kind": "synthetic", "seed": seed, "runs": runs, "centres": where, "schema": "perfuse-registry/1", "safety": SAFETY_TEXT}
    return Registry({name: made_tables[name] for name in tables()}, truth, about)


class _Steps:
    def __init__(self, progress: Progress | None) -> None:
        self.progress, self.done = progress, 0

    def __call__(self, words: str) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, 4, words)


def _refuse(
    runs: int, seed: int, centres: int | None, candidates: int | None, quirks: float, plateau: float | None, p: Mapping[str, float]
) -> None:
    problems = Problems("the synthetic registry")

    def within(name: str, value: float | None, low: float, high: float) -> None:
        if value is not None and not low <= value <= high:
            problems.add((name,), f"{value:g} is outside what can be made", value=value, allowed=f"{low:g} to {high:g}")

    within("runs", runs, 20, MOST)
    within("seed", seed, 0, 2**32 - 1)
    within("centres", centres, 1, max(runs, 1))
    within("candidates", candidates, 0, MOST)
    within("quirks", quirks, 0, 0.5)
    within("volume_plateau", plateau, 1, 10_000)
    for name in ("mortality.respiratory", "mortality.va", "mortality.ecpr", "weaning.share", "candidates.start_per_day"):
        within(name, p[name], 0.001, 0.999)
    for name in ("censoring.share", "missing.share", "registry.share_respiratory", "registry.share_ecpr", "not_weaned.share_died"):
        within(name, p[name], 0, 0.95)
    within("registry.share_respiratory + registry.share_ecpr", p["registry.share_respiratory"] + p["registry.share_ecpr"], 0, 1)
    within("volume.centre_sd", p["volume.centre_sd"], 0, 5)
    within("candidates.hazard_ratio", p["candidates.hazard_ratio"], 0.01, 100)
    within("candidates.last_start", p["candidates.last_start"], 0, 30)
    within("candidates.grace", p["candidates.grace"], 0, p["candidates.last_start"])
    within("registry.years", p["registry.years"], 1, 60)
    within("registry.first_year", p["registry.first_year"], 1972, 2100)
    within("registry.mean_volume", p["registry.mean_volume"], 0.5, 10_000)
    for name, value in p.items():
        if name.endswith(("_days", ".days", "_scale", "_shape", ".shape")):
            within(name, value, 1e-3, 10_000)
        elif name.endswith(("spread", "_sd")):
            within(name, value, 0, 10)
    problems.raise_if_any()


class _Made:
    """Puts what was drawn into tables, as a registry would have seen it."""

    def __init__(
        self, rng: Mapping[str, np.random.Generator], who: synthetic_runs.Drawn, ends: synthetic_runs.Ends, p: Mapping[str, float]
    ) -> None:
        n = len(ends.run_days)
        self.rng, self.who, self.ends, self.p, self.n = rng, who, ends, p, n
        self.runs = _names("r", n)
        dates = rng["dates"]
        january = (who.year - 1970).astype("datetime64[Y]").astype("datetime64[us]")
        self.start = january + (dates.integers(0, 365 * 86_400, n) * 1_000_000).astype("timedelta64[us]")
        close = np.datetime64(f"{int(p['registry.first_year'] + p['registry.years'])}-01-01", "us")
        stop = np.where(rng["censoring"].random(n) < p["censoring.share"], rng["censoring"].random(n) * p["censoring.days"], np.inf)
        days_left = (close - self.start).astype(np.int64) / 86_400e6
        self.cut = np.minimum(stop, days_left) if p["censoring.share"] > 0 else np.full(n, np.inf)
        self.seen = np.maximum(np.minimum(ends.run_days, self.cut), 1 / 86_400)
        self.still_on = self.cut < ends.run_days

    def tables(self, course: bool) -> dict[str, pa.Table]:
        """Patients, runs, values before support, outcomes, and the course where it is asked for."""
        who, ends, at = self.who, self.ends, synthetic_course.ends
        patients = _names("p", self.n)
        values = who.values
        end = np.where(self.still_on, np.datetime64("NaT"), at(self.start, self.seen))
        runs = {
            "run_id": self.runs,
            "patient_id": patients,
            "centre_id": _names("c", who.centres, 4).take(pa.array(who.centre)),
            "year": who.year,
            "start": self.start,
            "end": end,
            "indication": who.indication,
            "diagnosis": who.diagnosis,
            "mode": who.mode,
            "bridge_intent": who.bridge,
            **{name: values[name] for name in ("age", "weight_kg", "height_cm")},
        }
        outcome_seen = ends.hospital_days <= self.cut
        last = np.maximum(np.minimum(ends.hospital_days, self.cut), self.seen)
        outcomes = {
            "run_id": self.runs,
            "support_ended_by": np.where(self.still_on, "still_on", ends.ended_by).astype(object),
            "hospital_outcome": np.where(outcome_seen, np.where(ends.died, "died", "alive"), "still_in").astype(object),
            "last_seen": at(self.start, last),
        }
        out = {
            "patients": table_of("patients", {"patient_id": patients, "female": values["female"] > 0}),
            "runs": table_of("runs", runs),
            "pre_support": table_of("pre_support", self._pre_support()),
            "outcomes": table_of("outcomes", outcomes),
        }
        if course:
            lungs = who.of("respiratory")
            return {**out, **synthetic_course.course(self.rng["course"], self.runs, self.start, self.seen, lungs, self.still_on)}
        return {**out, **{name: empty_table(name) for name in ("mode_changes", "equipment", "settings", "complications")}}

    def _pre_support(self) -> dict[str, Any]:
        values, columns = self.who.values, tables()["pre_support"].columns
        out: dict[str, Any] = {"run_id": self.runs, "severity": values["severity"]}
        for name, numbers in values.items():
            if name == "severity" or name not in columns:
                continue
            share = 0.0 if name in synthetic_runs.COVARIATES else self.p["missing.share"]
            gone = lost(self.rng["missing"], values["severity"], share, self.p["missing.per_severity"])
            kept = np.where(gone, np.nan, numbers)
            out[name] = _yes_no(kept) if columns[name].type == "boolean" else kept
        return out

    def candidates(self, columns: Mapping[str, Any], n: int) -> pa.Table:
        """The candidates, at the same centres."""
        draw, rng = dict(columns), self.rng["place"]
        share = np.bincount(self.who.centre, minlength=self.who.centres) / self.n
        centre = np.searchsorted(np.cumsum(share), rng.random(n), side="right").clip(0, self.who.centres - 1)
        for name in ("pf_mmHg", "lactate_mmol_L", "driving_pressure_cmH2O"):
            gone = lost(self.rng["missing"], draw["severity"], self.p["missing.share"], self.p["missing.per_severity"])
            draw[name] = np.where(gone, np.nan, draw[name])
        first, years = int(self.p["registry.first_year"]), int(self.p["registry.years"])
        draw |= {"candidate_id": _names("k", n), "centre_id": _names("c", self.who.centres, 4).take(pa.array(centre))}
        return table_of("candidates", draw | {"year": rng.integers(first, first + years, n)})


def _yes_no(values: Any) -> pa.Array:
    empty = ~np.isfinite(values)
    return pa.array(np.where(empty, 0, values) > 0, mask=empty)


def _names(letter: str, n: int, digits: int = 7) -> pa.Array:
    return pa.array([f"{letter}{i:0{digits}d}" for i in range(n)])
