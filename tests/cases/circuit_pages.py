"""What the pages of circuits say of their cases."""

from typing import Any

import numpy as np
from pages import Claim, Course

from perfuse.parameters.faults import faults


def swing(c: Course, signal: str, minute: float, seconds: float = 10.0) -> float:
    """From the lowest to the highest value of a signal in a window of the waveforms."""
    return float(np.ptp(c.wave(signal, minute, seconds)))


ECPR = [
    Claim("A heart in ventricular fibrillation pumps nothing.", check=lambda c: float(abs(c.over("CO", 0.1, 1)).max()) < 0.1),
    Claim(
        "Compressions begin in the first minute and go on until VA-ECMO flow is on, at 15 min.",
        [15],
        lambda c: (
            c.step(1, "cpr.rate", 105.0) and c.case.support.start == 900 and c.step(15.5, "cpr.rate", 0.0) and c.at("ecmo_flow", 16) > 2
        ),
    ),
    Claim("20–30 % of normal output.", [20, 30], lambda c: 0.2 <= c.at("CO", 2) / 5.0 <= 0.3),
    Claim("there is no pulse", check=lambda c: swing(c, "P_radial", 34) < 5.0),
    Claim(
        "bronchial and Thebesian blood still comes to a left ventricle that cannot empty, so it fills.",
        check=lambda c: c.at("LVEDV", 35) > c.at("LVEDV", 18) + 5.0,
    ),
    Claim("EtCO2: low, for little blood reaches the lungs.", check=lambda c: c.at("EtCO2", 10) < 20.0),
    Claim(
        "14.9–15.9 min: compressions and flow overlap, then compressions stop; pulse pressure goes to nearly 0.",
        [14.9, 15.9, 0],
        lambda c: (
            swing(c, "P_radial", 15.0, 10) > 20.0
            and float(c.wave("ECMO_flow", 15.3, 10).mean()) > 1.0
            and swing(c, "P_radial", 15.8, 5) < 5.0
        ),
    ),
    Claim(
        "PaO2 and PaCO2 after flow is on: both can overshoot.",
        check=lambda c: (
            float(c.over("PaO2", 15, 35).max()) > c.at("PaO2", 35) + 5 or float(c.over("PaCO2", 15, 35).min()) < c.at("PaCO2", 35) - 2
        ),
    ),
    Claim("Lactate falls over hours, not minutes.", check=lambda c: c.at("lactate", 16) > c.at("lactate", 35) > 0.8 * c.at("lactate", 16)),
    Claim(
        "LVEDV and LAP after 20 min on support with a shut aortic valve.",
        [20],
        lambda c: c.at("AV_open", 35) < 0.5 and c.at("LVEDV", 35) > c.at("LVEDV", 18) and c.at("LAP", 35) > c.at("LAP", 18),
    ),
]


def bedside(quantity: str, word: str) -> Any:
    """What the run's table of bedside measurements says of one: asked, reached."""
    return lambda c: next(one[word] for one in c.run.bedside if one["name"] == quantity)


