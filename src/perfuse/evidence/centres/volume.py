"""Does mortality depend on how many runs a centre does? A mixed-effects logistic model with splines of log volume.

As in Barbaro RP et al. AJRCCM 2015;191:894-901 (56,222 patients of 290 centres): case mix, a random intercept of the centre, categories
of annual volume; here also a straight line and a restricted cubic spline of its logarithm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from perfuse.evidence.causal.logistic import Logistic, fit, with_constant
from perfuse.evidence.centres.mixed import Mixed, fit_mixed
from perfuse.evidence.centres.splines import knots_of, spline
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import called, complete, design
from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem, Problems

Array = NDArray[np.float64]
Z = 1.959963984540054
CUTS = (6.0, 15.0, 31.0)
"""Lower ends of the categories 6-14, 15-30 and >30 runs a year; below the first is <6 (Barbaro 2015)."""
CATEGORIES = ("<6", "6-14", "15-30", ">30")
FEW = 50
"""Centres below which maximum likelihood makes their deviation, and with it the intervals of volume, too small to pass over (assumed)."""
SOURCE = (
    "Barbaro RP et al. AJRCCM 2015;191:894-901; quadrature: Pinheiro JC, Bates DM. J Comput Graph Stat 1995;4:12-35; "
    "median odds ratio: Larsen K, Merlo J. Am J Epidemiol 2005;161:81-8"
)
ASSUMPTIONS = (
    "Case mix is held equal by the covariates alone; what makes a patient sicker and is not among them goes into the centres.",
    "Centres differ by a constant on the log odds scale that is normally distributed and has nothing to do with volume or case mix.",
    "Annual volume stands for experience; it may as well follow from good results (reverse causation) or from where patients are sent.",
    "Runs of one centre are independent once its effect is known.",
)

REVERSE = (
    "An association of volume with mortality does not show that more runs would save lives: good centres may attract patients (reverse "
    "causation)."
)


@dataclass(frozen=True)
class _Fits:
    """A model of one shape of volume with and without centres; `names` of the columns after the constant."""

    mixed: Mixed
    plain: Logistic
    names: list[str]


def volume_outcome(
    frame: pd.DataFrame,
    *,
    outcome: str = "died",
    covariates: Sequence[str] = (),
    centre: str = "centre_id",
    volume: str = "annual_volume",
    nodes: int = 7,
    knots: int = 4,
    truth: Mapping[str, float] | None = None,
    truth_curve: Mapping[str, Sequence[float]] | None = None,
    progress: Progress | None = None,
) -> Finding:
    """Fit the three shapes of volume (straight, spline, categories) with a random intercept of the centre.

    outcome     binary column (true = died)
    volume      column: runs of that centre in that year
    nodes       points of the quadrature: 1 is Laplace's method, at most 25
    knots       of the spline: 3, 4 or 5, put at Harrell's quantiles of log2 volume
    truth       log_or_per_doubling, centre_sd where they are known; truth_curve: annual_volume (rising), log_or; drawn
                where it is known, None beyond
    """
    problems = Problems("the volume model")
    if not 1 <= nodes <= 25:
        problems.add(("nodes",), "this many points cannot be taken", value=nodes, allowed="1 to 25")
    if knots not in (3, 4, 5):
        problems.add(("knots",), "a spline of this many knots is not made here", value=knots, allowed="3, 4 or 5")
    problems.raise_if_any()
    found, left_out = complete(frame, [*covariates, centre], "the runs", binary=[outcome], numbers=[volume])
    if (found[volume] <= 0).any():
        raise InputError([Problem(volume, "an annual volume is not positive", value=str(found[volume].min()))], "the runs")
    x, names = design(found, covariates)
    x = x - x.mean(axis=0)
    y = found[outcome].to_numpy(np.float64)
    codes = pd.factorize(found[centre], sort=True)[0].astype(np.int64)
    log2 = np.log2(found[volume].to_numpy(np.float64))
    fits: dict[str, _Fits] = {}
    lacking: list[str] = []
    bent_at = _knots(log2, knots)
    shapes = {"straight": (log2[:, None], ["log2 volume"])}
    if bent_at is not None:
        shapes["spline"] = (spline(log2, bent_at), [f"spline {i + 1}" for i in range(bent_at.size - 1)])
    in_class, class_names = categories(found[volume].to_numpy(np.float64))
    if class_names:
        shapes["categories"] = (in_class, class_names)
    for done, (shape, (columns, labels)) in enumerate(shapes.items()):
        if progress is not None:
            progress(done, len(shapes), f"volume as {shape}")
        rows = with_constant(np.column_stack([columns - columns.mean(axis=0), x]))
        try:
            fits[shape] = _Fits(fit_mixed(rows, y, codes, nodes=nodes, names=[*labels, *names]), fit(rows, y), [*labels, *names])
        except InputError as error:
            if shape == "straight":
                raise
            lacking.append(f"Volume as {shape} is left out: {error.problems[0].text}.")
    if "spline" not in fits:
        bent_at = None
    centres = pd.DataFrame({"c": codes, "n": 1, "died": y}).groupby("c").sum()
    labels = pd.factorize(found[centre], sort=True)[1]
    straight = fits["straight"].mixed
    return Finding(
        name="volume",
        question=f"How does the chance of {called(outcome)} change with the annual volume of a centre, case mix held equal?",
        n={"runs": int(y.size), "left out (missing values)": left_out, "centres": int(codes.max() + 1), "deaths": int(y.sum())},
        estimates=tuple(_estimates(fits, truth or {})),
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(fits, bent_at, nodes, found[volume]),
        warnings=(*_warnings(centres, straight, left_out), *lacking),
        curves={**_curve(fits, bent_at, log2, truth_curve), "centres": _centres(centres, labels, straight, found, codes, volume)},
        source=SOURCE,
    )


def categories(volume: Array) -> tuple[Array, list[str]]:
    """One 0/1 column for each category of annual volume but <6 (or, where nobody is in it, the lowest that is filled)."""
    which = np.searchsorted(CUTS, volume, side="right")
    filled = [i for i in range(len(CATEGORIES)) if (which == i).any()]
    columns = [(which == i).astype(np.float64) for i in filled[1:]]
    names = [f"volume {CATEGORIES[i]} v {CATEGORIES[filled[0]]} a year" for i in filled[1:]]
    return (np.column_stack(columns) if columns else np.empty((volume.size, 0))), names


def median_odds_ratio(sd: float) -> float:
    """The odds ratio between two centres drawn by lot, the worse over the better, in the median: exp(sqrt(2) sd z_0.75)."""
    return float(np.exp(np.sqrt(2.0) * sd * norm.ppf(0.75)))


def _knots(log2: Array, knots: int) -> Array | None:
    try:
        return knots_of(log2, knots)
    except InputError:
        return None


def _ratio(label: str, value: float, se: float, role: Any, truth: float | None) -> Estimate:
    return Estimate(label, float(np.exp(value)), float(np.exp(value - Z * se)), float(np.exp(value + Z * se)), "1", role, truth)


def spread_of_centres(model: Mixed, truth: float | None = None) -> list[Estimate]:
    """Standard deviation of centres and median odds ratio.

    Intervals from the log of the deviation; from 0 up to 1.96 SE above it where 0 lies within, since the log has no end there; none at
    the border itself.
    """
    sd, se = model.sd, model.se_sd
    low: float | None = None
    high: float | None = None
    if se > 0.0:
        low, high = (sd * float(np.exp(-Z * se / sd)), sd * float(np.exp(Z * se / sd))) if sd > Z * se else (0.0, sd + Z * se)
    median = [None if one is None else median_odds_ratio(one) for one in (low, high, truth)]
    return [
        Estimate("Standard deviation of centres, log odds", sd, low, high, truth=truth),
        Estimate("Median odds ratio between centres", median_odds_ratio(sd), median[0], median[1], truth=median[2]),
    ]


def _estimates(fits: Mapping[str, _Fits], truth: Mapping[str, float]) -> list[Estimate]:
    straight = fits["straight"]
    per = truth.get("log_or_per_doubling")
    known = None if per is None else float(np.exp(per))
    out = [_ratio("Odds ratio per doubling of annual volume", straight.mixed.beta[1], straight.mixed.se[1], "method", known)]
    if "categories" in fits:
        one = fits["categories"]
        out += [
            _ratio(f"Odds ratio, {name}", one.mixed.beta[i], one.mixed.se[i], "method", None)
            for i, name in enumerate(one.names, 1)
            if name.startswith("volume ")
        ]
    out += spread_of_centres(straight.mixed, truth.get("centre_sd"))
    out.append(
        _ratio("Odds ratio per doubling of annual volume, centres ignored", straight.plain.beta[1], straight.plain.se[1], "naive", known)
    )
    if "categories" in fits:
        one = fits["categories"]
        out += [
            _ratio(f"Odds ratio, {name}, centres ignored", one.plain.beta[i], one.plain.se[i], "naive", None)
            for i, name in enumerate(one.names, 1)
            if name.startswith("volume ")
        ]
    return out


def _diagnostics(fits: Mapping[str, _Fits], bent_at: Array | None, nodes: int, volume: pd.Series) -> dict[str, Any]:
    straight = fits["straight"]
    mixed, plain = straight.mixed, straight.plain
    filled = np.bincount(np.searchsorted(CUTS, volume, side="right"), minlength=4)
    out: dict[str, Any] = {
        "points of the quadrature": nodes,
        "log likelihood, straight": straight.mixed.log_likelihood,
        "log likelihood, centres ignored": straight.plain.log_likelihood,
        "centres differ: p": float(0.5 * chi2.sf(max(0.0, 2 * (straight.mixed.log_likelihood - straight.plain.log_likelihood)), 1)),
        "share of variance that lies between centres, %": float(100 * straight.mixed.sd**2 / (straight.mixed.sd**2 + np.pi**2 / 3)),
        "standard error of the naive estimate over that of the mixed model": float(straight.plain.se[1] / straight.mixed.se[1]),
        "coefficients": [
            {"column": name, "log odds": float(b), "SE": float(s), "log odds, centres ignored": float(c), "SE, centres ignored": float(t)}
            for name, b, s, c, t in zip(straight.names, mixed.beta[1:], mixed.se[1:], plain.beta[1:], plain.se[1:], strict=True)
        ],
        "runs by category": {name: int(n) for name, n in zip(CATEGORIES, filled, strict=True)},
    }
    if bent_at is not None:
        bent = fits["spline"].mixed
        gain = 2 * (bent.log_likelihood - straight.mixed.log_likelihood)
        out["knots, runs a year"] = [round(float(2**k), 1) for k in bent_at]
        out["spline against straight line: p"] = float(chi2.sf(max(0.0, gain), bent_at.size - 2))
    return out


def _curve(fits: Mapping[str, _Fits], bent_at: Array | None, log2: Array, truth: Mapping[str, Sequence[float]] | None) -> dict[str, Any]:
    """Odds ratio against the median volume over the range of 1st to 99th percentile, by spline and by straight line."""
    low, high = np.quantile(log2, [0.01, 0.99])
    grid, middle = np.linspace(low, high, 60), float(np.median(log2))

    def ratio(shape: str, at: Array, there: Array) -> tuple[Array, Array, Array]:
        model = fits[shape].mixed
        apart = at - there
        rows = slice(1, 1 + apart.shape[1])
        value = apart @ model.beta[rows]
        se = np.sqrt(np.einsum("ij,jk,ik->i", apart, model.covariance[rows, rows], apart))
        return np.exp(value), np.exp(value - Z * se), np.exp(value + Z * se)

    straight = ratio("straight", grid[:, None], np.array([[middle]]))
    columns: dict[str, Any] = {"annual_volume": (2**grid).tolist(), "straight": straight[0].tolist()}
    if bent_at is not None:
        value, below, above = ratio("spline", spline(grid, bent_at), spline(np.array([middle]), bent_at))
        columns |= {"odds_ratio": value.tolist(), "low": below.tolist(), "high": above.tolist()}
    else:
        columns |= {"odds_ratio": straight[0].tolist(), "low": straight[1].tolist(), "high": straight[2].tolist()}
    if truth is not None:
        columns["truth"] = _known(grid, middle, truth)
    return {"volume": columns}


def _known(grid: Array, middle: float, truth: Mapping[str, Sequence[float]]) -> list[float | None]:
    """True odds ratios against the middle; None beyond the volumes for which the truth is known."""
    volumes, log_or = np.log2(truth["annual_volume"]), truth["log_or"]
    apart = np.interp(grid, volumes, log_or, left=np.nan, right=np.nan) - np.interp(middle, volumes, log_or, left=np.nan, right=np.nan)
    return [float(one) if np.isfinite(one) else None for one in np.exp(apart)]


def _centres(counts: pd.DataFrame, labels: Any, model: Mixed, found: pd.DataFrame, codes: NDArray[np.int64], volume: str) -> dict[str, Any]:
    """Shrunken centre effects (odds ratio against the average centre) with their intervals."""
    mean = np.bincount(codes, found[volume].to_numpy(np.float64)) / np.bincount(codes)
    return {
        "centre": [str(label) for label in labels],
        "runs": counts["n"].astype(int).tolist(),
        "mean_volume": mean.tolist(),
        "odds_ratio": np.exp(model.modes).tolist(),
        "low": np.exp(model.modes - Z * model.spreads).tolist(),
        "high": np.exp(model.modes + Z * model.spreads).tolist(),
    }


def _warnings(centres: pd.DataFrame, model: Mixed, left_out: int) -> tuple[str, ...]:
    words = [REVERSE]
    small = int((centres["n"] < 5).sum())
    if len(centres) < FEW:
        words.append(
            f"Only {len(centres)} centres: maximum likelihood makes their deviation too small, and all intervals of volume with it."
        )
    if small:
        words.append(f"{small} centres have fewer than 5 runs; their effects are almost wholly shrunken to the average.")
    if model.sd == 0.0:
        words.append(
            "No difference between centres beyond chance was found (standard deviation at its border, 0); it has no interval there."
        )
    if left_out:
        words.append(f"{left_out} runs with missing values were left out; that is fair only if they miss by chance.")
    return tuple(words)
