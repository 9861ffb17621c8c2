"""Two published circulations, put together from this project's own chambers, vessels and septum and run again.

They verify the equations: with the published parameters, the published numbers must come out. Source of both parameter sets:
Burkhoff.mo and Smith2004.mo of github:TomasKulhanek/Physiolibrary-models (seen); originals Santamore & Burkhoff 1991 and Smith 2004.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from perfuse.ops import exp_
from perfuse.physiology.heart import activation, chamber
from perfuse.physiology.vessels import bed_flow, elastic_pressure

BEATS = 60
PERIOD = 0.75
"""s; both models beat 80 times a minute."""
Array = npt.NDArray[np.float64]
Rates = Callable[[float, Array], list[float]]


def _last_beat(rates: Rates, start: list[float]) -> tuple[Array, Array]:
    """Times (s) and states over the last of 60 beats."""
    end = BEATS * PERIOD
    at = np.linspace(end - PERIOD, end, 301)
    found = solve_ivp(rates, (0.0, end), start, method="LSODA", t_eval=at, max_step=0.01, rtol=1e-6, atol=1e-5)
    if not found.success:
        raise RuntimeError(f"the published model could not be integrated: {found.message}")
    return found.t, found.y


def _beat_numbers(volume: Array) -> tuple[float, float]:
    return float(volume.max()), float(volume.min())


# Burkhoff / Santamore. Order: LV, LA, RV, RA, proximal aorta, arteries, veins, proximal PA, pulmonary arteries, pulmonary veins.
_BURKHOFF_START = [125.0, 81.0, 112.0, 73.0, 38.0, 834.0, 2701.0, 30.0, 802.0, 154.0]
_BURKHOFF_VESSELS = {
    "aorta": (30.0, 0.1),
    "arteries": (700.0, 1.7),
    "veins": (2230.0, 70.0),
    "trunk": (20.0, 1.0),
    "pa": (600.0, 20.0),
    "pv": (100.0, 7.0),
}


def _burkhoff_pressures(t: float, v: Array) -> tuple[float, ...]:
    phase = t % PERIOD
    atria = activation(phase, 0.125, 0.020)
    ventricles = activation(phase - 0.160, 0.200, 0.030)
    heart = (
        chamber(v[0], ventricles, 1.54, 0.024, 0.34, 5.0).pressure,
        chamber(v[1], atria, 0.25, 0.040, 0.30, 5.0).pressure,
        chamber(v[2], ventricles, 0.38, 0.024, 0.34, 5.0).pressure,
        chamber(v[3], atria, 0.20, 0.040, 0.30, 5.0).pressure,
    )
    vessels = (elastic_pressure(v[4 + i], v0, c, 0.0) for i, (v0, c) in enumerate(_BURKHOFF_VESSELS.values()))
    return (*heart, *vessels)


def _burkhoff_rates(t: float, v: Array) -> list[float]:
    lv, la, rv, ra, aorta, arteries, veins, trunk, pa, pv = _burkhoff_pressures(t, v)
    mitral = bed_flow(la, lv, 0.0025)
    aortic = bed_flow(lv, aorta, 0.002 + 0.02)
    tricuspid = bed_flow(ra, rv, 0.0025)
    pulmonary = bed_flow(rv, trunk, 0.002 + 0.02)
    through_aorta = (aorta - arteries) / 0.024
    systemic = (arteries - veins) / 0.75
    venous = (veins - ra) / 0.02
    through_trunk = (trunk - pa) / 0.02
    lungs = (pa - pv) / 0.02
    to_la = (pv - la) / 0.015
    return [
        mitral - aortic,
        to_la - mitral,
        tricuspid - pulmonary,
        venous - tricuspid,
        aortic - through_aorta,
        through_aorta - systemic,
        systemic - venous,
        pulmonary - through_trunk,
        through_trunk - lungs,
        lungs - to_la,
    ]


@cache
def _burkhoff() -> dict[str, float]:
    t, v = _last_beat(_burkhoff_rates, _BURKHOFF_START)
    p = np.array([_burkhoff_pressures(float(time), v[:, i]) for i, time in enumerate(t)])
    edv, esv = _beat_numbers(v[0])
    filled = int(np.argmax(v[0]))
    return {
        "LVEDV": edv,
        "LVESV": esv,
        "LVEF": 100.0 * (edv - esv) / edv,
        "CO": (edv - esv) / PERIOD * 0.06,
        "LVEDP": float(p[filled, 0]),
        "MAP": _mean(t, p[:, 4]),
        "SBP": float(p[:, 4].max()),
        "DBP": float(p[:, 4].min()),
        "RAP": _mean(t, p[:, 3]),
        "LAP": _mean(t, p[:, 1]),
        "mPAP": _mean(t, p[:, 7]),
    }


def _mean(t: Array, values: Array) -> float:
    return float(np.trapezoid(values, t) / (t[-1] - t[0]))


def burkhoff(quantity: str) -> float:
    """A reading (CO L/min, volumes mL, LVEF %, pressures mmHg) of the Santamore-Burkhoff circulation after 60 beats, no reflexes."""
    return _burkhoff()[quantity]


# Smith 2004: two ventricles with septum and pericardium; every volume is stressed. Order: LV, RV, aorta, vena cava, PA, pulmonary
# veins. The file gives no start of the RV: 110.8 makes 1500 mL (assumed). Valves without their small inertances, as in the re-run
# that the published table quotes beside the paper's numbers.
_SMITH_START = [104.0, 110.8, 124.1, 295.2, 39.0, 826.9]
_THORAX = -4.0


def _smith_septum(lv: float, rv: float, e: float) -> float:
    """Volume (mL) by which the septum bulges: where left free wall minus right free wall equals the septum's own pressure."""

    def miss(bulge: float) -> float:
        septum = chamber(bulge, e, 48.75, 0.435, 1.110, 0.0).pressure - e * 48.75 * 2.0
        return septum - _smith_wall_left(lv - bulge, e) + _smith_wall_right(rv + bulge, e)

    return float(brentq(miss, -40.0, 40.0, xtol=1e-9))


