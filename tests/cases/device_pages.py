"""What the pages of devices of the heart say of their cases."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from pages import Claim, Course

from perfuse.parameters.faults import faults
from perfuse.parameters.from_python import plain
from perfuse.parameters.library import load_device

ARTIFICIAL_HEART = [
    Claim("Both ventricles are replaced before the run", check=lambda c: c.case.devices[0].established and "LVEF" not in c.run.after),
    Claim(
        "rate, drives and vacuum are those of the record (125 per minute, 190 and 90 mmHg, −10 mmHg).",
        [
            lambda c: load_device("syncardia_70").rate.value,
            lambda c: load_device("syncardia_70").left_drive.value,
            lambda c: load_device("syncardia_70").right_drive.value,
            lambda c: load_device("syncardia_70").vacuum.value,
        ],
        lambda c: abs(c.at("pulsatile_rate", 10) - 125.0) < 0.5,
    ),
    Claim(
        "One litre is lost from 10 to 20 min, 600 mL of red cells given from 25 to 30 min; at 40 min norepinephrine tightens the vessels.",
        [10, 20, 600, 25, 30, 40],
        lambda c: (
            c.step(10, "bleeding.rate", 100.0)
            and c.step(20, "bleeding.rate", 0.0)
            and c.step(25, "red_cells", 600.0)
            and c.step(40, "drug.norepinephrine", 0.2)
            and c.at("SVR", 45) > 1.05 * c.at("SVR", 40)
        ),
    ),
    Claim(
        "output follows filling, whatever the afterload",
        check=lambda c: c.at("pulsatile_left_flow", 20) < 0.85 * c.at("pulsatile_left_flow", 10),
    ),
    Claim("There is no reflex on rate.", check=lambda c: float(c.over("pulsatile_rate", 1, 50).std()) < 0.1),
    Claim(
        "Flow 6.7 → 5.0 L/min with the blood loss, and filling of the left chamber 83 → 64 %; 6.3 L/min and 79 % after the red cells.",
        [
            ("pulsatile_left_flow", 10),
            ("pulsatile_left_flow", 20),
            ("pulsatile_left_fill", 10),
            ("pulsatile_left_fill", 20),
            ("pulsatile_left_flow", 30),
            ("pulsatile_left_fill", 30),
        ],
    ),
    Claim(
        "Norepinephrine: MAP 97 → 113 mmHg, flow 6.2 → 6.2 L/min.",
        [("MAP", 40), ("MAP", 50), ("pulsatile_left_flow", 40), ("pulsatile_left_flow", 50)],
    ),
    Claim("LAP 11 → 7 → 10 mmHg, MAP 102 → 80 → 99 mmHg.", [("LAP", 10), ("LAP", 20), ("LAP", 30), ("MAP", 10), ("MAP", 20), ("MAP", 30)]),
    Claim(
        "No native loop, ejection fraction or valve is reported.", check=lambda c: not {"LVEF", "LVEDV", "AV_open", "SV"} & set(c.run.after)
    ),
    Claim(
        "partial filling, full ejection, hardly any answer to afterload.",
        check=lambda c: (
            c.at("pulsatile_left_fill", 10) < 97.0 and abs(c.at("pulsatile_left_flow", 50) - c.at("pulsatile_left_flow", 40)) < 0.1
        ),
    ),
]

BALLOON_TIMING = [
    Claim(
        "A 40 mL balloon in SCAI C shock from 2 min, every beat; from 8 min every second beat, so that assisted and unassisted beats stand"
        " side by side.",
        [
            lambda c: load_device("iabp_40").volume.value,
            2,
            8,
        ],
        lambda c: c.devices["iabp_40"].ratio == 1 and c.devices["iabp_40"].start == 120 and c.step(8, "balloon.ratio", 2.0),
    ),
    Claim(
        "Then two minutes each of early inflation, late inflation, early deflation, late deflation, with two good minutes between.",
        check=lambda c: all(
            c.step(10 + 4 * i, f"balloon-{name}", 1.0) and c.step(12 + 4 * i, f"balloon-{name}", 0.0)
            for i, name in enumerate(("early-inflation", "late-inflation", "early-deflation", "late-deflation"))
        ),
    ),
    Claim(
        "Every beat: MAP 60 → 64 mmHg, CO 3.4 → 3.8 L/min, LAP 24 → 20 mmHg; augmented diastole 86 over a systole of 63 mmHg (70 before).",
        [
            ("MAP", 2),
            ("MAP", 8),
            ("CO", 2),
            ("CO", 8),
            ("LAP", 2),
            ("LAP", 8),
            ("iabp_augmented_diastolic", 8),
            ("iabp_assisted_systolic", 8),
            ("SBP", 2),
        ],
    ),
    Claim(
        "1:2, well timed: end-diastole after a balloon beat (46 mmHg) lies below that after a beat without (49).",
        [1, 2, ("iabp_assisted_end_diastolic", 10), ("iabp_unassisted_end_diastolic", 10)],
    ),
    Claim(
        "Early inflation: augmentation falls, CO falls and LAP rises.",
        check=lambda c: (
            c.at("iabp_augmented_diastolic", 12) < c.at("iabp_augmented_diastolic", 10) - 10.0
            and c.at("CO", 12) < c.at("CO", 10)
            and c.at("LAP", 12) > c.at("LAP", 10) + 0.5
        ),
    ),
    Claim(
        "Late inflation: augmentation falls.",
        check=lambda c: c.at("iabp_augmented_diastolic", 16) < c.at("iabp_augmented_diastolic", 10) - 10.0,
    ),
    Claim(
        "LAP is highest of the five.",
        check=lambda c: c.at("LAP", 20) == max(c.at("LAP", m) for m in FIVE),
    ),
    Claim(
        "Early deflation: pressure has time to come back before the next systole;",
        check=lambda c: (
            c.at("iabp_assisted_end_diastolic", 20) < c.at("iabp_assisted_end_diastolic", 10)
            and c.at("iabp_augmented_diastolic", 20) > c.at("iabp_augmented_diastolic", 10) - 1.0
        ),
    ),
    Claim(
        "Late deflation: the heart opens its valve against 59 instead of 46 mmHg.",
        [("iabp_assisted_end_diastolic", 24), ("iabp_assisted_end_diastolic", 10)],
    ),
    Claim(
        "The waveform windows lie in each error.",
        check=lambda c: [w.from_ + w.for_ for w in c.case.outputs.waveforms] == [600, 720, 960, 1200, 1440],
    ),
    Claim(
        "Differences of systolic pressure between assisted and unassisted beats are small",
        check=lambda c: all(abs(c.at("iabp_assisted_systolic", m) - c.at("iabp_unassisted_systolic", m)) < 5.0 for m in FIVE),
    ),
    Claim("a stroke volume of about 35 mL hardly exceeds the balloon's 40 mL", [lambda c: c.at("SV", 10), 40]),
]
FIVE = (10, 12, 16, 20, 24)

BIVAD = [
    Claim(
        "A HeartMate 3 that has run for long at 5,400 rpm.", [3, lambda c: c.case.devices[0].rpm], lambda c: c.case.devices[0].established
    ),
    Claim(
        "At 5 min the right ventricle loses its contractility and pulmonary resistance doubles; at 25 min a second HeartMate 3, from the"
        " right atrium to the pulmonary artery, starts at 3,400 rpm.",
        [5, 25, 3, ("rvad_speed", 45)],
        lambda c: (
            c.step(5, "patient.rv_contractility", 0.03)
            and 1.8 <= 5.0 / c.run.parameters["pvr"] <= 2.2
            and c.case.devices[1].start == 1500
            and load_device("heartmate3").places("right") == ("ra", "pa")
        ),
    ),
    Claim(
        "After the failure: LAP 18 → 12 mmHg, LVEDV 260 → 218 mL, RVEDV 214 → 316 mL, CVP 8 → 11 mmHg, `lvad_flow` 4.1 → 3.3 L/min; the"
        " septum bulges over the inlet, `lvad_suction` 33 %.",
        [(q, m) for q in ("LAP", "LVEDV", "RVEDV", "CVP", "lvad_flow") for m in (5, 25)] + [("lvad_suction", 25)],
    ),
    Claim(
        "With the second pump: LAP 18 mmHg, `lvad_flow` 3.8, `rvad_flow` 2.6 L/min, `lvad_suction` 11 %, mean pulmonary artery pressure 38"
        " mmHg.",
        [(q, 45) for q in ("LAP", "lvad_flow", "rvad_flow", "lvad_suction", "mPAP")],
    ),
    Claim(
        "at 4,400 rpm, with pulmonary resistance left alone, LAP reaches 33 mmHg.",
        [4400, lambda c: flooded(c).at("LAP", 45)],
    ),
    Claim("The right ventricle keeps 3.3 L/min with hardly any contractility of its own", [("RVCO", 25)]),
]


def flooded(c: Course) -> Course:
    """The case with pulmonary resistance left alone and more speed on the right."""
    pumps = [{**plain(c.case.devices[0])}, {**plain(c.case.devices[1]), "rpm": 4400}]
    return c.changed(devices=pumps, protocol=[{"at": 300, "set": {"patient.rv_contractility": 0.03}, "over": 120}])


EXCOR = [
    Claim(
        "Two pneumatic chambers of 60 mL start at 5 min, 90 per minute and with the drives of the record; the right one is drawn with −10"
        " instead of −40 mmHg.",
        [
            lambda c: load_device("excor_60").volume.value,
            lambda c: c.case.devices[0].start / 60,
            ("pulsatile_rate", 20),
            -10,
            lambda c: load_device("excor_60").vacuum.value,
        ],
        lambda c: c.step(5, "pulsatile.right_vacuum", -10.0),
    ),
    Claim(
        "From 20 to 30 min the left drive pressure is 90 mmHg instead of 200.",
        [20, 30, 90, 200],
        lambda c: (
            c.step(20, "pulsatile.left_drive", 90.0)
            and c.step(30, "pulsatile.left_drive", 200.0)
            and load_device("excor_60").left_drive.value == 200
        ),
    ),
    Claim(
        "the native left ventricle has to take over again, and the right chamber goes on filling the lungs.",
        check=lambda c: c.at("CO", 30) > 3.0 and c.at("pulsatile_right_flow", 30) > 2.0,
    ),
    Claim(
        "4.9 and 3.1 L/min, MAP 84 → 97 mmHg, CVP 10 → 8 mmHg, SvO2 65 → 72 %; the left chamber fills to 98 %, the right one to 65 %.",
        [
            ("pulsatile_left_flow", 20),
            ("pulsatile_right_flow", 20),
            ("MAP", 5),
            ("MAP", 20),
            ("CVP", 5),
            ("CVP", 20),
            ("SvO2", 5),
            ("SvO2", 20),
            ("pulsatile_left_fill", 20),
            ("pulsatile_right_fill", 20),
        ],
    ),
    Claim(
        "The left ventricle hardly ejects beside its chamber (`CO` 4.1 → 0.1 L/min), the right one does (1.8).",
        [("CO", 5), ("CO", 20), ("RVCO", 20)],
    ),
    Claim(
        "Low drive: left chamber 0.2 L/min and full all the time (100 %), `CO` 4.3, LAP 30, mean pulmonary artery pressure 43 mmHg; with"
        " 200 mmHg all of it goes back.",
        [("pulsatile_left_flow", 30), ("pulsatile_left_fill", 30), ("CO", 30), ("LAP", 30), ("mPAP", 30), 200],
        lambda c: (
            abs(c.at("pulsatile_left_flow", 40) - c.at("pulsatile_left_flow", 20)) < 0.1 and abs(c.at("LAP", 40) - c.at("LAP", 20)) < 1.0
        ),
    ),
    Claim(
        "a chamber that fills and empties gives its volume, less the 3 mL that stay in it, times its rate (5.1 L/min here).",
        [3, lambda c: (load_device("excor_60").volume.value - 3.0) * load_device("excor_60").rate.value / 1000.0],
    ),
    Claim(
        "`excor_80` in its place gives 6.3 L/min, LAP 14 mmHg and LVEDV 251 mL.",
        [lambda c, q=q: larger(c).at(q, 20) for q in ("pulsatile_left_flow", "LAP", "LVEDV")],
    ),
    Claim(
        "With the vacuum of the record on the right as well (−40 mmHg) both chambers give 4.9 L/min, LAP rises to 30 and mean pulmonary"
        " artery pressure to 44 mmHg.",
        [-40, *(lambda c, q=q: drawn(c).at(q, 20) for q in ("pulsatile_right_flow", "LAP", "mPAP"))],
        lambda c: abs(drawn(c).at("pulsatile_left_flow", 20) - 4.9) <= 0.1,
    ),
    Claim(
        "In the waves the chambers keep a rhythm of their own beside the heart's.",
        check=lambda c: abs(c.at("HR", 30) - c.at("pulsatile_rate", 30)) > 5.0,
    ),
    Claim("Unloading is weak (LAP 24 → 23, LVEDV 271 → 276 mL)", [("LAP", 5), ("LAP", 20), ("LVEDV", 5), ("LVEDV", 20)]),
]


@cache
def larger(c: Course) -> Course:
    """The same with chambers of 80 mL, up to the low drive."""
    return c.changed(
        devices=[{**plain(c.case.devices[0]), "model": "excor_80"}], duration=1200, protocol=plain(c.case.protocol)[:1], outputs={}
    )


@cache
def drawn(c: Course) -> Course:
    """The same with the vacuum of the record on both sides, up to the low drive."""
    return c.changed(duration=1200, protocol=[], outputs={})


IMPELLA_POSITION = [
    Claim(
        "SCAI D shock with an Impella CP at P-8 from 2 min. It slips into the aorta (12 min), is put back (17), goes too deep (22), is put"
        " back (27); at 35 min the aortic valve begins to leak (0.3 cm²).",
        [2, 12, 17, 22, 27, 35, lambda c: faults()["aortic-regurgitation"].value(0.75)],
        lambda c: (
            c.case.devices[0].level == 8
            and c.case.devices[0].start == 120
            and c.step(12, "impella.position", 1.0)
            and c.step(17, "impella.position", 0.0)
            and c.step(22, "impella.position", 2.0)
            and c.step(27, "impella.position", 0.0)
        ),
    ),
    Claim(
        "Out of place: `impella_flow` **rises** (3.5 to 3.9 L/min: no head to overcome) while `total_flow` and LAP go back to where they"
        " were.",
        [("impella_flow", 12), ("impella_flow", 17)],
        lambda c: all(abs(c.at(q, m) - c.at(q, 2)) < 0.5 for m in (17, 27) for q in ("total_flow", "LAP")),
    ),
    Claim(
        "`impella_motor_pulse` 56 mA in place, 0 in either wrong place; the placement signal in the waves tells the two apart (aortic,"
        " ventricular).",
        [("impella_motor_pulse", 12), ("impella_motor_pulse", 17)],
        lambda c: c.at("impella_motor_pulse", 27) < 0.5,
    ),
    Claim(
        "Leak: `impella_flow` 3.7, `CO` −0.9 L/min (back through the valve), LAP 28 mmHg as without a pump.",
        [("impella_flow", 45), ("CO", 45), ("LAP", 45)],
        lambda c: abs(c.at("LAP", 45) - c.at("LAP", 2)) < 1.0,
    ),
]

IVAC = [
    Claim(
        "A chamber of 22 mL on a 17 Fr catheter across the aortic valve starts at 5 min with 80 strokes per minute; at 15 min it goes to"
        " 100.",
        [lambda c: load_device("ivac2l").volume.value, 17, 5, ("pulsatile_rate", 15), 15, ("pulsatile_rate", 25)],
        lambda c: "17 Fr" in load_device("ivac2l").notes and c.case.devices[0].start == 300,
    ),
    Claim(
        "0.9 L/min through the pump; the heart's own output falls from 3.4 to 2.6, both together are 3.5 L/min.",
        [("pulsatile_left_flow", 15), ("CO", 5), ("CO", 15), ("total_flow", 15)],
    ),
    Claim("LAP 24 → 23, MAP 60 → 61 mmHg: little.", [("LAP", 5), ("LAP", 15), ("MAP", 5), ("MAP", 15)]),
    Claim(
        "A higher rate does not help: the chamber has less time, and fills to 55 instead of 68 %; its flow falls to 0.8 L/min.",
        [("pulsatile_left_fill", 25), ("pulsatile_left_fill", 15), ("pulsatile_left_flow", 25)],
    ),
]

FORAMEN = [
    Claim(
        "A heart with a weak right ventricle, raised pulmonary resistance and a foramen of 8 mm. A HeartMate 3 starts at 5 min with 4,800"
        " rpm, goes to 6,200 rpm at 20 min and back at 35 min.",
        [lambda c: 10.0 * (4.0 * c.run.parameters["foramen"] / 3.14159) ** 0.5, 3, 5, lambda c: c.case.devices[0].rpm, 6200, 20, 35],
        lambda c: c.case.devices[0].start == 300 and c.step(20, "lvad.rpm", 6200.0) and c.step(35, "lvad.rpm", 4800.0),
    ),
    Claim(
        "The pump empties the left atrium; the right one it helps only by way of the lungs.",
        check=lambda c: c.at("LAP", 35) - c.at("LAP", 5) < c.at("CVP", 35) - c.at("CVP", 5) < 0.0,
    ),
    Claim("`LAP` minus `CVP`: +4, +1.4, −1.0, +1.5 mmHg.", [lambda c, m=m: c.at("LAP", m) - c.at("CVP", m) for m in (5, 20, 35, 50)]),
    Claim(
        "`SaO2_right_radial` follows, `total_flow` does not warn of it.",
        check=lambda c: (
            c.at("SaO2_right_radial", 35) < c.at("SaO2_right_radial", 20) < c.at("SaO2_right_radial", 5)
            and c.at("total_flow", 35) > c.at("total_flow", 20) > c.at("total_flow", 5)
        ),
    ),
    Claim(
        "`RVCO` below `total_flow`: what is missing went through the foramen.",
        check=lambda c: all(c.at("RVCO", m) < c.at("total_flow", m) - 0.2 for m in (20, 35, 50)),
    ),
    Claim("desaturation that comes and goes with speed", check=lambda c: c.at("SaO2_right_radial", 50) > c.at("SaO2_right_radial", 35) + 4),
]

GRAFT_AND_CLOT = [
    Claim(
        "At 5,400 rpm the outflow graft kinks (5 to 15 min) and is freed; from 25 min a clot grows on the rotor.",
        [lambda c: c.case.devices[0].rpm, 5, 15, 25],
        lambda c: (
            c.step(5, "lvad-outflow-obstruction", 1.0)
            and c.step(15, "lvad-outflow-obstruction", 0.0)
            and c.step(25, "lvad-thrombosis", 0.5)
        ),
    ),
    Claim(
        "True flow falls both times and LAP rises; behind the kink the aortic valve opens again (96 % of beats), with the clot hardly (6"
        " %).",
        [("AV_open", 15), ("AV_open", 40)],
        lambda c: all(c.at("lvad_flow", m) < c.at("lvad_flow", 5) - 0.3 and c.at("LAP", m) > c.at("LAP", 5) + 2.0 for m in (15, 40)),
    ),
    Claim(
        "Clot: `lvad_power` up, `lvad_flow_shown` twice the true flow, `lvad_flow` down. The report says so in a line of its own.",
        check=lambda c: (
            c.at("lvad_power", 40) > c.at("lvad_power", 25) + 1.0
            and c.at("lvad_flow", 40) < c.at("lvad_flow", 25)
            and 1.9 < c.at("lvad_flow_shown", 40) / c.at("lvad_flow", 40) < 2.2
            and any("would show 7.6 L/min at the end; 3.6 L/min flow" in text for text in c.run.warnings)
        ),
    ),
    Claim(
        "Graft: flow, power, PI and display fall together, and the display stays true. Power up or down tells the two apart.",
        check=lambda c: (
            all(c.at(q, 15) < c.at(q, 5) for q in ("lvad_flow", "lvad_power", "lvad_PI", "lvad_flow_shown"))
            and abs(c.at("lvad_flow_shown", 15) - c.at("lvad_flow", 15)) < 0.1
            and c.at("lvad_power", 40) > c.at("lvad_power", 5)
        ),
    ),
    Claim("the published error of such an estimate (1.6 L/min) is not added.", [lambda c: load_device("heartmate3").estimate_error.value]),
]

RAMP = [
    Claim(
        "A HeartMate 3 that has run for long in severe dilated heart failure is turned from 4,400 rpm to 5,000, 5,600 and 6,200 rpm, ten"
        " minutes each.",
        [3, lambda c: c.case.devices[0].rpm, 5000, 5600, 6200],
        lambda c: (
            c.case.devices[0].established and all(c.step(m, "lvad.rpm", rpm) for m, rpm in ((10, 5000.0), (20, 5600.0), (30, 6200.0)))
        ),
    ),
    Claim(
        "The ventricle gets smaller, its pressure no longer opens the aortic valve, and the pump carries the whole flow.",
        check=lambda c: (
            c.at("LVEDV", 40) < c.at("LVEDV", 10)
            and c.at("AV_open", 40) < 0.5
            and abs(c.at("lvad_flow", 40) - c.at("total_flow", 40)) < 0.1
        ),
    ),
    Claim(
        "`LAP` and `LVEDV` fall with each step, `lvad_flow` and `lvad_power` rise, `lvad_PI` falls.",
        check=lambda c: (
            all(steps(c, q, -1) for q in ("LAP", "LVEDV", "lvad_PI")) and all(steps(c, q, 1) for q in ("lvad_flow", "lvad_power"))
        ),
    ),
    Claim(
        "`AV_open` is 99 % at 4,400 rpm, and 0 above.",
        [("AV_open", 10), lambda c: c.case.devices[0].rpm, ("AV_open", 20)],
        lambda c: all(c.at("AV_open", m) < 1.0 for m in (20, 30, 40)),
    ),
    Claim(
        "true as long as nothing drags on the rotor.",
        check=lambda c: all(abs(c.at("lvad_flow", m) - c.at("lvad_flow_shown", m)) < 0.15 for m in (10, 20, 30, 40)),
    ),
    Claim("MAP climbs to 129 mmHg because nobody lowers this patient's high vascular resistance", [("MAP", 40)]),
    Claim("(published error of this pump's estimate: 1.6 L/min)", [lambda c: load_device("heartmate3").estimate_error.value]),
]


def steps(c: Course, quantity: str, way: int, minutes: Sequence[float] = (10, 20, 30, 40)) -> bool:
    """Whether a quantity moves one way from each of these minutes to the next."""
    values = [way * c.at(quantity, minute) for minute in minutes]
    return all(a < b for a, b in pairwise(values))


IMPELLA_RP = [
    Claim("Right ventricular infarction: CVP 17, wedge 10 mmHg.", [("CVP", 5), ("PCWP", 5)]),
    Claim(
        "An Impella RP starts at 5 min with P-6 and goes to P-9 at 15 min.",
        [5, 15],
        lambda c: c.case.devices[0].level == 6 and c.case.devices[0].start == 300 and c.step(15, "impella_rp.level", 9.0),
    ),
    Claim("the left one fills and ejects more.", check=lambda c: c.at("LVEDV", 30) > c.at("LVEDV", 5) and c.at("CO", 30) > c.at("CO", 5)),
    Claim("`rvad_flow` 3.6 L/min at P-9; the right ventricle's own output falls to 0.2.", [("rvad_flow", 30), ("RVCO", 30)]),
    Claim(
        "CVP 17 → 15, wedge 10 → 19, mean pulmonary artery pressure 19 → 29 mmHg; CO 3.3 → 3.8 L/min.",
        [(q, m) for q in ("CVP", "PCWP", "mPAP", "CO") for m in (5, 30)],
    ),
    Claim("The ratio of CVP to wedge turns from 1.7 to 0.8.", [lambda c, m=m: c.at("CVP", m) / c.at("PCWP", m) for m in (5, 30)]),
]

RUPTURE = [
    Claim(
        "At 5 min a hole of 1.2 cm² opens between the ventricles of a patient in SCAI C shock. At 20 min a 40 mL balloon starts, every"
        " beat.",
        [5, lambda c: faults()["septal-rupture"].value(1.0), 20, lambda c: load_device("iabp_40").volume.value],
        lambda c: c.step(5, "septal-rupture", 1.0) and c.case.devices[0].start == 1200 and c.case.devices[0].ratio == 1,
    ),
    Claim(
        "A lower pressure in the aorta gives it the larger share.",
        check=lambda c: c.at("CO", 35) / c.at("RVCO", 35) > c.at("CO", 20) / c.at("RVCO", 20),
    ),
    Claim(
        "`RVCO` over `CO` is pulmonary over systemic flow: 1.0 → 2.8 → 2.0.",
        [lambda c, m=m: c.at("RVCO", m) / c.at("CO", m) for m in (5, 20, 35)],
    ),
    Claim(
        "MAP 60 → 52 → 58 mmHg, systemic flow 3.4 → 2.5 → 3.1 L/min, CVP 12 → 15 → 13 mmHg.",
        [(q, m) for q in ("MAP", "CO", "CVP") for m in (5, 20, 35)],
    ),
    Claim("SvO2 (pulmonary artery) jumps from 67 to 87 %: the step-up that gives the rupture away.", [("SvO2", 5), ("SvO2", 20)]),
    Claim("LAP falls (24 → 20 mmHg, 18 with the balloon)", [("LAP", 5), ("LAP", 20), ("LAP", 35)]),
]

TANDEMHEART = [
    Claim(
        "From 5 min a pump outside the body draws from the left atrium (through the septum) and returns to the femoral artery, at 5,000,"
        " 6,000 and 7,000 rpm.",
        [5, *(("lvad_speed", m) for m in (15, 25, 35))],
        lambda c: c.case.devices[0].start == 300 and load_device("tandemheart").places("left") == ("la", "femoral"),
    ),
    Claim(
        "the atrium empties, the ventricle is bypassed and ejects against a higher pressure until it no longer opens its valve.",
        check=lambda c: steps(c, "LAP", -1, (5, 15, 25, 35)) and c.at("AV_open", 35) < 0.5,
    ),
    Claim(
        "MAP, `lvad_flow` and SvO2 rise with each step, LAP falls: 28, 22, 17, 9 mmHg.",
        [("LAP", m) for m in (5, 15, 25, 35)],
        lambda c: all(steps(c, q, 1, (5, 15, 25, 35)) for q in ("MAP", "SvO2")) and steps(c, "lvad_flow", 1, (15, 25, 35)),
    ),
    Claim(
        "`CO` of the heart 2.8 → 0.3 → 0: at 6,000 rpm the valve stays shut.",
        [*(("CO", m) for m in (5, 15, 25)), ("lvad_speed", 25)],
        lambda c: c.at("AV_open", 25) < 0.5,
    ),
    Claim("LVEDP against LAP at the highest speed.", check=lambda c: c.at("LVEDP", 35) > c.at("LAP", 35) + 10.0),
    Claim(
        "**At 6,000 and 7,000 rpm LVEDP climbs (25, 34 mmHg) while LAP falls to 9**",
        [("lvad_speed", 25), ("lvad_speed", 35), ("LVEDP", 25), ("LVEDP", 35), ("LAP", 35)],
    ),
    Claim(
        "the ventricle neither ejects nor leaks, and what the Thebesian veins bring stays in it.",
        check=lambda c: c.at("CO", 35) < 0.05 and c.at("LVEDV", 35) > c.at("LVEDV", 15),
    ),
    Claim(
        "Its display is a flow probe's and reads the true flow.",
        check=lambda c: all(abs(c.at("lvad_flow", m) - c.at("lvad_flow_shown", m)) < 0.05 for m in (15, 25, 35)),
    ),
]

CLAIMS: dict[str, list[Claim]] = {
    "artificial-heart": ARTIFICIAL_HEART,
    "balloon-timing": BALLOON_TIMING,
    "bivad": BIVAD,
    "excor-both-sides": EXCOR,
    "impella-position": IMPELLA_POSITION,
    "ivac-shock": IVAC,
    "lvad-foramen": FORAMEN,
    "lvad-graft-and-clot": GRAFT_AND_CLOT,
    "lvad-ramp": RAMP,
    "rv-failure-impella-rp": IMPELLA_RP,
    "septal-rupture-balloon": RUPTURE,
    "tandemheart-shock": TANDEMHEART,
}

TABLES: dict[str, tuple[list[Any], list[Any]]] = {
    "balloon-timing": (
        [
            "iabp_augmented_diastolic",
            "iabp_assisted_systolic",
            "iabp_unassisted_systolic",
            "iabp_assisted_end_diastolic",
            "iabp_unassisted_end_diastolic",
            "CO",
        ],
        [10, 12, 16, 20, 24],
    ),
    "impella-position": (["MAP", "LAP", "impella_flow", "CO", "impella_motor_pulse"], [2, 12, 17, 27, 45]),
    "lvad-foramen": (["CVP", "LAP", "lvad_flow", "RVCO", "SaO2_right_radial"], [5, 20, 35, 50]),
    "lvad-graft-and-clot": (["MAP", "LAP", "lvad_flow", "lvad_flow_shown", "lvad_power", "lvad_PI"], [5, 15, 25, 40]),
    "lvad-ramp": (["MAP", "LAP", "LVEDV", "lvad_flow", "lvad_flow_shown", "lvad_power", "lvad_PI", "AV_open"], [10, 20, 30, 40]),
    "tandemheart-shock": (["MAP", "LAP", "LVEDP", "lvad_flow", "CO", "SvO2"], [5, 15, 25, 35]),
}
"""Columns of the table of a page, and the minute at which each row is read."""