EOLIA = [
    Claim(
        "PaO2/FiO2 73, pH 7.24, PaCO2 57 mmHg, compliance 25 mL/cmH2O, plateau pressure 29.8 cmH2O.",
        [
            lambda c: c.case.patient.measurements["PaO2"] / c.case.patient.measurements["FiO2"],
            *(lambda c, q=q: c.case.patient.measurements[q] for q in ("pH", "PaCO2", "Crs", "Pplat")),
        ],
    ),
    Claim(
        "Parameters are derived from them, and the run prints how well each was met.",
        check=lambda c: len(c.run.bedside) >= len(c.case.patient.measurements) - 3,
    ),
    Claim(
        "After five minutes VV-ECMO starts, the ventilator goes to the trial's rest setting (plateau at most 24, PEEP at least 10 cmH2O),"
        " and sweep gas is raised over a quarter of an hour.",
        [24, 10],
        lambda c: (
            c.case.support.start == 300
            and c.at("Pplat", 10) <= 24.0
            and c.at("PEEP", 10) >= 10.0
            and abs(c.at("sweep", 8) - 2) < 0.01
            and abs(c.at("sweep", 24) - 5) < 0.01
        ),
    ),
    Claim("oxygen has to come from the membrane lung", check=lambda c: c.at("ecmo_VO2", 40) > 0.6 * c.at("VO2", 40)),
    Claim(
        "S_pre, SvO2 and SaO2 just after the start, before CO2 has moved.",
        check=lambda c: (
            c.at("SaO2_right_radial", 6.5) > c.at("SaO2_right_radial", 5) + 3.0
            and c.at("SvO2", 6.5) > c.at("SvO2", 5) + 3.0
            and abs(c.at("PaCO2", 6.5) - c.at("PaCO2", 5)) < 6.0
        ),
    ),
    Claim(
        "PaCO2 and pH while sweep is raised: half an hour, not a minute.",
        check=lambda c: c.at("PaCO2", 8) > c.at("PaCO2", 16) + 2 > c.at("PaCO2", 24) + 3 and c.at("pH", 40) > c.at("pH", 8) + 0.05,
    ),
    Claim(
        "mPAP and PVR: with less hypoxic and acidotic vasoconstriction, the right ventricle works against less.",
        check=lambda c: c.at("mPAP", 40) < c.at("mPAP", 5) - 0.5 and c.at("PVR", 40) < 0.85 * c.at("PVR", 5),
    ),
    Claim("Hb just after the start: the circuit's crystalloid prime dilutes it.", check=lambda c: c.at("Hb", 7) < c.at("Hb", 5) - 0.3),
]

DIFFERENTIAL = [
    Claim(
        "Femoral VA-ECMO in a patient whose lungs shunt.",
        check=lambda c: (
            c.case.support.return_[0].site == "femoral_artery"
            and c.run.parameters["shunt"] > 0.5
            and abs(c.at("ecmo_flow_venous", 12)) < 0.02
            and c.at("ecmo_flow_arterial", 12) > 3.0
        ),
    ),
    Claim(
        "From 12 min dobutamine wakes the heart.",
        [12],
        lambda c: c.step(12, "drug.dobutamine", 10.0) and c.at("CO", 30) > 1.5 * c.at("CO", 12),
    ),
    Claim(
        "At 30 min a second return limb to the right atrium is opened: VAV.",
        [30],
        lambda c: c.step(30, "return2.clamp", 0.0) and abs(c.at("ecmo_flow_venous", 30)) < 0.02 and c.at("ecmo_flow_venous", 45) > 0.5,
    ),
    Claim(
        "What the heart ejects is as red as the lungs made it.", check=lambda c: c.at("SaO2_coronary", 30) < c.at("SaO2_femoral", 30) - 3.0
    ),
    Claim(
        "The second limb feeds oxygenated blood *before* the lungs, so that what the heart ejects is redder.",
        check=lambda c: c.at("SvO2", 45) > c.at("SvO2", 30) + 3 and c.at("SaO2_coronary", 45) > c.at("SaO2_coronary", 30) + 3,
    ),
    Claim(
        "SaO2 at the right radial, left radial and femoral side by side (88, 100 and 100 % at 30 min): one blood gas is not the patient.",
        [*((f"SaO2_{site}", 30) for site in ("right_radial", "left_radial", "femoral")), 30],
    ),
    Claim(
        "`native_share` as the heart recovers (0.08 → 0.15 from 12 to 30 min), and the saturation of brain and coronaries with it (99 → 93"
        " and 88 → 80 %).",
        [("native_share", 12), ("native_share", 30), 12, 30, *((f"SaO2_{place}", m) for place in ("brain", "coronary") for m in (12, 30))],
    ),
    Claim(
        "After 30 min: the right radial rises (93 % at 45 min), the coronaries too (93 %), the femoral stays; the left radial falls to 95"
        " %, for the heart's blood now reaches it.",
        [30, ("SaO2_right_radial", 45), 45, ("SaO2_coronary", 45), ("SaO2_left_radial", 45)],
        lambda c: (
            c.at("SaO2_right_radial", 45) > c.at("SaO2_right_radial", 30) + 3
            and abs(c.at("SaO2_femoral", 45) - c.at("SaO2_femoral", 30)) < 0.5
        ),
    ),
    Claim(
        "Flow divides between two limbs by their resistance: 2.8 L/min to the artery, 3.4 to the vein, where 4.6 went to the artery alone.",
        [("ecmo_flow_arterial", 45), ("ecmo_flow_venous", 45), ("ecmo_flow_arterial", 30)],
        lambda c: abs(c.at("ecmo_flow_arterial", 45) + c.at("ecmo_flow_venous", 45) - c.at("ecmo_flow", 45)) < 0.1,
    ),
    Claim(
        "The oximeter of the right hand: blind when pulse pressure is very low (it reads nothing from 5 to 25 min).",
        [5, 25],
        lambda c: (
            bool(np.isnan(c.over("SpO2_right_hand", 5, 25)).all()) and float(np.isfinite(c.over("SpO2_right_hand", 0, 2)).mean()) > 0.2
        ),
    ),
]

