"""Free haemoglobin, platelets and fibrinogen of the blood; heparin and bivalirudin, and the tests that read them.

What blood holds is counted as amounts in all blood that moves (patient and circuit), so that fluid dilutes and water leaving thickens:

    d amount/dt = made + given - amount (own loss + share of the blood lost or cleared)

At rest each is made as fast as it is lost, whatever the patient's own level is.
"""

from typing import Annotated, NamedTuple

from perfuse.base.declare import Elsewhere, IU_mL, g, g_L, mg, mg_dL, mg_L, platelets_1e9, platelets_1e9_L, seconds, state
from perfuse.base.rates import Bounded, Lag, Stiff, rates_of
from perfuse.ops import at_least, at_most, clip, equation
from perfuse.physiology.circulation_written import Circulation
from perfuse.physiology.drugs import HEPARIN_CLEARANCE, HEPARIN_HALF_LIFE

LN2 = 0.6931471805599453
HAEMATOCRIT_PER_HB = 0.03  # per g/dL, the rule of three (recalled-high)

# Haptoglobin, liver and kidneys together, as one half-life: after a clotted pump head is changed free haemoglobin falls fast over 12 h
# and is back within 48 h (Neal 2015, seen; within two days, Lehle 2015, seen): 3 to 6 h, taken 4 (assumed). Binding has no limit here.
FREE_HB_HALF_LIFE = 4.0 * 3600.0
FREE_HB_NORMAL = 4.0  # mg/dL, normal below 10 (recalled-high)
PLATELET_LIFE = 9.0 * 86400.0  # s, 8-10 days (recalled-high), as a mean life
FIBRINOGEN_HALF_LIFE = 4.0 * 86400.0  # s, 3-5 days (recalled-high)

# What a mL of a blood product brings
PLATELETS_PER_ML = 0.72  # 1e9: 3e11 in 250 mL (recalled-high), of which 60 % stay in the blood (recalled-medium)
PLASMA_FIBRINOGEN = 0.0025  # g, thawed plasma 2-3 g/L (recalled-high)
CRYO_FIBRINOGEN = 0.02  # g, 0.3 g in a unit of 15 mL (recalled-medium; standards ask for 0.15)
CONCENTRATE_FIBRINOGEN = 0.02  # g, 1 g in 50 mL (recalled-high)
PROTAMINE_PER_ML = 10.0  # mg, ampoule strength (recalled-high)

PROTAMINE_BINDS = 100.0  # IU of heparin per mg (recalled-high)
HEPARIN_SPACE = HEPARIN_CLEARANCE * 1000.0 * HEPARIN_HALF_LIFE / 3600.0 / LN2  # mL

# Bivalirudin by creatinine clearance: half-life 25, 34, 57 min and 3.5 h at 90 and more, 45, 20 mL/min and on dialysis; clearance 3.4,
# 2.7 and 1.0 mL/min/kg at 90, 45 and on dialysis (label, recalled-high, read again second-hand). Its 2.8 at 20 mL/min is off this line.
NORMAL_MINUTES, MODERATE_MINUTES, SEVERE_MINUTES, DIALYSIS_MINUTES = 25.0, 34.0, 57.0, 210.0
NORMAL_KIDNEY, MODERATE_KIDNEY, SEVERE_KIDNEY = 90.0, 45.0, 20.0  # mL/min
NORMAL_CLEARANCE, MODERATE_CLEARANCE, DIALYSIS_CLEARANCE = 3.4, 2.7, 1.0

ACT_NORMAL, APTT_NORMAL = 120.0, 30.0  # s (recalled-high)
ACT_PER_ANTI_XA = (184.0 - 120.0) / 0.28  # s per IU/mL (129 measurements on ECMO, seen)
APTT_PER_ANTI_XA = (49.0 - 30.0) / 0.28
# Twice normal at 0.15 mg/kg/h, the median first rate that reached 1.5-2.5 times normal on ECMO (Walker 2019, seen), with the label's
# clearance: 0.74 mg/L (computed)
APTT_PER_BIVALIRUDIN = 41.0  # s per mg/L
ACT_PER_BIVALIRUDIN = 39.0  # s per mg/L: ACT about 358 s after 0.75 mg/kg (recalled-medium); a straight line, too steep above 6 mg/L
ACT_LONGEST, APTT_LONGEST, ANTI_XA_MOST = 999.0, 200.0, 2.0  # where assays end (recalled-medium)


