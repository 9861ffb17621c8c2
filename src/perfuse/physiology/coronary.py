"""The heart's own vessels, which its wall presses on.

Coronary flow meets the squeeze of the left ventricle: downstream pressure max(12, 0.75 P_LV) mmHg above the thorax (mechanisms note).
A heart that does not beat has no contraction in its wall, only its cavity's pressure, which falls from all to none across it:
0.5 P_LV (computed). Thebesian veins leave the coronary small vessels, where 30 % of the driving pressure is left (recalled, medium),
so a full ventricle takes no more.
"""

from perfuse.ops import equation, positive
from perfuse.physiology.vessels import bed_flow


@equation
def wall_pressure(ra: float, lv: float, thorax: float, beating: float) -> float:
    """Pressure, mmHg, that coronary flow runs against: that of the wall, or of the right atrium where it is higher."""
    squeeze = (0.50 + 0.25 * beating) * (lv - thorax)
    squeeze = thorax + (squeeze if squeeze > 12.0 else 12.0)
    return squeeze if squeeze > ra else ra


@equation
def coronary_flow(root: float, ra: float, lv: float, thorax: float, beating: float, resistance: float) -> float:
    """Flow, mL/s, from the aortic root to the right atrium."""
    return bed_flow(root, wall_pressure(ra, lv, thorax, beating), resistance)


@equation
def thebesian_flow(root: float, lv: float, ra: float, thorax: float, beating: float, conductance: float) -> float:
    """Flow, mL/s, from the coronary small vessels into the left ventricle."""
    downstream = wall_pressure(ra, lv, thorax, beating)
    small_vessels = downstream + 0.3 * positive(root - downstream)
    return positive(small_vessels - lv) * conductance