PUMP_STOP = [
    Claim(
        "At 15 min the pump loses power with the lines open. At 16 min the circuit is clamped. At 18 min power returns, and then the clamp"
        " comes off.",
        [15, 16, 18],
        lambda c: (
            c.step(15, "power-loss", 1.0) and c.step(16, "clamp", 1.0) and c.step(18, "power-loss", 0.0) and c.step(18.2, "clamp", 0.0)
        ),
    ),
    Claim(
        "an arteriovenous shunt, as long as no clamp is set. Flow is reported with its sign.",
        check=lambda c: float(c.over("ecmo_flow", 15.5, 16).max()) < -0.3,
    ),
    Claim(
        "Waveforms from 14.9 min: flow falls through zero and turns negative within seconds; P_art, P_int and P_ven come together.",
        [14.9],
        lambda c: (
            float(c.wave("ECMO_flow", 14.9, 5).min()) > 1.0
            and float(c.wave("ECMO_flow", 15.15, 10).max()) < 0.0
            and c.at("P_art", 16, 20) - c.at("P_ven", 16, 20) < 0.5 * (c.at("P_art", 15) - c.at("P_ven", 15))
        ),
    ),
    Claim(
        "MAP falls further than the loss of support alone explains, and CVP rises: what the heart ejects is shunted away through the"
        " circuit.",
        check=lambda c: c.at("MAP", 16, 10) < c.at("MAP", 18, 10) - 2.0 and c.at("CVP", 16, 10) > c.at("CVP", 15),
    ),
    Claim(
        "16 min: the clamp ends the shunt, but for 0.2 L/min that still run back from the leg through the distal perfusion line; the"
        " patient has the native heart only.",
        [16, lambda c: -c.at("distal_flow", 18)],
        lambda c: abs(c.at("ecmo_flow", 18) - c.at("distal_flow", 18)) < 0.02 and c.at("CO", 18) >= c.at("total_flow", 18),
    ),
    Claim(
        "After 18 min: how long brain saturation and lactate need.",
        [18],
        lambda c: (
            c.at("NIRS_brain_right", 20) > c.at("NIRS_brain_right", 18) + 2.0
            and c.at("lactate", 18.5) > c.at("lactate", 20) > c.at("lactate", 25) + 0.05
        ),
    ),
]

