"""A funnel of centres: observed over expected deaths, with limits within which chance alone would keep a centre.

Sources: Spiegelhalter DJ. Stat Med 2005;24:1185-202 (limits, overdispersion); exact limits of a centre: distribution of the sum
of its own risks, Poisson-binomial (Hong Y. Comput Stat Data Anal 2013;59:41-51), by Fourier transform.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom, norm

from perfuse.evidence.centres.expected import with_risks
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import called
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]
SOURCE = "Spiegelhalter DJ. Stat Med 2005;24:1185-202"
LEVELS = (0.95, 0.998)
EXACT = 3000
"""Runs of a centre up to which its limits are exact."""
WINSOR = 0.1
"""Share of the most extreme centres at each end whose z scores are pulled in before overdispersion is measured (Spiegelhalter 2005)."""
_BEND = float(ndtri(1.0 - WINSOR))
CHANCE = 1.0 - 2.0 * WINSOR - 2.0 * _BEND * float(norm.pdf(_BEND)) + 2.0 * WINSOR * _BEND**2
"""Mean square of a standard normal that is so pulled in, 0.679. Without it (as in the paper) it is told a third too low."""
ASSUMPTIONS = (
    "The risk model holds case mix equal; what it does not hold looks like quality.",
    "Deaths within a centre are independent, given risk.",
    "The limits ask about one centre at a time: of 100 ordinary centres five lie outside the inner limits by chance.",
)


def funnel(
    frame: pd.DataFrame,
    *,
    outcome: str = "died",
    covariates: Sequence[str] = (),
    predicted: str | None = None,
    centre: str = "centre_id",
    effects: dict[str, float] | None = None,
) -> Finding:
    """Standardised mortality ratios of all centres against limits of 95 and 99.8 %.

    predicted   column of risks (0 to 1); without it they come from a logistic model of the covariates
    effects     true log odds ratios of centres of a synthetic registry, by name
    The SMR of a centre is O/E; its exact limits come from the distribution of a sum of its own risks. The curves are those of a binomial
    with the mean risk, interpolated so that they are smooth in E. Overdispersion: the mean winsorised z squared over
    what chance alone would make of it (0.68); limits times its root.
    """
    found, y, risk, left_out, how = with_risks(frame, outcome, covariates, predicted, [centre], "the funnel")
    codes, labels = pd.factorize(found[centre], sort=True)
    if labels.size < 3:
        raise InputError([Problem(centre, f"{labels.size} centres make no funnel", allowed="3 centres and more")], "the funnel")
    observed, expected, spread = (np.bincount(codes, one).astype(np.float64) for one in (y, risk, risk * (1 - risk)))
    runs = np.bincount(codes)
    if not (expected > 0).all() or not (spread > 0).all():
        raise InputError([Problem("", "a centre has no uncertain run (all risks 0 or 1)", hint="Check the predictions.")], "the funnel")
    z = (observed - expected) / np.sqrt(spread)
    dispersion, tau = overdispersion(z, expected, spread)
    rows = np.split(np.argsort(codes, kind="stable"), np.cumsum(runs)[:-1])
    lower, upper = (np.empty((len(LEVELS), labels.size)) for _ in range(2))
    for j, own in enumerate(rows):
        for i, ends in enumerate(own_limits(risk[own])):
            lower[i, j], upper[i, j] = ends
    flags = [[_side(observed[j], lower[i, j], upper[i, j]) for j in range(labels.size)] for i in range(len(LEVELS))]
    adjusted = z / np.sqrt(max(1.0, dispersion))
    crude = (observed - runs * y.mean()) / np.sqrt(runs * y.mean() * (1 - y.mean()))
    table = {
        "centre": [str(label) for label in labels],
        "runs": runs.tolist(),
        "observed": observed.astype(int).tolist(),
        "expected": expected.tolist(),
        "smr": (observed / expected).tolist(),
        "z": z.tolist(),
        "z_adjusted": adjusted.tolist(),
        "inside_95": flags[0],
        "inside_998": flags[1],
    }
    outside = [sum(side != "inside" for side in level) for level in flags]
    wide = int((np.abs(adjusted) > ndtri(0.999)).sum())
    estimates = [
        Estimate("Centres outside 95 % limits", 100 * outside[0] / labels.size, unit="%"),
        Estimate("Centres outside 99.8 % limits", 100 * outside[1] / labels.size, unit="%"),
        Estimate("Centres outside 99.8 % limits after adjustment for overdispersion", 100 * wide / labels.size, unit="%"),
        Estimate("Overdispersion (1 is chance alone)", dispersion),
        Estimate("Standard deviation of log SMR between centres (DerSimonian-Laird)", tau),
        Estimate(
            "Centres outside 99.8 % limits without case mix", float(100 * np.mean(np.abs(crude) > ndtri(0.999))), unit="%", role="naive"
        ),
    ]
    diagnostics: dict[str, Any] = {
        "expected deaths from": how,
        "observed over expected, all centres": float(observed.sum() / expected.sum()),
        "centres": _rows(table),
    }
    if effects is not None:
        known = np.array([effects.get(str(label), np.nan) for label in labels])
        seen = np.isfinite(known)
        for name, score in (("with case mix", z), ("without case mix (naive)", crude)):
            diagnostics[f"correlation of z scores with the true effects of centres, {name}"] = float(
                np.corrcoef(known[seen], score[seen])[0, 1]
            )
    return Finding(
        name="funnel",
        question=f"At which centres is {called(outcome)} more or less frequent than their case mix foretells, beyond chance?",
        n={"runs": int(y.size), "left out (missing values)": left_out, "centres": int(labels.size), "deaths": int(y.sum())},
        estimates=tuple(estimates),
        assumptions=ASSUMPTIONS,
        diagnostics=diagnostics,
        warnings=_warnings(dispersion, left_out, expected),
        curves={"centres": table, "limits": limits(expected, float(risk.mean()), dispersion)},
        source=SOURCE,
    )


def own_limits(risk: Array) -> list[tuple[float, float]]:
    """Fewest and most deaths inside each level's limits for a centre with these risks.

    Exact up to 3000 runs; beyond, the normal approximation with a correction for skewness, which is then off by less than one death
    (Volkova AY. Theory Probab Appl 1996;40:791-4; Hong 2013).
    """
    if risk.size <= EXACT:
        chances = poisson_binomial(risk)
        return [_ends(chances, level) for level in LEVELS]
    mean, sd = float(risk.sum()), float(np.sqrt(np.sum(risk * (1 - risk))))
    skew = float(np.sum(risk * (1 - risk) * (1 - 2 * risk))) / sd**3
    found = []
    for level in LEVELS:
        z = ndtri((1.0 - level) / 2.0)
        ends = [mean + sd * (one + skew * (one**2 - 1.0) / 6.0) for one in (z, -z)]
        found.append((float(np.floor(ends[0] + 0.5)), float(np.ceil(ends[1] - 0.5))))
    return found


def poisson_binomial(risk: Array) -> Array:
    """Chances of 0, 1, ..., n deaths among n runs of these risks."""
    n = risk.size
    angles = np.exp(-2j * np.pi * np.arange(n + 1) / (n + 1))
    log = np.zeros(n + 1, dtype=complex)
    for start in range(0, n, 512):
        log += np.log1p(risk[None, start : start + 512] * (angles[:, None] - 1.0)).sum(axis=1)
    return np.clip(np.fft.ifft(np.exp(log)).real, 0.0, 1.0)


def limits(expected: Array, mean_risk: float, dispersion: float, points: int = 120) -> dict[str, Any]:
    """SMR limits over expected deaths for a figure: exact binomial with the mean risk, interpolated between whole deaths."""
    grid = np.geomspace(max(0.5, expected.min() * 0.8), expected.max() * 1.1, points)
    runs = np.maximum(1.0, np.round(grid / mean_risk))
    columns: dict[str, Any] = {"expected": grid.tolist()}
    for level in LEVELS:
        tail = (1.0 - level) / 2.0
        name = f"{100 * level:g}".replace(".", "")
        for side, at in (("low", tail), ("high", 1.0 - tail)):
            columns[f"{side}_{name}"] = (_interpolated(at, runs, mean_risk) / (runs * mean_risk)).tolist()
        width = ndtri(1.0 - tail) * np.sqrt(max(1.0, dispersion) * (1.0 - mean_risk) / grid)
        columns[f"low_{name}_wide"], columns[f"high_{name}_wide"] = np.maximum(0.0, 1.0 - width).tolist(), (1.0 + width).tolist()
    return columns


def overdispersion(z: Array, expected: Array, spread: Array) -> tuple[float, float]:
    """Mean of the winsorised z squared (1 by chance alone), and the standard deviation of log SMR between centres (0: none)."""
    low, high = np.quantile(z, [WINSOR, 1.0 - WINSOR])
    phi = float(np.mean(np.clip(z, low, high) ** 2) / CHANCE)
    w = expected**2 / spread  # 1 over the variance of O/E
    size = z.size
    tau2 = (size * phi - (size - 1)) / (w.sum() - np.sum(w**2) / w.sum())
    return phi, float(np.sqrt(max(0.0, tau2)))


def _interpolated(at: float, runs: Array, risk: float) -> Array:
    """Deaths at a quantile, between whole numbers so that the chance of fewer is just `at` (Spiegelhalter 2005, appendix A.1.1)."""
    r = binom.ppf(at, runs, risk)
    upper, mass = binom.cdf(r, runs, risk), binom.pmf(r, runs, risk)
    return np.asarray(np.maximum(0.0, r - (upper - at) / mass))


def _ends(chances: Array, level: float) -> tuple[float, float]:
    """Fewest and most deaths with no more than half of 1 - level in each tail beyond them."""
    tail = (1.0 - level) / 2.0
    below = np.cumsum(chances)
    above = np.cumsum(chances[::-1])[::-1]
    return float(np.argmax(below > tail)), float(above.size - 1 - np.argmax(above[::-1] > tail))


def _side(observed: float, low: float, high: float) -> str:
    return "fewer" if observed < low else "more" if observed > high else "inside"


def _rows(table: dict[str, Any], most: int = 15) -> list[dict[str, Any]]:
    """The centres farthest from what was expected."""
    order = np.argsort(-np.abs(table["z"]))[:most]
    return [
        {key: table[key][i] for key in ("centre", "runs", "observed", "expected", "smr", "z", "z_adjusted", "inside_95", "inside_998")}
        for i in order
    ]


def _warnings(dispersion: float, left_out: int, expected: Array) -> tuple[str, ...]:
    words = []
    if dispersion > 1.5:
        words.append(
            f"Centres vary {dispersion:.1f} times as much as chance: either quality differs widely, or case mix is not held equal. "
            "The plain limits flag too many."
        )
    small = int((expected < 5).sum())
    if small:
        words.append(f"{small} centres expect fewer than 5 deaths: only extremes can leave the limits.")
    if left_out:
        words.append(f"{left_out} runs with missing values were left out; that is fair only if they miss by chance.")
    return tuple(words)
