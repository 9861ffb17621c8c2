"""What the pages of comparisons say: one patient on several supports; a reading is a quantity and the support's place in the case."""

from typing import Any

import numpy as np
from pages import Claim

from perfuse.parameters.library import load_case, load_patient
from perfuse.results.compared import compare


class Compared:
    """The runs of a shipped comparison, by the names of its supports."""

    def __init__(self, name: str) -> None:
        self.case = load_case(name)
        self.run = dict(zip(self.case.compare, compare(self.case, self.case.compare), strict=True))

    def at(self, quantity: str, support: str) -> float:
        """A quantity at the end of the run on a support."""
        return float(self.run[support].after[quantity])

    def loop(self, support: str, side: str = "lv") -> tuple[Any, Any]:
        """Volume and pressure of the last beat of a ventricle."""
        volume, pressure = self.run[support].loops["after"][side]
        return volume, pressure


def width(c: Any, support: str, side: str = "lv") -> float:
    """Stroke volume of the loop, mL."""
    return float(np.ptp(c.loop(support, side)[0]))


BIVENTRICULAR = [
    Claim(
        "A dilated heart whose right ventricle has half its strength, without support, on an LVAD, an RVAD, both, two catheter pumps,"
        " VA-ECMO alone and with a catheter pump, and with both ventricles replaced.",
        check=lambda c: (
            c.case.compare == ["none", "lvad", "rvad", "bivad", "bipella", "va", "va+impella", "tah"]
            and abs(c.case.patient.changes["rv_contractility"] / load_patient("dilated-heart-failure").value("rv_contractility") - 0.5)
            < 0.01
        ),
    ),
    Claim(
        "The LVAD alone empties the left ventricle and leaves CVP high; the RVAD alone fills the lungs (PCWP 44, mPAP 54 mmHg).",
        [("PCWP", "rvad"), ("mPAP", "rvad")],
        lambda c: c.at("LVEDV", "lvad") < c.at("LVEDV", "none") - 5 and c.at("CVP", "lvad") > c.at("CVP", "none") - 3,
    ),
    Claim(
        "Both together flow more than either; their balance decides PCWP. At 4,400 rpm the right pump brings more than a left one at its"
        " usual speed takes off: 35 mmHg.",
        [4400, ("PCWP", "bivad")],
        lambda c: c.at("total_flow", "bivad") > max(c.at("total_flow", "lvad"), c.at("total_flow", "rvad")),
    ),
    Claim(
        "VA-ECMO lowers CVP and burdens the left ventricle (PCWP 12 → 23 mmHg); with a catheter pump half of the burden is taken off"
        " again.",
        [("PCWP", "none"), ("PCWP", "va")],
        lambda c: (
            c.at("CVP", "va") < c.at("CVP", "none")
            and 0.4 < (c.at("PCWP", "va") - c.at("PCWP", "va+impella")) / (c.at("PCWP", "va") - c.at("PCWP", "none")) < 1.0
        ),
    ),
    Claim("| 3.6, – |", [("lvad_flow", "lvad")]),
    Claim("| –, 3.7 |", [("rvad_flow", "rvad")]),
    Claim("| 4.3, 4.3 |", [("lvad_flow", "bivad"), ("rvad_flow", "bivad")]),
    Claim("| 3.1, 3.2 |", [("impella_flow", "bipella"), ("rvad_flow", "bipella")]),
    Claim("| VA-ECMO, 3.8 L/min |", [("ecmo_flow", "va")]),
    Claim("| VA-ECMO, 3.3 L/min, and Impella CP |", [("ecmo_flow", "va+impella")]),
    Claim("| 1.9, – |", [("impella_flow", "va+impella")]),
    Claim("| 5.6, 5.5 |", [("pulsatile_left_flow", "tah"), ("pulsatile_right_flow", "tah")]),
    Claim("The artificial heart has no native loop.", check=lambda c: "LVEDV" not in c.run["tah"].after),
    Claim("**Pressures of 150 and 174 mmHg are not what one would see**", [("MAP", "va+impella"), ("MAP", "tah")]),
    Claim(
        "(SVR 23 to 30 mmHg·min/L)",
        [lambda c: min(c.at("SVR", s) for s in c.case.compare), lambda c: max(c.at("SVR", s) for s in c.case.compare)],
    ),
]