SCAI_D = [
    Claim(
        "After five minutes VA-ECMO starts, and flow is raised from 1 to 5 L/min in steps of five minutes by a controller on pump speed.",
        [("ecmo_flow", 10), ("ecmo_flow", 30)],
        lambda c: c.case.support.start == 300 and all(abs(c.at("ecmo_flow", 5 * n + 5) - n) < 0.1 for n in range(1, 6)),
    ),
    Claim(
        "VA-ECMO also drains the right heart, so preload falls while afterload rises.",
        check=lambda c: c.at("RVEDV", 30) < c.at("RVEDV", 5) and c.at("MAP", 30) > c.at("MAP", 5) + 10,
    ),
    Claim(
        "MAP up, pulse pressure down, LVESV up; the loop becomes narrower, taller and moves to the right.",
        check=lambda c: (
            c.at("MAP", 30) > c.at("MAP", 5) + 10
            and c.at("PP", 30) < c.at("PP", 5) - 5
            and c.at("LVESV", 30) > c.at("LVESV", 5)
            and c.at("SV", 30) < c.at("SV", 5)
            and c.at("LVSP", 30) > c.at("LVSP", 5)
            and c.at("LVEDV", 30) > c.at("LVEDV", 5)
        ),
    ),
    Claim(
        "`CO` (native) falls as `total_flow` rises; `CPO_native` against `CPO_total`.",
        check=lambda c: (
            all(c.at("CO", m + 5) < c.at("CO", m) and c.at("total_flow", m + 5) > c.at("total_flow", m) for m in (10, 15, 20, 25))
            and c.at("CPO_native", 30) < c.at("CPO_native", 5)
            and c.at("CPO_total", 30) > c.at("CPO_total", 5)
        ),
    ),
    Claim(
        "With reflexes and coronary coupling off, more VA flow never raises native stroke volume",
        check=lambda c: (sv := [s.at("SV", m) for s in [still(c)] for m in (5, 10, 15, 20, 25, 30)]) == sorted(sv, reverse=True),
    ),
    Claim(
        "CVP falls, SvO2 rises, lactate needs an hour.",
        check=lambda c: (
            c.at("CVP", 30) < c.at("CVP", 5) and c.at("SvO2", 30) > c.at("SvO2", 5) + 10 and c.at("lactate", 30) > 0.7 * c.at("lactate", 5)
        ),
    ),
]


def still(c: Course) -> Course:
    """The same with reflexes and coronary coupling off."""
    return c.changed(patient={"library": c.case.patient.library, "set": {"baroreflex_gain": 0, "lv_ischaemia_gain": 0}})


UNLOADING = [
    Claim(
        "Fulminant myocarditis on VA-ECMO, 4 L/min held by a controller. One after the other, each taken away before the next: a"
        " septostomy of 2 cm² (12 to 22 min), a vent through the apex into the circuit (27 to 37 min), an Impella CP at P-6 (from 42 min:"
        " ECPELLA).",
        [("ecmo_flow", 12), 2, 12, 22, 27, 37, 42],
        lambda c: (
            c.step(12, "patient.atrial_defect", 2.0)
            and c.step(22, "patient.atrial_defect", 0.0)
            and c.step(27, "drain2.clamp", 0.0)
            and c.step(37, "drain2.clamp", 1.0)
            and c.case.devices[0].start == 2520
            and c.case.devices[0].level == 6
        ),
    ),
    Claim(
        "VA-ECMO raises the pressure against which the ventricle ejects; what still reaches the left heart stays there.",
        check=lambda c: c.at("MAP", 12) > c.at("MAP", 2) + 5 and c.at("LVEDV", 12) > c.at("LVEDV", 2) + 10,
    ),
    Claim(
        "`LAP`, `LVEDP`, `LVPVA` in each stage, and `SvO2`: after septostomy oxygenated blood comes round through the pulmonary artery.",
        check=lambda c: (
            all(c.at(q, m) < c.at(q, 12) for q in ("LAP", "LVEDP", "LVPVA") for m in (22, 37, 52))
            and c.at("SvO2", 22) > c.at("SvO2", 12) + 15
        ),
    ),
    Claim(
        "MAP rises with the Impella only: it adds flow, the others move it.",
        check=lambda c: (
            c.at("MAP", 52) > c.at("MAP", 12) + 10
            and all(c.at("MAP", m) < c.at("MAP", 12) for m in (22, 37))
            and c.at("total_flow", 52) > c.at("total_flow", 12) + 0.5
        ),
    ),
    Claim(
        "P_ven and the pump's speed while the vent is open: the circuit's flow is shared.",
        check=lambda c: (
            c.at("P_ven", 37) > c.at("P_ven", 27)
            and c.at("pump_speed", 37) < c.at("pump_speed", 27)
            and abs(c.at("ecmo_flow", 37) - 4.0) < 0.1
        ),
    ),
    Claim(
        "the mitral valve does not leak in this patient, and what the Thebesian veins bring stays in the ventricle.",
        check=lambda c: c.run.parameters["mitral_leak"] == 0.0 and c.at("LVEDV", 22) > c.at("LVEDV", 2),
    ),
    Claim(
        "After septostomy **LVEDP stays at 25 mmHg while LAP falls to 15**: the aortic valve is shut",
        [("LVEDP", 22), ("LAP", 22)],
        lambda c: c.at("AV_open", 22) < 0.5,
    ),
]

