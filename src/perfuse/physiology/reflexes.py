"""Nerves: the arterial baroreflex, the chemoreflexes, and the beds that regulate themselves.

Afferent and efferent firing after Ursino 1998 (Am J Physiol 275:H1733; numbers seen in Mathcard.mo). Pure delays are folded into the lags.
Effects are deviations from the patient's own set point, so that measured values at rest stay as measured; each has a gain that can be 0.
"""

from typing import NamedTuple

from perfuse.base.declare import PCO2, PO2, factor, mL, mmHg, mmHg_mL, pH, seconds, share, state
from perfuse.base.rates import Bounded, Lag, rates_of
from perfuse.ops import at_least, clip, equation, exp_, log_, positive

FIRING_MIN, FIRING_MAX, FIRING_SLOPE = 2.52, 47.78, 11.758
SYMPATHETIC_REST, SYMPATHETIC_FLOOR, SYMPATHETIC_DECAY = 16.11, 2.10, 0.0675
SYMPATHETIC_MIN = 2.66
VAGAL_LOW, VAGAL_HIGH, VAGAL_CENTRE, VAGAL_SLOPE = 3.2, 6.3, 25.0, 7.06


@equation
def afferent(pressure: float, set_point: float) -> float:
    """Firing of the carotid sinus nerve, spikes/s: a sigmoid of its pressure, half-way at the set point."""
    x = exp_(clip((pressure - set_point) * (1.0 / FIRING_SLOPE), -30.0, 30.0))
    return (FIRING_MIN + FIRING_MAX * x) / (1.0 + x)


@equation
def sympathetic(firing: float) -> float:
    """Efferent sympathetic firing, spikes/s."""
    return SYMPATHETIC_FLOOR + (SYMPATHETIC_REST - SYMPATHETIC_FLOOR) * exp_(-SYMPATHETIC_DECAY * firing)


@equation
def vagal(firing: float) -> float:
    """Efferent vagal firing, spikes/s."""
    x = exp_((firing - VAGAL_CENTRE) * (1.0 / VAGAL_SLOPE))
    return (VAGAL_LOW + VAGAL_HIGH * x) / (1.0 + x)


@equation
def effector(firing: float) -> float:
    """ln(f - f_min + 1), the quantity that organs answer to; 0 below the threshold."""
    return log_(at_least(firing - SYMPATHETIC_MIN + 1.0, 1.0))


REST = 25.15  # firing at the set point, (min + max)/2


@state()
class Baroreceptor(NamedTuple):
    """What the carotid sinus feels."""

    sensed_pressure: mmHg


@rates_of(Baroreceptor)
class BaroreceptorRates(NamedTuple):
    """How it follows the mean arterial pressure."""

    sensed_pressure: Lag


@equation
def sense(beat_map: mmHg) -> BaroreceptorRates:
    """The mean pressure of the last beat, with the receptor's lag (Ursino 1998: 2.076 s)."""
    return BaroreceptorRates(sensed_pressure=Lag(beat_map, 2.076))


@state()
class Nerves(NamedTuple):
    """Lagged answers of the reflexes (0 at rest)."""

    drive_heart: seconds  # sympathetic on rate, s of RR interval
    drive_vagus: seconds  # vagal on rate, s of RR interval
    drive_force: mmHg_mL  # on contractility, mmHg/mL of the left ventricle at Ees 2.392
    drive_vessels: factor  # on resistance, relative
    drive_veins: mL  # on splanchnic and other veins, mL
    drive_breath: factor  # chemoreflex on ventilation, relative; 1 at rest
    drive_hypoxia: share  # chemoreflex on rate and vessels, 0..1


@rates_of(Nerves)
class NerveRates(NamedTuple):
    """How the answers follow what the nerves ask for."""

    drive_heart: Lag
    drive_vagus: Lag
    drive_force: Lag
    drive_vessels: Lag
    drive_veins: Lag
    drive_breath: Lag
    drive_hypoxia: Lag


@equation
def respond(
    sensed_pressure: mmHg,
    baroreflex_set_point: mmHg,
    baroreflex_gain: factor,
    chemoreflex_gain: factor,
    arterial_po2: PO2,
    arterial_pco2: PCO2,
    arterial_ph: pH,
    breath_set_pco2: PCO2,
) -> NerveRates:
    """What the nerves ask of heart, vessels and breath, and how fast these follow.

    Gains and lags: rate -0.13 s (2 s) sympathetic, +0.09 s (1.5 s) vagal; contractility +0.475 (8 + 2 s); resistance +0.695 of 3.3 (6 + 2
    s); veins -265 and -133 mL (20 + 5 s). Ursino 1998. Chemoreflex: ventilation +20 % per mmHg PCO2 above 38 (recalled) and hypoxic drive
    below PO2 60; hypoxia raises rate and resistance (assumed).
    """
    firing = afferent(sensed_pressure, baroreflex_set_point)
    act = baroreflex_gain * (effector(sympathetic(firing)) - effector(sympathetic(REST)))
    calm = baroreflex_gain * (vagal(firing) - vagal(REST))
    thin = clip((60.0 - arterial_po2) * (1.0 / 25.0), 0.0, 1.0) * chemoreflex_gain
    acid = positive(7.30 - arterial_ph) * chemoreflex_gain
    want = clip(1.0 + chemoreflex_gain * (0.20 * (arterial_pco2 - breath_set_pco2) + 1.5 * thin + 4.0 * acid), 0.0, 6.0)
    return NerveRates(
        drive_heart=Lag(-0.13 * act, 3.0),
        drive_vagus=Lag(0.09 * calm, 1.6),
        drive_force=Lag(0.475 * act, 10.0),
        drive_vessels=Lag(0.695 / 3.307 * act, 8.0),
        drive_veins=Lag(-398.0 * act, 25.0),
        drive_breath=Lag(want, 20.0),
        drive_hypoxia=Lag(thin, 10.0),
    )


@equation
def autoregulate(tone: float, flow: float, wanted: float, lowest: float, highest: float, lag: float) -> Bounded:
    """Resistance of a bed against rest: it rises or falls until flow is what is wanted, within [lowest, highest], with a lag (s)."""
    return Bounded(rate=tone * (clip(flow / at_least(wanted, 1.0e-3), 0.5, 2.0) - 1.0) / lag, low=lowest, high=highest)
