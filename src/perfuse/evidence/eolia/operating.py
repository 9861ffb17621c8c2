"""How the design behaves over many trials, with and without crossover, and what EOLIA's outcomes say when their order is unknown."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.eolia.published import count
from perfuse.evidence.eolia.triangle import Triangle, score

Array = NDArray[np.float64]
BENEFIT, NO_DIFFERENCE, HARM, OPEN = 1, 0, -1, 9


@dataclass(frozen=True)
class Characteristics:
    """Shares over simulated trials (0-1), patients, and the naive risk ratio at stopping.

    stops      share of trials that stopped at each look
    naive_rr   geometric mean of the crude risk ratio at stopping, of all and by how the trial ended; `true_rr` made the trials
    error      standard error of `benefit` from the number of simulated trials
    """

    name: str
    control_risk: float
    ecmo_risk: float
    crossover: float
    benefit: float
    no_difference: float
    harm: float
    error: float
    mean_size: float
    stops: tuple[float, ...]
    true_rr: float
    naive_rr: float
    naive_rr_benefit: float | None
    naive_rr_no_difference: float | None

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "stops": list(self.stops)}


def diluted(control_risk: float, ecmo_risk: float, crossover: float, crossover_risk: float, rescue: float) -> float:
    """Mortality of a control arm in which a share crosses over.

    crossover_risk  what those who cross would have died of without ECMO (0-1)
    rescue          how much of the relative effect of early ECMO they gain: 0 none, 1 all
    """
    gain = rescue * (1.0 - ecmo_risk / control_risk)
    return control_risk - crossover * crossover_risk * gain


def decide(design: Triangle, z: Array, v: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which look (N,) ends each trial and how, from paths z, v (N, K); the last look ends all.

    Two triangles. Where the corrected lines have crossed, or the trial has reached its largest size, the middle between them decides.
    """
    upper, lower = design.tree(v)
    middle = 0.5 * (upper + lower)
    last = np.arange(v.shape[1]) == v.shape[1] - 1
    closed = (upper <= lower) | last
    top, inner = np.where(closed, middle, upper), np.where(closed, middle, lower)
    how = np.where(z >= top, BENEFIT, np.where(z <= -top, HARM, np.where(np.abs(z) <= inner, NO_DIFFERENCE, OPEN)))
    how = np.where(last & (how == OPEN), NO_DIFFERENCE, how)
    at = (how != OPEN).argmax(axis=1)
    return at, how[np.arange(at.size), at]


def characteristics(
    design: Triangle,
    name: str,
    control_risk: float,
    ecmo_risk: float,
    *,
    trials: int = 20_000,
    seed: int = 1,
    crossover: float = 0.0,
    crossover_risk: float = 0.75,
    rescue: float = 1.0,
) -> Characteristics:
    """Many trials of 1:1 randomisation, analysed at the looks of the design by intention to treat."""
    rng = np.random.default_rng(seed)
    looks = np.array(design.looks)
    steps = np.diff(looks, prepend=0)
    n_ecmo = np.cumsum(steps // 2)
    n_control = looks - n_ecmo
    seen = diluted(control_risk, ecmo_risk, crossover, crossover_risk, rescue)
    died_ecmo = np.cumsum(rng.binomial(np.diff(n_ecmo, prepend=0), ecmo_risk, (trials, looks.size)), axis=1).astype(float)
    died_control = np.cumsum(rng.binomial(np.diff(n_control, prepend=0), seen, (trials, looks.size)), axis=1).astype(float)
    z, v = score(died_ecmo, n_ecmo.astype(float), died_control, n_control.astype(float))
    at, how = decide(design, z, v)
    rows = np.arange(trials)
    rr = np.log((died_ecmo[rows, at] + 0.5) / (n_ecmo[at] + 0.5) * (n_control[at] + 0.5) / (died_control[rows, at] + 0.5))

    def mean_rr(which: NDArray[np.bool_]) -> float | None:
        return float(np.exp(rr[which].mean())) if which.sum() >= 20 else None

    benefit = float((how == BENEFIT).mean())
    return Characteristics(
        name,
        seen,
        ecmo_risk,
        crossover,
        benefit,
        float((how == NO_DIFFERENCE).mean()),
        float((how == HARM).mean()),
        float(np.sqrt(benefit * (1.0 - benefit) / trials)),
        float(looks[at].mean()),
        tuple(float((at == k).mean()) for k in range(looks.size)),
        ecmo_risk / seen,
        float(np.exp(rr.mean())),
        mean_rr(how == BENEFIT),
        mean_rr(how == NO_DIFFERENCE),
    )


@dataclass(frozen=True)
class RandomOrders:
    """The trial's own 249 outcomes in random order: Z and V at each look (quantiles), and what the looks would have said.

    z        (3, K) 5th, 50th and 95th percentile; v (K,) mean
    earlier  share of orders that an earlier look than the last would have stopped, by how
    """

    looks: tuple[int, ...]
    v: Array
    z: Array
    earlier: dict[str, float]


def random_orders(design: Triangle, orders: int = 4000, seed: int = 1) -> RandomOrders:
    """Because the path of EOLIA is not published: all orders of its outcomes alike. The last look is taken with all who were randomised."""
    rng = np.random.default_rng(seed)
    n, n_ecmo = count("n_ecmo") + count("n_control"), count("n_ecmo")
    died = np.zeros(n)
    died[: count("died_60_ecmo")] = 1.0
    died[n_ecmo : n_ecmo + count("died_60_control")] = 1.0
    ecmo = (np.arange(n) < n_ecmo).astype(float)
    looks = np.array([*[look for look in design.looks if look < n][:-1], n])
    shuffled = rng.permuted(np.tile(np.arange(n), (orders, 1)), axis=1)
    cut = looks - 1
    e, d = np.cumsum(ecmo[shuffled], axis=1)[:, cut], np.cumsum(died[shuffled], axis=1)[:, cut]
    de = np.cumsum((ecmo * died)[shuffled], axis=1)[:, cut]
    z, v = score(de, e, d - de, looks - e)
    at, how = decide(design, z, v)
    before = at < looks.size - 1
    earlier = {
        word: float((before & (how == code)).mean())
        for word, code in (("benefit", BENEFIT), ("no_difference", NO_DIFFERENCE), ("harm", HARM))
    }
    return RandomOrders(tuple(int(look) for look in looks), v.mean(axis=0), np.quantile(z, (0.05, 0.5, 0.95), axis=0), earlier)