CHATTER = [
    Claim(
        "1.4 L are lost in ten minutes at an unchanged 3,400 rpm. Then speed is lowered to 2,400 rpm; then 750 mL of crystalloid are given;"
        " then speed goes back.",
        [lambda c: faults()["bleeding"].value(1.0) * 10 / 1000, ("pump_speed", 20), ("pump_speed", 27), 750],
        lambda c: (
            c.step(10, "bleeding", 1.0)
            and c.step(20, "bleeding", 0.0)
            and c.step(28, "crystalloid", 750.0)
            and abs(c.at("pump_speed", 42) - 3400) < 1
        ),
    ),
    Claim("Past this point more speed only makes P_ven more negative.", check=lambda c: c.at("P_ven", 24) < c.at("P_ven", 28) - 20),
    Claim(
        "Waveforms at 23 min against 9 min: flow swings, P_ven goes very low.",
        [23, 9],
        lambda c: (
            swing(c, "ECMO_flow", 23) > 3.0 * swing(c, "ECMO_flow", 9)
            and float(c.wave("P_ven", 23, 10).min()) < float(c.wave("P_ven", 9, 10).min()) - 50
        ),
    ),
    Claim(
        "24 min: **less speed, as much flow or more**, and a steadier one.",
        [24],
        lambda c: c.at("ecmo_flow", 28) > c.at("ecmo_flow", 24) - 0.1 and c.at("ecmo_flow_sd", 28) < 0.5 * c.at("ecmo_flow_sd", 24),
    ),
    Claim(
        "Hb: it hardly moves while blood is lost, and falls with the crystalloid.",
        check=lambda c: abs(c.at("Hb", 20) - c.at("Hb", 10)) < 0.8 and c.at("Hb", 37) < c.at("Hb", 28) - 0.8,
    ),
    Claim("dP of the membrane lung falls with flow: the lung is not the fault.", check=lambda c: c.at("dP", 24) < c.at("dP", 10) - 3),
]