@state()
class Amounts(NamedTuple):
    """What all moving blood holds."""

    free_haemoglobin_pool: mg
    platelet_pool: platelets_1e9
    fibrinogen_pool: g


@state()
class Levels(NamedTuple):
    """What a laboratory reads of them."""

    free_haemoglobin: mg_dL  # of plasma
    platelet_count: platelets_1e9_L
    fibrinogen_level: g_L  # of plasma


class Flows(NamedTuple):
    """What adds to and takes from the amounts."""

    freed: float  # mg/s of haemoglobin
    platelets_given: float  # 1e9/s
    fibrinogen_given: float  # g/s
    blood_lost: float  # mL/s
    blood_cleared: float  # mL/s, of platelets
    plasma_cleared: float  # mL/s, of fibrinogen


@equation
def patient_volume(s: Circulation) -> float:
    """Blood in the patient's vessels and chambers, mL."""
    heart = s.lv_volume + s.rv_volume + s.la_volume + s.ra_volume
    aorta = s.root_volume + s.ascending_volume + s.arch_volume + s.distal_arch_volume + s.descending_volume + s.abdominal_volume
    legs = s.femoral_volume + s.leg_artery_volume
    veins = s.upper_vein_volume + s.splanchnic_vein_volume + s.lower_vein_volume + s.svc_volume + s.ivc_volume
    return heart + aorta + legs + veins + s.pa_volume + s.pv_volume


@equation
def plasma_share(hb: float) -> float:
    """Plasma per mL of blood; hb g/dL."""
    return clip(1.0 - HAEMATOCRIT_PER_HB * hb, 0.2, 1.0)


@equation
def circuit_share(inlet_hb: float, patient_hb: float) -> float:
    """How far a circuit's prime has become the patient's blood, 0..1, by its haemoglobin (g/dL)."""
    return clip(inlet_hb / at_least(patient_hb, 0.1), 0.0, 1.0)


@equation
def levels(a: Amounts, volume: float, hb: float) -> Levels:
    """Concentrations in `volume` mL of blood."""
    plasma = volume * plasma_share(hb)
    return Levels(
        free_haemoglobin=a.free_haemoglobin_pool / (0.01 * at_least(plasma, 1.0)),
        platelet_count=a.platelet_pool / (0.001 * at_least(volume, 1.0)),
        fibrinogen_level=a.fibrinogen_pool / (0.001 * at_least(plasma, 1.0)),
    )


@equation
def amounts(x: Levels, volume: float, hb: float) -> Amounts:
    """The inverse of `levels`."""
    plasma = volume * plasma_share(hb)
    return Amounts(
        free_haemoglobin_pool=0.01 * x.free_haemoglobin * plasma,
        platelet_pool=0.001 * x.platelet_count * volume,
        fibrinogen_pool=0.001 * x.fibrinogen_level * plasma,
    )


@rates_of(Amounts)
class AmountRates(NamedTuple):
    """How the amounts move."""

    free_haemoglobin_pool: Stiff
    platelet_pool: Stiff
    fibrinogen_pool: Stiff


@equation
def turn_over(own: Amounts, f: Flows, volume: float, hb: float) -> AmountRates:
    """What is made and given, and what is lost for each that is there; `own` are the amounts that production keeps up at rest."""
    plasma = at_least(volume * plasma_share(hb), 1.0)
    blood = at_least(volume, 1.0)
    lost = f.blood_lost / blood
    free, platelet, fibrinogen = LN2 / FREE_HB_HALF_LIFE, 1.0 / PLATELET_LIFE, LN2 / FIBRINOGEN_HALF_LIFE
    return AmountRates(
        free_haemoglobin_pool=Stiff(f.freed + own.free_haemoglobin_pool * free, free + lost),
        platelet_pool=Stiff(f.platelets_given + own.platelet_pool * platelet, platelet + lost + f.blood_cleared / blood),
        fibrinogen_pool=Stiff(f.fibrinogen_given + own.fibrinogen_pool * fibrinogen, fibrinogen + lost + f.plasma_cleared / plasma),
    )