def _smith_wall_left(volume: float, e: float) -> float:
    return chamber(volume, e, 2.880, 0.033, 0.1203, 0.0).pressure


def _smith_wall_right(volume: float, e: float) -> float:
    return chamber(volume, e, 0.585, 0.023, 0.2157, 0.0).pressure


def _smith_pressures(t: float, x: Array) -> tuple[float, ...]:
    phase = t % PERIOD
    e = exp_(-80.0 * (phase - 0.375) ** 2)
    bulge = _smith_septum(x[0], x[1], e)
    sac = chamber(x[0] + x[1], 0.0, 0.0, 0.030, 0.5003, 200.0).pressure + _THORAX
    return (
        _smith_wall_left(x[0] - bulge, e) + sac,
        _smith_wall_right(x[1] + bulge, e) + sac,
        elastic_pressure(x[2], 0.0, 1.0 / 0.691, 0.0),
        elastic_pressure(x[3], 0.0, 1.0 / 0.0059, 0.0),
        elastic_pressure(x[4], 0.0, 1.0 / 0.369, _THORAX),
        elastic_pressure(x[5], 0.0, 1.0 / 0.0073, _THORAX),
    )


def _smith_rates(t: float, x: Array) -> list[float]:
    lv, rv, aorta, cava, pa, pv = _smith_pressures(t, x)
    mitral = bed_flow(pv, lv, 0.0158)
    aortic = bed_flow(lv, aorta, 0.0180)
    tricuspid = bed_flow(cava, rv, 0.0237)
    pulmonary = bed_flow(rv, pa, 0.0055)
    systemic = (aorta - cava) / 1.088
    lungs = (pa - pv) / 0.1552
    return [
        mitral - aortic,
        tricuspid - pulmonary,
        aortic - systemic,
        systemic - tricuspid,
        pulmonary - lungs,
        lungs - mitral,
    ]


@cache
def _smith() -> dict[str, float]:
    t, x = _last_beat(_smith_rates, _SMITH_START)
    p = np.array([_smith_pressures(float(time), x[:, i]) for i, time in enumerate(t)])
    (lv_edv, lv_esv), (rv_edv, rv_esv) = _beat_numbers(x[0]), _beat_numbers(x[1])
    return {
        "LVEDV": lv_edv,
        "LVESV": lv_esv,
        "RVEDV": rv_edv,
        "RVESV": rv_esv,
        "CO": (lv_edv - lv_esv) / PERIOD * 0.06,
        "SBP": float(p[:, 2].max()),
        "DBP": float(p[:, 2].min()),
        "PAS": float(p[:, 4].max()),
        "PAD": float(p[:, 4].min()),
        "CVP": _mean(t, p[:, 3]),
    }


def smith(quantity: str) -> float:
    """A reading (volumes mL, CO L/min, pressures mmHg) of Smith's minimal model after 60 beats."""
    return _smith()[quantity]


def quantities() -> dict[str, dict[str, Any]]:
    """Every reading of both models, for those who want to look."""
    return {"burkhoff": dict(_burkhoff()), "smith": dict(_smith())}