COVID = [
    Claim(
        "A patient whose cardiac output mostly passes unventilated lung. After five minutes VV-ECMO starts at 3,000 rpm, the ventilator"
        " goes to rest; sweep is raised slowly; at 25 min speed goes to 3,600 rpm.",
        [("pump_speed", 20), 25, ("pump_speed", 35)],
        lambda c: (
            c.run.parameters["shunt"] > 0.5
            and c.case.support.start == 300
            and abs(c.at("FiO2", 10) - 0.4) < 0.001
            and c.at("sweep", 8) < c.at("sweep", 15) < c.at("sweep", 24)
        ),
    ),
    Claim(
        "`ecmo_flow / CO` against SaO2 before and after 25 min.",
        [25],
        lambda c: (
            c.at("ecmo_flow", 35) / c.at("CO", 35) > c.at("ecmo_flow", 25) / c.at("CO", 25) + 0.05
            and c.at("SaO2_right_radial", 35) > c.at("SaO2_right_radial", 25) + 1.0
        ),
    ),
    Claim(
        "The pressures of the circuit: P_ven falls with the square of flow, P_int − P_art rises with it.",
        check=lambda c: (
            c.at("P_ven", 35) < c.at("P_ven", 25) - 5 and c.at("P_int", 35) - c.at("P_art", 35) > c.at("P_int", 25) - c.at("P_art", 25) + 2
        ),
    ),
    Claim("What does **not** change: native cardiac output.", check=lambda c: abs(c.at("CO", 35) - c.at("CO", 25)) < 0.05 * c.at("CO", 25)),
    Claim(
        "VV-ECMO does not carry the circulation; blood goes back where it was taken.",
        check=lambda c: abs(c.at("total_flow", 35) - c.at("CO", 35)) < 0.2,
    ),
    Claim(
        "mPAP: it falls when mixed venous blood is redder and pH rises.",
        check=lambda c: (
            c.at("mPAP", 35) < c.at("mPAP", 5) - 1 and c.at("SvO2", 35) > c.at("SvO2", 5) + 5 and c.at("pH", 35) > c.at("pH", 6)
        ),
    ),
]

MEMBRANE = [
    Claim(
        "From 15 min gas transfer fails over five minutes, with an unchanged pressure drop.",
        [15],
        lambda c: c.step(15, "membrane-transfer-failure", 0.6) and abs(c.at("dP", 30) - c.at("dP", 15)) < 1.0,
    ),
    Claim(
        "At 30 min the lung is whole again.",
        [30],
        lambda c: (
            c.step(30, "membrane-transfer-failure", 0.0) and abs(c.at("PO2_post", 45) - c.at("PO2_post", 15)) < 0.05 * c.at("PO2_post", 15)
        ),
    ),
    Claim(
        "From 45 min it clots: resistance rises, transfer stays.",
        [45],
        lambda c: (
            c.step(45, "membrane-clot", 0.6)
            and c.at("dP", 60) / c.at("ecmo_flow", 60) > 1.5 * c.at("dP", 45) / c.at("ecmo_flow", 45)
            and c.at("S_post", 60) > c.at("S_post", 45) - 0.5
        ),
    ),
    Claim(
        "PO2_post falls from hundreds to tens while SO2 falls by a few per cent at first.",
        check=lambda c: c.at("PO2_post", 15) > 200 and c.at("PO2_post", 30) < 100 and 1 < c.at("S_post", 15) - c.at("S_post", 30) < 15,
    ),
    Claim(
        "15–30 min: PO2_post, PCO2_post, SaO2, PaCO2 move; flow, dP and P_ven do not. The gas flow meter still reads 5 L/min.",
        [15, 30, ("sweep", 30)],
        lambda c: (
            c.at("PO2_post", 30) < 0.5 * c.at("PO2_post", 15)
            and c.at("PCO2_post", 30) > c.at("PCO2_post", 15) + 2
            and c.at("SaO2_right_radial", 30) < c.at("SaO2_right_radial", 15) - 2
            and c.at("PaCO2", 30) > c.at("PaCO2", 15) + 2
            and abs(c.at("ecmo_flow", 30) - c.at("ecmo_flow", 15)) < 0.1
            and abs(c.at("P_ven", 30) - c.at("P_ven", 15)) < 5
        ),
    ),
    Claim(
        "45–60 min: dP rises, P_int rises, flow falls, PO2_post holds or rises (less blood for the same fibres).",
        [45, 60],
        lambda c: (
            c.at("dP", 60) > c.at("dP", 45) + 5
            and c.at("P_int", 60) > c.at("P_int", 45) + 5
            and c.at("ecmo_flow", 60) < c.at("ecmo_flow", 45) - 0.2
            and c.at("PO2_post", 60) > c.at("PO2_post", 45) - 5
        ),
    ),
    Claim(
        "The two have one thing in common: SaO2 falls. The pressures tell them apart.",
        check=lambda c: (
            c.at("SaO2_right_radial", 30) < c.at("SaO2_right_radial", 15) - 1
            and c.at("SaO2_right_radial", 60) < c.at("SaO2_right_radial", 45) - 1
            and c.at("dP", 60) > c.at("dP", 30) + 5
        ),
    ),
]