@state()
class Thinners(NamedTuple):
    """Anticoagulants in plasma."""

    heparin: Annotated[IU_mL, Elsewhere]  # anti-Xa, IU/mL
    bivalirudin: mg_L


@equation
def between(x: float, x0: float, x1: float, y0: float, y1: float) -> float:
    """Straight line from (x0, y0) to (x1, y1), held at its ends."""
    return y0 + (y1 - y0) * clip((x - x0) / (x1 - x0), 0.0, 1.0)


@equation
def bivalirudin_elimination(kidney: float) -> float:
    """Rate constant, 1/s, by creatinine clearance (mL/min, 0 on dialysis)."""
    dialysis, severe = LN2 / (60.0 * DIALYSIS_MINUTES), LN2 / (60.0 * SEVERE_MINUTES)
    moderate, normal = LN2 / (60.0 * MODERATE_MINUTES), LN2 / (60.0 * NORMAL_MINUTES)
    low = between(kidney, 0.0, SEVERE_KIDNEY, dialysis, severe)
    middle = between(kidney, SEVERE_KIDNEY, MODERATE_KIDNEY, severe, moderate)
    high = between(kidney, MODERATE_KIDNEY, NORMAL_KIDNEY, moderate, normal)
    return low if kidney < SEVERE_KIDNEY else (middle if kidney < MODERATE_KIDNEY else high)


@equation
def bivalirudin_clearance(kidney: float) -> float:
    """Clearance, mL/min/kg."""
    low = between(kidney, 0.0, MODERATE_KIDNEY, DIALYSIS_CLEARANCE, MODERATE_CLEARANCE)
    high = between(kidney, MODERATE_KIDNEY, NORMAL_KIDNEY, MODERATE_CLEARANCE, NORMAL_CLEARANCE)
    return low if kidney < MODERATE_KIDNEY else high


@rates_of(Thinners)
class ThinnerRates(NamedTuple):
    """How they move."""

    heparin: Bounded
    bivalirudin: Lag


@equation
def thin(bivalirudin_rate: float, kidney: float, protamine_rate: float) -> ThinnerRates:
    """Bivalirudin (mg/kg/h) comes and goes; protamine (mg/s) takes heparin away. Heparin's own kinetics are with the other drugs."""
    steady = bivalirudin_rate * (1000.0 / 60.0) / bivalirudin_clearance(kidney)
    return ThinnerRates(
        heparin=Bounded(-protamine_rate * PROTAMINE_BINDS * (1.0 / HEPARIN_SPACE), 0.0, MOST_HEPARIN),
        bivalirudin=Lag(steady, 1.0 / bivalirudin_elimination(kidney)),
    )


MOST_HEPARIN = 1.0e3  # IU/mL, out of reach


@state()
class ClottingTests(NamedTuple):
    """Bedside and laboratory tests of anticoagulation."""

    act: seconds
    aptt: seconds
    anti_xa: IU_mL


@equation
def clotting_tests(s: Thinners) -> ClottingTests:
    """Straight lines up to where the assays end; bivalirudin leaves anti-Xa alone.

    Lack of fibrinogen, platelets or clotting factors, cold and haemodilution prolong ACT and aPTT too: not followed.
    """
    return ClottingTests(
        act=at_most(ACT_NORMAL + ACT_PER_ANTI_XA * s.heparin + ACT_PER_BIVALIRUDIN * s.bivalirudin, ACT_LONGEST),
        aptt=at_most(APTT_NORMAL + APTT_PER_ANTI_XA * s.heparin + APTT_PER_BIVALIRUDIN * s.bivalirudin, APTT_LONGEST),
        anti_xa=at_most(s.heparin, ANTI_XA_MOST),
    )
