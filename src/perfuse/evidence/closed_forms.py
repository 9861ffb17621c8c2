"""Steady states that can be written down, built from the project's own blood equations.

Clinical units at this door: L/min, mL/min, g/dL, mL/dL, mmHg, per cent. Contents follow the blood equations of `physiology`; a
partial pressure or saturation at a given content is found by bisection on those equations.
"""

from collections.abc import Callable
from math import log, sqrt

from perfuse.evidence.samples import co2_samples
from perfuse.physiology.acid_base import hco3
from perfuse.physiology.alveolar_gas import alveolar_gas
from perfuse.physiology.carbon_dioxide import co2_content
from perfuse.physiology.oxygen import o2_content, severinghaus, so2

PO2_MOST = 760.0
"""mmHg; no blood here is above atmospheric PO2."""


def solve(function: Callable[[float], float], low: float, high: float, halvings: int = 60) -> float:
    """Where a rising function crosses zero between `low` and `high`, by bisection."""
    if function(low) > 0.0 or function(high) < 0.0:
        raise ValueError(f"no crossing between {low:g} and {high:g}")
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if function(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


def content(po2: float, hb: float) -> float:
    """O2 content, mL/dL, of blood at pH 7.40, PCO2 40 mmHg, 37 degC."""
    return 100.0 * o2_content(po2, severinghaus(po2), hb, 37.0)


def po2_at_content(o2: float, hb: float) -> float:
    """PO2, mmHg, at which blood of pH 7.40 holds `o2` mL/dL."""
    return solve(lambda po2: content(po2, hb) - o2, 0.01, PO2_MOST)


def p50(ph: float, pco2: float, temperature: float) -> float:
    """PO2, mmHg, of half saturation at the given pH, PCO2 (mmHg) and temperature (degC)."""
    return solve(lambda po2: so2(po2, ph, pco2, temperature) - 0.5, 1.0, 200.0)


def co2_content_rmse() -> float:
    """Root mean square error, mL/dL, of the model's whole-blood CO2 content on the measured samples."""
    errors = [100.0 * co2_content(s.pco2, s.ph, s.hb, s.so2, 37.0) - s.blood_co2 for s in co2_samples()]
    return sqrt(sum(error * error for error in errors) / len(errors))


def ph_from_bicarbonate(bicarbonate: float, pco2: float) -> float:
    """pH at which plasma holds `bicarbonate` mmol/L at `pco2` mmHg."""
    return solve(lambda ph: hco3(ph, pco2) - bicarbonate, 6.0, 8.5)


def shunted_po2(shunt: float, fio2: float, hb: float, flow: float, vo2: float, paco2: float) -> float:
    """Arterial PO2, mmHg, of a lung whose shunt (0-1) is the only fault, in steady state.

    fio2 0-1, hb g/dL, flow L/min, vo2 mL/min, paco2 mmHg; R 0.8, 760 mmHg. End-capillary blood is in balance with the alveolus;
    Ca = Cc - s/(1-s) VO2/Q, which follows from Ca = (1-s) Cc + s Cv and Cv = Ca - VO2/Q.
    """
    capillary = content(alveolar_gas(fio2, paco2, 0.8, 760.0), hb)
    return po2_at_content(capillary - shunt / (1.0 - shunt) * vo2 / (10.0 * flow), hb)


def shunted_saturation(shunt: float, fio2: float, hb: float, flow: float, vo2: float, paco2: float) -> float:
    """Arterial saturation, %, as in `shunted_po2`."""
    return 100.0 * severinghaus(shunted_po2(shunt, fio2, hb, flow, vo2, paco2))


def vv_arterial_content(
    hb: float, flow: float, vo2: float, ecmo: float, recirculation: float, po2_post: float, shunt: float = 1.0, po2_lung: float = 100.0
) -> float:
    """Arterial O2 content, mL/dL, on VV-ECMO in steady state.

        Ca = (1 - s) Cc + s [f Cml + (1 - f)(Ca - VO2/Q)],   f = ECMO flow (1 - R) / Q, at most 1

    which for s = 1, no native gas exchange, is Cml - VO2 (1/Qe - 1/Q). hb g/dL, flow (cardiac output) and ecmo L/min, vo2 mL/min,
    recirculation R 0-1, po2_post mmHg after the membrane; shunt s 0-1 is the share of the cardiac output that passes no working lung,
    the rest leaves the lung at po2_lung mmHg.
    """
    share, taken = min(ecmo * (1.0 - recirculation) / flow, 1.0), vo2 / (10.0 * flow)
    gained = (1.0 - shunt) * content(po2_lung, hb) + shunt * (share * content(po2_post, hb) - (1.0 - share) * taken)
    return gained / (1.0 - shunt * (1.0 - share))


def vv_arterial_saturation(
    hb: float, flow: float, vo2: float, ecmo: float, recirculation: float, po2_post: float, shunt: float = 1.0, po2_lung: float = 100.0
) -> float:
    """Arterial saturation, %, on VV-ECMO, as in `vv_arterial_content`."""
    found = vv_arterial_content(hb, flow, vo2, ecmo, recirculation, po2_post, shunt, po2_lung)
    return 100.0 * severinghaus(po2_at_content(found, hb))


def vv_venous_saturation(hb: float, flow: float, vo2: float, ecmo: float, recirculation: float, po2_post: float) -> float:
    """Mixed venous saturation, %, before the return jet, on VV-ECMO with no native gas exchange: Cv = Ca - VO2/Q."""
    arterial = vv_arterial_content(hb, flow, vo2, ecmo, recirculation, po2_post)
    return 100.0 * severinghaus(po2_at_content(arterial - vo2 / (10.0 * flow), hb))


def vv_drained_saturation(hb: float, flow: float, vo2: float, ecmo: float, recirculation: float, po2_post: float) -> float:
    """Saturation before the membrane, %: (1 - R) venous + R returned blood."""
    venous = vv_arterial_content(hb, flow, vo2, ecmo, recirculation, po2_post) - vo2 / (10.0 * flow)
    drained = (1.0 - recirculation) * venous + recirculation * content(po2_post, hb)
    return 100.0 * severinghaus(po2_at_content(drained, hb))


def vv_flow_for_saturation(saturation: float, hb: float, flow: float, vo2: float, po2_post: float) -> float:
    """ECMO flow, L/min, that gives an arterial saturation (%) with no native gas exchange and no recirculation."""

    def miss(ecmo: float) -> float:
        return vv_arterial_saturation(hb, flow, vo2, ecmo, 0.0, po2_post) - saturation

    return solve(miss, vo2 / 10.0 / content(po2_post, hb) * 1.3, flow)


def po2_at_saturation(saturation: float) -> float:
    """PO2, mmHg, of blood at pH 7.40 with a saturation (%)."""
    return solve(lambda po2: 100.0 * severinghaus(po2) - saturation, 1.0, PO2_MOST)


def transfer(flow: float, hb: float, saturation_in: float, saturation_out: float) -> float:
    """O2 taken up, mL/min, by `flow` L/min of blood between two saturations (%), bound and dissolved."""
    return 10.0 * flow * (content(po2_at_saturation(saturation_out), hb) - content(po2_at_saturation(saturation_in), hb))


KLOTZ_AN = 27.78
"""mmHg, normalised EDPVR. Klotz 2006 Am J Physiol (recalled-high)."""
KLOTZ_BN = 2.76
"""Exponent of the normalised EDPVR. Klotz 2006 (recalled-high)."""


def klotz_normalised(volume_share: float) -> float:
    """Filling pressure, mmHg, at a share (0-1) of the way from V0 to V30: An x^Bn."""
    return float(KLOTZ_AN * volume_share**KLOTZ_BN)


def klotz_exponent() -> float:
    """Exponent Bn of the law, read from two of its points."""
    return log(klotz_normalised(1.0) / klotz_normalised(0.5)) / log(2.0)


def mean_pressure_without_heart(flow: float, resistance: float, cvp: float) -> float:
    """Mean arterial pressure, mmHg, when a pump alone moves `flow` L/min through `resistance` (WU) against `cvp` mmHg."""
    return flow * resistance + cvp


def cardiac_power(mean_pressure: float, flow: float) -> float:
    """Cardiac power output, W: MAP x CO/451."""
    return mean_pressure * flow / 451.0