RECIRCULATION = [
    Claim(
        "At 20 min the drainage tip wanders to 3 cm from the return tip. At 30 min more speed is tried. At 40 min speed goes back and the"
        " cannula to its place.",
        [20, lambda c: faults()["cannula-migration"].value(1.0), 30, 40],
        lambda c: (
            c.step(20, "cannula-migration", 1.0)
            and c.step(30, "pump.rpm", 3600.0)
            and c.step(40, "pump.rpm", 3000.0)
            and c.step(40, "cannula-migration", 0.0)
            and abs(c.at("recirculation", 50) - c.at("recirculation", 20)) < 0.05
        ),
    ),
    Claim(
        "that is why S_pre stays up while SaO2 falls.",
        check=lambda c: c.at("S_pre", 30) > c.at("S_pre", 20) - 1 and c.at("SaO2_right_radial", 30) < c.at("SaO2_right_radial", 20) - 3,
    ),
    Claim(
        "`recirculation`, SaO2 and S_pre together: S_pre close to SaO2 is the sign.",
        check=lambda c: (
            c.at("recirculation", 30) > c.at("recirculation", 20) + 0.2
            and c.at("SaO2_right_radial", 30) - c.at("S_pre", 30) < 0.5 * (c.at("SaO2_right_radial", 20) - c.at("S_pre", 20))
        ),
    ),
    Claim(
        "PO2_post even rises (427 → 495 mmHg), for redder blood comes in. Nothing is wrong with the circuit.",
        [("PO2_post", 20), ("PO2_post", 30)],
        lambda c: c.at("S_pre", 30) > c.at("S_pre", 20) + 5,
    ),
    Claim(
        "What stays: flow, P_ven, P_art.",
        check=lambda c: (
            abs(c.at("ecmo_flow", 30) - c.at("ecmo_flow", 20)) < 0.1 and all(abs(c.at(q, 30) - c.at(q, 20)) < 5 for q in ("P_ven", "P_art"))
        ),
    ),
    Claim(
        "More speed: flow rises, the gain in Qe is small, for R rises with Qd/Q.",
        check=lambda c: (
            c.at("ecmo_flow", 40) > c.at("ecmo_flow", 30) + 0.5
            and c.at("recirculation", 40) > c.at("recirculation", 30)
            and 0 < effective(c, 40) - effective(c, 30) < 0.5 * (c.at("ecmo_flow", 40) - c.at("ecmo_flow", 30))
        ),
    ),
]


def effective(c: Course, minute: float) -> float:
    """Flow less what is drained again, L/min."""
    return c.at("ecmo_flow", minute) * (1.0 - c.at("recirculation", minute))


CLAIMS: dict[str, list[Claim]] = {
    "ecpr-vf": ECPR,
    "eolia-vv": EOLIA,
    "va-differential-hypoxaemia": DIFFERENTIAL,
    "va-pump-stop": PUMP_STOP,
    "va-scai-d": SCAI_D,
    "va-unloading": UNLOADING,
    "vv-chatter": CHATTER,
    "vv-covid-ards": COVID,
    "vv-membrane-failure": MEMBRANE,
    "vv-recirculation": RECIRCULATION,
}

TABLES: dict[str, tuple[list[Any], list[Any]]] = {
    "va-unloading": (["MAP", "LAP", "LVEDP", "LVEDV", "LVPVA", "SvO2"], [2, 12, 22, 37, 52]),
}
"""Columns of the table of a page, and the minute at which each row is read."""