RIGHT = [
    Claim(
        "A failing right ventricle without support, on a right catheter pump, a dual-lumen pump from the right atrium to the pulmonary"
        " artery, an RVAD, VA-ECMO, and a left catheter pump.",
        check=lambda c: c.case.compare == ["none", "impella_rp", "protekduo", "rvad", "va", "impella"],
    ),
    Claim(
        "A right pump lowers CVP and raises mPAP and PCWP: it fills the left heart, which must be able to take it. The more it pumps, the"
        " more: 16, 21, 30 mmHg.",
        [("PCWP", s) for s in ("impella_rp", "protekduo", "rvad")],
        lambda c: all(
            c.at("CVP", s) < c.at("CVP", "none") and c.at("mPAP", s) > c.at("mPAP", "none") for s in ("impella_rp", "protekduo", "rvad")
        ),
    ),
    Claim(
        "VA-ECMO lowers CVP without filling the lungs, and is the only one with which the right ventricle becomes clearly smaller; systolic"
        " pressure of the left ventricle rises as much as on the RVAD (83 → 112 and 114 mmHg).",
        [("LVSP", "none"), ("LVSP", "va"), ("LVSP", "rvad")],
        lambda c: (
            c.at("CVP", "va") < c.at("CVP", "none")
            and c.at("mPAP", "va") < c.at("mPAP", "none")
            and [s for s in c.case.compare if c.at("RVEDV", s) < c.at("RVEDV", "none") - 20] == ["va"]
        ),
    ),
    Claim(
        "A left catheter pump alone empties the left heart (PCWP 10 → 7 mmHg) and hardly lowers CVP (17.2 → 16.7); it can pump only what"
        " the right ventricle brings, and the septum lies over its inlet 45 % of the time.",
        [("PCWP", "none"), ("PCWP", "impella"), ("CVP", "none"), ("CVP", "impella"), ("impella_suction", "impella")],
        lambda c: abs(c.at("total_flow", "impella") - c.at("RVCO", "impella")) < 0.2,
    ),
    Claim("3.3 | 304 |", [("rvad_flow", "impella_rp"), ("RVEDV", "impella_rp")]),
    Claim("4.1 | 306 |", [("rvad_flow", "protekduo"), ("RVEDV", "protekduo")]),
    Claim("5.0 | 296 |", [("rvad_flow", "rvad"), ("RVEDV", "rvad")]),
    Claim("4.0 | 278 |", [("ecmo_flow", "va"), ("RVEDV", "va")]),
    Claim("2.2 | 309 |", [("impella_flow", "impella"), ("RVEDV", "impella")]),
    Claim(
        "Loops of the right ventricle: smaller with a right pump, because blood goes round it; its volume hardly changes.",
        check=lambda c: all(
            c.at("RVSW", s) < 0.5 * c.at("RVSW", "none") and abs(c.at("RVEDV", s) - c.at("RVEDV", "none")) < 16
            for s in ("impella_rp", "protekduo", "rvad")
        ),
    ),
    Claim("This right ventricle brings 3.7 L/min once the left heart is emptied (3.2 before)", [("RVCO", "impella"), ("RVCO", "none")]),
    Claim("The RVAD's speed is not set for this patient, and floods the lungs.", check=lambda c: c.at("PCWP", "rvad") > 30.0),
]

SHOCK = [
    Claim(
        "One settled patient is put on each support in turn, as in Burkhoff's comparison of devices by their pressure-volume loops.",
        check=lambda c: max(r.before["MAP"] for r in c.run.values()) - min(r.before["MAP"] for r in c.run.values()) < 1.0,
    ),
    Claim(
        "Reflexes and coronary coupling are held still, so that only mechanics speaks.",
        check=lambda c: c.case.patient.changes == {"baroreflex_gain": 0.0, "lv_ischaemia_gain": 0.0},
    ),
    Claim(
        "with reflexes still, flow that a device adds raises pressure in proportion.",
        check=lambda c: all(abs(c.at("SVR", s) / c.at("SVR", "none") - 1.0) < 0.15 for s in c.case.compare),
    ),
    Claim(
        "A catheter pump moves the loop of the left ventricle to the left and lowers its area; it takes the isovolumic corners off.",
        check=lambda c: all(
            c.at("LVEDV", s) < c.at("LVEDV", "none") - 3 and c.at("LVPVA", s) < c.at("LVPVA", "none") for s in ("impella", "impella_55")
        ),
    ),
    Claim(
        "VA-ECMO moves it to the right and up, and the loop becomes narrow; with a catheter pump beside it the loop comes back.",
        check=lambda c: (
            c.at("LVEDV", "va") > c.at("LVEDV", "none") + 5
            and c.at("LVSP", "va") > c.at("LVSP", "none") + 5
            and width(c, "va") < 0.7 * width(c, "none")
            and c.at("LVEDV", "va+impella") < c.at("LVEDV", "va") - 5
        ),
    ),
    Claim(
        "A pump from the left atrium lowers PCWP most; the loop of a ventricle that no longer opens its valve becomes a line.",
        check=lambda c: (
            min(c.case.compare, key=lambda s: c.at("PCWP", s)) == "tandemheart"
            and all(width(c, s) < 0.3 * width(c, "none") for s in c.case.compare if c.at("AV_open", s) == 0.0)
        ),
    ),
    Claim(
        "A balloon shifts little: systole a few mmHg lower, stroke volume larger.",
        check=lambda c: (
            0.0 < c.at("LVSP", "none") - c.at("LVSP", "balloon") < 10.0
            and c.at("SV", "balloon") > c.at("SV", "none")
            and abs(c.at("LVEDV", "balloon") - c.at("LVEDV", "none")) < 10.0
        ),
    ),
]

CLAIMS: dict[str, list[Claim]] = {
    "compare-biventricular-failure": BIVENTRICULAR,
    "compare-rv-failure": RIGHT,
    "compare-shock": SHOCK,
}

TABLES: dict[str, tuple[list[Any], list[Any]]] = {
    "compare-biventricular-failure": (
        ["MAP", "PCWP", "CVP", "mPAP", "total_flow", None, "LVEDV", "LVPVA"],
        ["none", "lvad", "rvad", "bivad", "bipella", "va", "va+impella", "tah"],
    ),
    "compare-rv-failure": (
        ["MAP", "PCWP", "CVP", "mPAP", "total_flow", None, "RVEDV", "RVSW"],
        ["none", "impella_rp", "protekduo", "rvad", "va", "impella"],
    ),
}
"""Columns of the table of a page (None: flows of devices, by name below), and the support of each row."""
