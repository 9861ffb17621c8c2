"""Sizes of the great vessels: compliance mL/mmHg, unstressed volume mL, resistance mmHg s/mL, inertance mmHg s2/mL."""

from perfuse.ops import equation

# The aortic chain. Compliance mL/mmHg, unstressed volume mL, resistance mmHg s/mL, inertance mmHg s2/mL, root to femoral.
# Compliances sum to 1.6 mL/mmHg (a 70 kg adult: Burkhoff.mo 1.8, Heldt 1.2, seen); division along the aorta assumed by volume.
# Resistances after Heldt 2002 (0.003-0.011, seen); inertances rho l/A for 4-10 cm at 2-3 cm bore, computed.
ROOT_C, ROOT_V0 = 0.20, 8.0
ASCENDING_C, ASCENDING_V0, ASCENDING_R, ASCENDING_L = 0.35, 22.0, 0.004, 5.0e-4
ARCH_C, ARCH_V0, ARCH_R, ARCH_L = 0.22, 12.0, 0.004, 5.0e-4
DISTAL_C, DISTAL_V0, DISTAL_R, DISTAL_L = 0.18, 10.0, 0.004, 5.0e-4
DESCENDING_C, DESCENDING_V0, DESCENDING_R, DESCENDING_L = 0.25, 25.0, 0.008, 1.2e-3
ABDOMINAL_C, ABDOMINAL_V0, ABDOMINAL_R, ABDOMINAL_L = 0.20, 25.0, 0.010, 1.5e-3
FEMORAL_C, FEMORAL_V0, FEMORAL_R, FEMORAL_L = 0.20, 35.0, 0.015, 2.0e-3
LEG_ARTERY_C, LEG_ARTERY_V0 = 0.06, 12.0
PA_V0, PV_V0 = 90.0, 180.0
PULMONARY_TRUNK_R = 0.008  # characteristic resistance of the trunk, part of the valve's path (Burkhoff.mo 0.02 at CO 6, seen)
ROOT_R = 0.006
# The caval segments at the cannula tips: local compliance 1.5 mL/mmHg (mechanisms note, assumed). Stiffer once empty: see `caval_pressure`.
CAVA_C, SVC_V0, IVC_V0 = 1.5, 18.0, 35.0
SEPTUM_RESISTANCE = 0.02  # mmHg s/mL: the septum follows within some 10 ms


@equation
def caval_pressure(volume: float, per_volume: float, v0: float, outside: float) -> float:
    """A vena cava: 1.5 mL/mmHg while filled; once half empty it resists further emptying ever more, and cannot be emptied.

    The term 3 (V0/(2V))^3 is 3 mmHg at half volume; assumed, keeps the volume positive under any suction. `per_volume` is 1/V.
    """
    lack = 0.5 * v0 * per_volume
    return outside + (volume - v0) * (1.0 / CAVA_C) + 0.375 - 3.0 * lack * lack * lack
