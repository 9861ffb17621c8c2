"""The triangular test in the plane of score and information, with its correction for looks.

Z is the score (more deaths without ECMO than expected: up is benefit), V its information, Z ~ N(theta V, V) with theta the log odds ratio.

    benefit      Z >=  a + c V        a = 2/theta' log(1/(2 alpha)),  c = theta'/4
    no benefit   Z <= -a + 3 c V      theta' = 2 z_alpha/(z_alpha + z_power) theta

alpha is one-sided. With looks instead of continuous watching both lines move inwards by 0.583 sqrt(V_k - V_(k-1)): the overshoot that is
to be expected (the "Christmas tree"). Two triangles, one up and one down, test both directions; in EOLIA the lower one is harm.
Whitehead, The Design and Analysis of Sequential Clinical Trials, 2nd ed. 1997; Whitehead and Stratton, Biometrics 1983;39:227.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from perfuse.evidence.eolia.published import DESIGN
from perfuse.parameters.problems import Problems

Array = NDArray[np.float64]
OVERSHOOT = 0.583
"""Mean overshoot of a random walk over a line, in steps (Siegmund 1985; Whitehead 1997)."""


@dataclass(frozen=True)
class Triangle:
    """A design: a (units of Z) and c (Z per V) of its lines, theta the log odds ratio to be found, and how it was asked for."""

    a: float
    c: float
    theta: float
    alpha: float
    power: float
    control_risk: float
    ecmo_risk: float
    look_every: int
    most: int

    @property
    def apex(self) -> tuple[float, float]:
        """(V, Z) where the lines meet: the most information the test can need when watched continuously."""
        return self.a / self.c, 2.0 * self.a

    @property
    def patients_at_apex(self) -> float:
        """Patients that bring that much information, at the mean of the two planned risks."""
        mean = 0.5 * (self.control_risk + self.ecmo_risk)
        return 4.0 * self.apex[0] / (mean * (1.0 - mean))

    @property
    def looks(self) -> tuple[int, ...]:
        """Patients at each look; the last one is the largest trial."""
        return (*range(self.look_every, self.most, self.look_every), self.most)

    def upper(self, v: Array) -> Array:
        """Line of benefit, watched continuously."""
        return self.a + self.c * v

    def lower(self, v: Array) -> Array:
        """Line of no benefit, watched continuously; below 0 nothing can be said yet."""
        return -self.a + 3.0 * self.c * v

    def tree(self, v: Array) -> tuple[Array, Array]:
        """Both lines at looks with information `v` (..., K), corrected for the steps between them: (upper, lower)."""
        step = OVERSHOOT * np.sqrt(np.diff(v, prepend=0.0, axis=-1))
        return self.upper(v) - step, self.lower(v) + step


def triangle(
    control_risk: float = DESIGN["control_risk"].value,
    ecmo_risk: float = DESIGN["ecmo_risk"].value,
    power: float = DESIGN["power"].value,
    alpha: float = DESIGN["alpha"].value,
    look_every: int = int(DESIGN["look_every"].value),
    most: int = int(DESIGN["most"].value),
) -> Triangle:
    """The design of EOLIA unless told otherwise: risks of death 0-1, power and two-sided alpha 0-1, patients between looks and at most."""
    problems = Problems("the sequential design")
    for name, value in (("control_risk", control_risk), ("ecmo_risk", ecmo_risk), ("power", power), ("alpha", alpha)):
        if not 0.0 < value < 1.0:
            problems.add((name,), "this is not a share", value=value, allowed="above 0 and below 1")
    if ecmo_risk >= control_risk:
        problems.add(("ecmo_risk",), "ECMO is planned to lower the risk", value=ecmo_risk, allowed=f"below {control_risk:g}")
    if power <= 0.5:
        problems.add(("power",), "a design with less than even chances makes no triangle", value=power, allowed="above 0.5")
    if look_every < 4 or most < look_every:
        problems.add(("look_every",), "looks do not fit into the trial", value=look_every, allowed=f"4 to {most} patients")
    problems.raise_if_any()
    theta = log(control_risk / (1.0 - control_risk)) - log(ecmo_risk / (1.0 - ecmo_risk))
    z_alpha, z_power = float(norm.isf(alpha / 2.0)), float(norm.ppf(power))
    reparametrised = 2.0 * z_alpha / (z_alpha + z_power) * theta
    a = 2.0 / reparametrised * log(1.0 / alpha)
    return Triangle(a, reparametrised / 4.0, theta, alpha, power, control_risk, ecmo_risk, look_every, most)


def score(died_ecmo: Array, n_ecmo: Array, died_control: Array, n_control: Array) -> tuple[Array, Array]:
    """Z and V of the log odds ratio from counts: Z = deaths of controls less their share of all deaths, V its null variance."""
    n, died = n_ecmo + n_control, died_ecmo + died_control
    return died_control - n_control * died / n, n_ecmo * n_control * died * (n - died) / n**3


def fixed_size(design: Triangle) -> float:
    """Patients of a trial without looks at the same risks, power and alpha (two-sample normal formula)."""
    p, q = design.control_risk, design.ecmo_risk
    mean = 0.5 * (p + q)
    root = norm.isf(design.alpha / 2.0) * sqrt(2.0 * mean * (1.0 - mean)) + norm.ppf(design.power) * sqrt(p * (1.0 - p) + q * (1.0 - q))
    return float(2.0 * (root / (p - q)) ** 2)
