"""The two blood gases that regulation needs, followed step by step."""

from typing import NamedTuple

from perfuse.base.declare import (
    PCO2,
    PO2,
    CO2_content,
    O2_content,
    degC,
    g_dL,
    mmol_L,
    pH,
    share,
    state,
)
from perfuse.ops import equation
from perfuse.physiology.blood import Gas, gas_step


@state()
class ArterialGas(NamedTuple):
    """Blood gas of the ascending aorta, which chemoreceptors sense, and of mixed venous blood; followed step by step."""

    arterial_po2: PO2
    arterial_pco2: PCO2
    arterial_ph: pH
    arterial_so2: share
    venous_po2: PO2
    venous_pco2: PCO2
    venous_ph: pH
    venous_so2: share


@equation
def follow_gases(
    a: ArterialGas, ascending_o2: O2_content, ascending_co2: CO2_content, ascending_hb: g_dL, ascending_temp: degC,
    pa_o2: O2_content, pa_co2: CO2_content, pa_hb: g_dL, pa_temp: degC, base_excess: mmol_L,
) -> ArterialGas:  # fmt: skip
    """One Newton step for the two blood gases that regulation needs."""
    x = gas_step(
        ascending_o2,
        ascending_co2,
        ascending_hb,
        base_excess,
        ascending_temp,
        Gas(po2=a.arterial_po2, pco2=a.arterial_pco2, ph=a.arterial_ph, so2=a.arterial_so2),
    )
    y = gas_step(pa_o2, pa_co2, pa_hb, base_excess, pa_temp, Gas(po2=a.venous_po2, pco2=a.venous_pco2, ph=a.venous_ph, so2=a.venous_so2))
    return ArterialGas(
        arterial_po2=x.po2,
        arterial_pco2=x.pco2,
        arterial_ph=x.ph,
        arterial_so2=x.so2,
        venous_po2=y.po2,
        venous_pco2=y.pco2,
        venous_ph=y.ph,
        venous_so2=y.so2,
    )
