"""What machines do to blood: red cells that pumps and suction break, platelets that a membrane takes, and clots that form in them.

Free haemoglobin by the index of haemolysis of the bench (NIH, g freed per 100 L pumped), raised at low flow, by a clotted head and by
suction. The haemoglobin of the blood does not fall by it: grams a day of some 700 g in the body (negligible, left out).

Clots by a hazard: a rate per day that adds up; the clot begins when the sum passes a threshold drawn once for a run (unit exponential).
No relation of the index with speed was found that holds for more than one pump: NIH is that of the published working point.
"""

from perfuse.base.rates import Bounded
from perfuse.ops import at_least, at_most, clip, equation, magnitude, positive, power

L_MIN = 1000.0 / 60.0  # mL/s
DAY = 86400.0

# Sixfold at 1 against 4 L/min (Deltastream DP3, seen): a power of 4 that is 6. Read as per litre pumped; held tenfold at most (assumed)
LOW_FLOW_POWER, LOW_FLOW_MOST = 1.292, 10.0
CLOT_GAIN = 40.0  # a head clotted by 0.15 frees 7 times as much: clotted pumps go with 50 to above 100 mg/dL (seen; size assumed)
# Inlet pressure: no harm above -100 mmHg (the console's warning), then with the square of what is beyond: thrice the index more at -200.
# Of the size of 199 against 40 mg/dL without and with an inlet held above a limit (Ann Thorac Surg 1997;63:1333, seen); form assumed.
SUCTION_FROM, SUCTION_GAIN = 100.0, 3.0
# An Impella CP with its outlet shut: modified index 18.7 against 2.78 (Roberts 2020, seen); an inlet sucked shut is taken as the same
SHUT_GAIN = 18.7 / 2.78 - 1.0

# Blood cleared of platelets and plasma cleared of fibrinogen by a membrane, L/day per m2 (assumed): counts fall by about a third to a new
# steady state. That they fall within a day and are steady after five is seen (V-V ECMO, 330 runs, 2025); the size is recalled-low.
PLATELETS_CLEARED, FIBRINOGEN_CLEARED = 0.20, 0.10
CLOT_EATS = 5.0  # a wholly clotted membrane takes six times as much (assumed; D-dimer up, fibrinogen and platelets down: Lubnow 2014, seen)

SLOW_FLOW = 2.0  # L/min, below which a circuit clots sooner, in inverse ratio, tenfold at most (recalled-medium; size assumed)
SLOW_MOST = 10.0
# Above 45 s (1.5 times normal) aPTT is taken as enough: series split at 55 s found no difference in changed lungs (Song 2023, seen).
# Without anticoagulation circuits clot as often (11 studies, 958 patients, seen) up to 3.5 times as often (Olson 2021, 27 of 201 in a
# median of 4.75 days against 0.0085 a day, computed): taken double (assumed).
APTT_ENOUGH, APTT_NORMAL, CIRCUIT_BARE = 45.0, 30.0, 2.0
# Durable pumps: hazard of thrombosis times 0.40 for each unit of INR (Nassif 2016, seen), so 2.5 at INR 1; INR 2 is enough (recalled-high)
INR_ENOUGH, HEART_BARE = 2.0, 2.5
CLOT_GROWTH = 0.1 / 3600.0  # 1/s: share that clots, once it has begun (assumed: a tenth in an hour)
PUMP_CLOT_MOST, LUNG_CLOT_MOST = 0.5, 0.6  # where it stops (assumed)


@equation
def haemoglobin_freed(flow: float, nih: float, nih_flow: float, clot: float, suction: float) -> float:
    """Haemoglobin freed by a pump, mg/s.

        NIH/100 x Q x ((Q_NIH/Q)^1.292 (1 + 40 clot) + suction)

    flow mL/s, either way; nih g/100 L, measured at nih_flow L/min; clot 0..1, share of head lost; suction from `inlet_suction` or
    `shut_suction`. A pump without an index (0) or without flow frees nothing.
    """
    litres = magnitude(flow) * (1.0 / L_MIN)
    low = clip(power(nih_flow / at_least(litres, 1.0e-3), LOW_FLOW_POWER), 1.0, LOW_FLOW_MOST)
    return nih * magnitude(flow) * (1.0 / 100.0) * (low * (1.0 + CLOT_GAIN * clip(clot, 0.0, 1.0)) + suction)


@equation
def inlet_suction(pressure: float) -> float:
    """Index added by the pressure (mmHg) before a pump outside the body, in parts of its own."""
    beyond = positive(-pressure - SUCTION_FROM) * (1.0 / 100.0)
    return SUCTION_GAIN * beyond * beyond


@equation
def shut_suction(share: float) -> float:
    """Index added by a pump in the heart that has its inlet sucked shut for this share of the time."""
    return SHUT_GAIN * clip(share, 0.0, 1.0)


@equation
def cleared_by_membrane(litres: float, area: float, flow: float, clot: float) -> float:
    """Volume that a membrane (area m2) clears, mL/s, where `litres` a day and m2 are cleared; nothing while blood stands (flow mL/s)."""
    runs = clip(magnitude(flow), 0.0, 1.0)
    return litres * 1000.0 * (1.0 / DAY) * area * runs * (1.0 + CLOT_EATS * clip(clot, 0.0, 1.0))


@equation
def uncovered(aptt: float, inr: float) -> float:
    """Share of anticoagulation that lacks, 0..1: by aPTT (s; heparin, bivalirudin) or INR (vitamin K antagonists), whichever is more."""
    by_drip = clip((APTT_ENOUGH - aptt) * (1.0 / (APTT_ENOUGH - APTT_NORMAL)), 0.0, 1.0)
    return at_most(by_drip, clip(INR_ENOUGH - inr, 0.0, 1.0))


@equation
def clot_hazard(rate: float, flow: float, enough: float, lacking: float, bare: float) -> float:
    """Hazard of a clot, 1/s: `rate` 1/day of a machine at usual flow, times what slow blood and too little anticoagulation do.

    flow mL/s; enough L/min, flow below which it rises; lacking from `uncovered`; bare: factor without any anticoagulation.
    """
    slow = clip(enough / at_least(magnitude(flow) * (1.0 / L_MIN), 1.0e-3), 1.0, SLOW_MOST)
    return rate * (1.0 / DAY) * slow * (1.0 + (bare - 1.0) * lacking)


@equation
def clot_growth(hazard: float, fate: float, most: float) -> Bounded:
    """How a clot grows, share/s: once the hazard summed up has passed `fate`, up to `most`. No fate (0): never."""
    begun = fate > 0.0 and hazard > fate
    return Bounded(rate=CLOT_GROWTH if begun else 0.0, low=0.0, high=most)
