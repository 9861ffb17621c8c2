"""One centre over time: the risk-adjusted CUSUM that signals, and the VLAD that shows.

CUSUM: each run adds the log likelihood ratio of odds R_A against odds R_0; it never falls below 0 and signals at h. Source: Steiner SH et
al. Biostatistics 2000;1:441-52. VLAD: expected less observed deaths, added up. Source: Lovegrove J et al. Lancet 1997;350:1128-30.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from perfuse.evidence.centres.expected import with_risks
from perfuse.evidence.finding import Estimate, Finding
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

Array = NDArray[np.float64]
WORSE, BETTER = 2.0, 0.5
"""Odds ratios that the two sides of the chart look for."""
FALSE_ALARM = 0.05
"""Chance that a centre without any change signals within as many runs as are charted, by default."""
SIMULATIONS = 4000
TRUE = "true odds ratio of this centre against the average run (its own and its volume's)"
SOURCE = "Steiner SH et al. Biostatistics 2000;1:441-52"
VLAD_SOURCE = "Lovegrove J et al. Lancet 1997;350:1128-30"
ASSUMPTIONS = (
    "The risk model is right for this centre: its errors add up as if they were performance.",
    "Runs are in the order in which they began and independent, given risk.",
)


def scores(y: Array, risk: Array, odds_ratio: float) -> Array:
    """What each run adds: log of the likelihood at the odds ratio over that at 1."""
    return np.asarray(np.where(y > 0, np.log(odds_ratio), 0.0) - np.log1p(risk * (odds_ratio - 1.0)))


def cusum(steps: Array) -> Array:
    """Sums that never fall below 0, along the last axis: X_t = max(0, X_t-1 + W_t)."""
    total = np.cumsum(steps, axis=-1)
    return np.asarray(total - np.minimum(0.0, np.minimum.accumulate(total, axis=-1)))


def vlad(y: Array, risk: Array) -> Array:
    """Expected less observed deaths so far; up is fewer deaths than foretold."""
    return np.cumsum(risk - y)


def limit(risk: Array, odds_ratio: float, false_alarm: float, simulations: int, seed: int) -> float:
    """The height that a chart of these risks, in this order, reaches with the chance `false_alarm` when nothing is wrong."""
    rng = np.random.default_rng(seed)
    highest = np.empty(simulations)
    size = max(1, 4_000_000 // max(1, risk.size))
    for start in range(0, simulations, size):
        rows = slice(start, min(simulations, start + size))
        y = (rng.random((rows.stop - rows.start, risk.size)) < risk).astype(np.float64)
        highest[rows] = cusum(scores(y, risk, odds_ratio)).max(axis=1)
    return float(np.quantile(highest, 1.0 - false_alarm))


def centre_cusum(
    frame: pd.DataFrame,
    *,
    centre_value: str | None = None,
    outcome: str = "died",
    covariates: Sequence[str] = (),
    predicted: str | None = None,
    centre: str = "centre_id",
    order: Sequence[str] = ("year", "run_id"),
    odds_worse: float = WORSE,
    odds_better: float = BETTER,
    false_alarm: float = FALSE_ALARM,
    simulations: int = SIMULATIONS,
    seed: int = 0,
    effects: dict[str, float] | None = None,
) -> Finding:
    """Risk-adjusted CUSUM of one centre, both sides; limits from simulated runs without change.

    centre_value  the centre; without it the one with most runs
    order         columns by which runs are put in order
    false_alarm   chance of a signal of either kind within the charted runs when the odds ratio is 1 throughout
    """
    problems = Problems("the chart")
    if not (odds_worse > 1.0 > odds_better > 0.0):
        problems.add(
            ("odds",), "the chart looks for odds above and below 1", value=f"{odds_worse}, {odds_better}", allowed="worse > 1 > better > 0"
        )
    if not 0.0 < false_alarm < 0.5:
        problems.add(("false_alarm",), "this is not a small chance", value=false_alarm, allowed="more than 0, less than 0.5")
    if simulations < 200:
        problems.add(("simulations",), "too few to find a limit", value=simulations, allowed="200 and more")
    problems.raise_if_any()
    name, y, risk, n, how = _one(frame, centre_value, outcome, covariates, predicted, centre, order)
    sides = {}
    for i, (side, odds) in enumerate((("worse", odds_worse), ("better", odds_better))):
        height = limit(risk, odds, false_alarm / 2.0, simulations, seed + i)
        line = cusum(scores(y, risk, odds))
        crossed = np.flatnonzero(line >= height)
        sides[side] = (odds, height, line, int(crossed[0]) + 1 if crossed.size else None)
    ratio = y.sum() / risk.sum()
    estimates = [
        Estimate("Observed over expected deaths", float(ratio), *_ratio_interval(y, risk)),
        *(
            Estimate(f"Highest CUSUM over its limit, odds ratio {odds:g}", float(line.max() / height))
            for odds, height, line, _ in sides.values()
        ),
        Estimate("Crude share of deaths", float(100 * y.mean()), *_wilson(y), "%", "naive"),
    ]
    diagnostics: dict[str, Any] = {
        "centre": name,
        "expected deaths from": how,
        **{f"limit, odds ratio {odds:g}": height for odds, height, _, _ in sides.values()},
        **{f"first signal, odds ratio {odds:g}": f"run {at} of {y.size}" if at else "none" for odds, _, _, at in sides.values()},
        "false alarms within these runs, chosen": false_alarm,
        "simulated charts": simulations,
        "seed": seed,
    }
    if effects and name in effects:
        diagnostics[TRUE] = float(np.exp(effects[name]))
    worse, better = sides["worse"], sides["better"]
    return Finding(
        name="cusum",
        question=f"Do deaths at centre {name} run above or below what its case mix foretells, and when does it show?",
        n=n,
        estimates=tuple(estimates),
        assumptions=(*ASSUMPTIONS, f"{100 * false_alarm:g} % of charts of these risks signal falsely, half on each side (simulated)."),
        diagnostics=diagnostics,
        warnings=_warnings(worse[3], better[3], n),
        curves={
            "cusum": {
                "run": list(range(1, y.size + 1)),
                "worse": worse[2].tolist(),
                "better": (-better[2]).tolist(),
                "risk": risk.tolist(),
                "died": y.astype(int).tolist(),
            },
            "limits": {"worse": [worse[1]], "better": [-better[1]]},
        },
        source=SOURCE,
    )


def centre_vlad(
    frame: pd.DataFrame,
    *,
    centre_value: str | None = None,
    outcome: str = "died",
    covariates: Sequence[str] = (),
    predicted: str | None = None,
    centre: str = "centre_id",
    order: Sequence[str] = ("year", "run_id"),
    effects: dict[str, float] | None = None,
) -> Finding:
    """Variable life-adjusted display of one centre: expected less observed deaths, run by run, within the band of chance."""
    name, y, risk, n, how = _one(frame, centre_value, outcome, covariates, predicted, centre, order)
    line = vlad(y, risk)
    band = norm.ppf(0.975) * np.sqrt(np.cumsum(risk * (1 - risk)))
    known = {TRUE: float(np.exp(effects[name]))} if effects and name in effects else {}
    return Finding(
        name="vlad",
        question=f"How many more or fewer deaths than foretold has centre {name} had?",
        n=n,
        estimates=(
            Estimate("Expected less observed deaths", float(line[-1]), float(line[-1] - band[-1]), float(line[-1] + band[-1]), "deaths"),
            Estimate("Observed over expected deaths", float(y.sum() / risk.sum()), *_ratio_interval(y, risk)),
            Estimate("Crude share of deaths", float(100 * y.mean()), *_wilson(y), "%", "naive"),
        ),
        assumptions=(
            *ASSUMPTIONS,
            "The band holds 95 % of ordinary centres at a single run, not over the whole chart: it does not signal.",
        ),
        diagnostics={"centre": name, "expected deaths from": how, **known},
        warnings=_warnings(None, None, n),
        curves={"vlad": {"run": list(range(1, y.size + 1)), "vlad": line.tolist(), "low": (-band).tolist(), "high": band.tolist()}},
        source=VLAD_SOURCE,
    )


def _one(
    frame: pd.DataFrame,
    wanted: str | None,
    outcome: str,
    covariates: Sequence[str],
    predicted: str | None,
    centre: str,
    order: Sequence[str],
) -> tuple[str, Array, Array, dict[str, int], str]:
    """The runs of one centre in order, with risks from the model of all centres."""
    found, y, risk, left_out, how = with_risks(frame, outcome, covariates, predicted, [centre, *order], "the chart")
    names = found[centre].astype(str)
    if wanted is None:
        wanted = str(names.value_counts().sort_index().idxmax())
    mine = (names == str(wanted)).to_numpy()
    if not mine.any():
        hint = did_you_mean(str(wanted), sorted(set(names)))
        raise InputError([Problem("--centre", "there is no such centre", value=str(wanted), hint=hint)], "the chart")
    rows = found[mine].sort_values(list(order), kind="stable").index
    at = found.index.get_indexer(rows)
    if at.size < 10:
        raise InputError(
            [Problem("--centre", f"centre {wanted} has {at.size} runs: too few for a chart", allowed="10 and more")], "the chart"
        )
    return (
        str(wanted),
        y[at],
        risk[at],
        {
            "runs": int(at.size),
            "left out (missing values), all centres": left_out,
            "deaths": int(y[at].sum()),
            "centres": int(names.nunique()),
        },
        how,
    )


def _ratio_interval(y: Array, risk: Array) -> tuple[float, float]:
    """95 % interval of O/E: O is normal around E x ratio with the spread of its risks; never below 0."""
    half = norm.ppf(0.975) * np.sqrt(np.sum(risk * (1 - risk)))
    return float(max(0.0, y.sum() - half) / risk.sum()), float((y.sum() + half) / risk.sum())


def _wilson(y: Array) -> tuple[float, float]:
    from perfuse.evidence.wilson import wilson

    low, high = wilson(float(y.sum()), y.size)
    return 100 * low, 100 * high


def _warnings(worse: int | None, better: int | None, n: dict[str, int]) -> tuple[str, ...]:
    words = []
    if worse or better:
        words.append("A signal asks for a look at data, case mix and care, in this order; it says nothing about causes.")
    if n["runs"] < 40:
        words.append(f"Only {n['runs']} runs: a doubling of the odds would often go unnoticed.")
    return tuple(words)
