"""Trial sequential analysis: has a cumulative meta-analysis enough patients, and does it cross a boundary made for repeated looks?

Required information size: patients that one trial would need for a stated reduction of risk, divided by 1 - D2, where the diversity
D2 = 1 - var(fixed)/var(random) (Wetterslev 2008, 2009). Boundary: Lan and DeMets 1983, spending of O'Brien and Fleming's type with half
of alpha on either side, 2 - 2 Phi(z / sqrt t) each with z the quantile of alpha/4, found by integrating the score process from look to
look (Armitage, McPherson and Rowe 1969).

It is contested: Cochrane advises against it for reviews, since the looks of a meta-analysis are not planned, and the required size hangs
on a reduction that someone chose (recalled-high).
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from perfuse.evidence.trials.meta import Meta
from perfuse.evidence.trials.pooling import pool
from perfuse.parameters.problems import Problems

Array = NDArray[np.float64]
CAVEAT = (
    "Trial sequential analysis is contested: looks of a meta-analysis are not planned, and its size hangs on the reduction that was chosen."
)
_FARTHEST = 8.2
"""Normal deviates beyond which a boundary counts as out of reach: two-sided P below 2e-16."""


@dataclass(frozen=True)
class SequentialRow:
    """One look.

    patients   so far; fraction of the required size
    z          cumulative estimate over its error (DerSimonian-Laird)
    boundary   |z| that would cross at this look; None where it is out of reach, and from the required size on the plain quantile holds
    """

    study: str
    year: int
    patients: int
    fraction: float
    z: float
    boundary: float | None

    @property
    def crossed(self) -> bool:
        """Whether the look is at or beyond the boundary."""
        return self.boundary is not None and abs(self.z) >= self.boundary


@dataclass(frozen=True)
class Sequential:
    """The required size (patients) without and with diversity, D2 (0-1), and the looks in the order of years."""

    required_of_one_trial: float
    required: float
    diversity: float
    control_risk: float
    reduction: float
    alpha: float
    power: float
    rows: tuple[SequentialRow, ...]

    @property
    def verdict(self) -> str:
        """What the last look says, in a sentence."""
        last = self.rows[-1]
        share = f"{last.patients} of {self.required:.0f} patients ({100.0 * last.fraction:.0f} %)"
        if last.crossed:
            return f"{share}; the boundary is crossed."
        return f"{share}; the boundary is not crossed{'' if last.fraction >= 1.0 else ', and the required size is not reached'}."


def sequential(meta: Meta, reduction: float, control_risk: float | None = None, alpha: float = 0.05, power: float = 0.8) -> Sequential:
    """The sequential analysis of a pool whose years are all known.

    reduction     relative reduction of risk that is looked for (0.2: RR 0.8; negative: an increase)
    control_risk  0-1; that of all control arms together where it is not given
    InputError: years missing, or numbers out of range.
    """
    problems = Problems("the sequential analysis")
    if any(study.year is None for study in meta.used):
        missing = ", ".join(study.name for study in meta.used if study.year is None)
        problems.add(("studies",), f"the year is not known of {missing}", hint="Studies are looked at in the order of years.")
    events, n = sum(s.counts.e0 for s in meta.used), sum(s.counts.n0 for s in meta.used)
    base = events / n if control_risk is None else control_risk
    if not 0.0 < base < 1.0:
        problems.add(("control_risk",), "the risk of the control arm is out of range", value=f"{base:g}", allowed="above 0, below 1")
    if reduction == 0.0 or not -5.0 <= reduction < 1.0 or base * (1.0 - reduction) >= 1.0:
        problems.add(("reduction",), "this reduction is out of range", value=f"{reduction:g}", allowed="below 1, not 0, both risks below 1")
    for name, value, least in (("alpha", alpha, 0.0001), ("power", power, 0.5)):
        if not least <= value <= (0.2 if name == "alpha" else 0.999):
            problems.add((name,), f"this {name} is out of range", value=f"{value:g}")
    problems.raise_if_any()
    treated = base * (1.0 - reduction)
    middle = 0.5 * (base + treated)
    z = float(ndtri(1.0 - alpha / 2.0) + ndtri(power))
    alone = 4.0 * z * z * middle * (1.0 - middle) / (base - treated) ** 2
    diversity = max(0.0, 1.0 - (pool(meta.y, meta.v, "FE").se / pool(meta.y, meta.v, "DL").se) ** 2)
    required = alone / (1.0 - diversity)
    order = sorted(range(meta.k), key=lambda i: meta.used[i].year or 0)
    sizes = np.cumsum([meta.used[i].counts.n1 + meta.used[i].counts.n0 for i in order])
    fractions = sizes / required
    bounds = boundaries(fractions, alpha)
    rows = []
    for j, i in enumerate(order):
        one, study = pool(meta.y[order[: j + 1]], meta.v[order[: j + 1]], "DL"), meta.used[i]
        bound = bounds[j] if bounds[j] < inf else None
        rows.append(SequentialRow(study.name, study.year or 0, int(sizes[j]), float(fractions[j]), one.y / one.se, bound))
    return Sequential(alone, required, diversity, base, reduction, alpha, power, tuple(rows))


def boundaries(fractions: Array, alpha: float = 0.05) -> list[float]:
    """Two-sided boundaries of |z| at rising information fractions; infinity where nothing can cross, the plain quantile after 1."""
    plain, side = float(ndtri(1.0 - alpha / 2.0)), float(ndtri(1.0 - alpha / 4.0))
    found: list[float] = []
    before, spent = 0.0, 0.0
    nodes, mass = np.zeros(1), np.ones(1)
    for raw in fractions:
        t = min(float(raw), 1.0)
        if before >= 1.0:
            found.append(plain)
            continue
        step = sqrt(t - before)
        share = 4.0 - 4.0 * float(ndtr(side / sqrt(t))) - spent
        reach = _FARTHEST * sqrt(t)

        def surplus(c: float, nodes: Array = nodes, mass: Array = mass, step: float = step, share: float = share) -> float:
            return float(np.sum(mass * (ndtr((nodes - c) / step) + ndtr((-c - nodes) / step)))) - share

        limit = reach if surplus(reach) >= 0.0 or share < 1e-15 else float(brentq(surplus, 0.0, reach, xtol=1e-12))
        found.append(inf if limit == reach else limit / sqrt(t))
        spent += share
        count = int(min(1500, max(200, 12.0 * 2.0 * limit / step)))
        x, w = leggauss(count)
        later = x * limit
        density = np.exp(-0.5 * ((later[:, None] - nodes[None, :]) / step) ** 2) @ mass / (step * sqrt(2.0 * np.pi))
        nodes, mass, before = later, density * w * limit, t
    return found
