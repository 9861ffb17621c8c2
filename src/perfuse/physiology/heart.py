"""Four chambers with time-varying elastance, a septum between the ventricles and a pericardium around all of them.

A chamber is a mixture of two pressure-volume curves, weighted by its activation e (0 relaxed, 1 fully contracted):

    P = e Ees (V - V0) + (1 - e) beta (exp(alpha (V - V0)) - 1)

linear at end systole, exponential in diastole. Source: Santamore & Burkhoff, Am J Physiol 1991;260:H146.
"""

from typing import NamedTuple

from perfuse.ops import at_least, at_most, cos_, equation, exp_, positive

RECOIL = 6.0  # mmHg/mL, 2 mL and more below V0 (assumed: a chamber is not emptied by suction, and a step of 1 ms resolves it)


class Chamber(NamedTuple):
    """One chamber at one instant."""

    pressure: float  # mmHg, across its wall
    elastance: float  # mmHg/mL, slope at this volume and activation


@equation
def activation(since_onset: float, end_systole: float, relaxation: float) -> float:
    """How contracted a chamber is, 0..1, some time after its activation began.

    since_onset   s   time since the onset of contraction (negative: not yet)
    end_systole   s   time to peak (0.20 ventricle, 0.125 atrium at rest)
    relaxation    s   time constant of the tail (0.030 ventricle, 0.020 atrium)
    Source: Burkhoff.mo of Physiolibrary (seen); half a cosine up to 1.5 end_systole, then exponential decay.
    """
    u = since_onset * (1.0 / end_systole)
    rise = 0.5 - 0.5 * cos_(3.141592653589793 * (u if u < 1.5 else 1.5))
    tail = 0.5 * exp_((1.5 * end_systole - since_onset) * (1.0 / relaxation))
    e = rise if u < 1.5 else tail
    return e if since_onset > 0.0 else 0.0


@equation
def chamber(volume: float, e: float, ees: float, alpha: float, beta: float, v0: float) -> Chamber:
    """Pressure across a chamber's wall and its slope.

    ees mmHg/mL end-systolic elastance; alpha 1/mL and beta mmHg shape of the filling curve; v0 mL.
    """
    stretch = volume - v0
    grow = exp_(alpha * stretch)
    passive = beta * (grow - 1.0)
    return Chamber(
        pressure=e * ees * stretch + (1.0 - e) * passive,
        elastance=e * ees + (1.0 - e) * alpha * beta * grow,
    )


@equation
def recoil(volume: float, v0: float) -> float:
    """Pressure, mmHg, with which a chamber below V0 resists being emptied by a cannula in it; 0 above. Neither curve of `chamber` does."""
    lack = positive(v0 - volume)
    first = at_most(lack, 2.0)
    return -RECOIL * (0.25 * first * first + lack - first)


@equation
def septum_pressure(septum_volume: float, e: float, stiff_systole: float, stiff_diastole: float) -> float:
    """Pressure difference (left minus right, mmHg) that bulges the septum by `septum_volume` mL to the right.

    Source: Smith & Chase 2004, Med Eng Phys, linearised (their diastolic exponential has no stiffness for a leftward septum).
    """
    return (e * stiff_systole + (1.0 - e) * stiff_diastole) * septum_volume


@equation
def pericardial_pressure(heart_volume: float, effusion: float, slack_volume: float, phi: float) -> float:
    """Pressure inside the pericardium, mmHg: exp((V_heart + V_effusion - V0)/phi).

    slack_volume mL (all four chambers, at which the pressure is 1 mmHg); phi 40-45 mL. Source: mechanisms note, assumed; shape after
    Maughan.
    """
    x = (heart_volume + effusion - slack_volume) * (1.0 / phi)
    # above 60 mmHg the sac is taken as linear, so that a wild start cannot overflow
    top = 4.1
    return exp_(x if x < top else top) * (1.0 + at_least(x - top, 0.0))
