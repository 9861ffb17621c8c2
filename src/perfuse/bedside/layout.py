"""What a page can show and touch of a run: rows of the monitor, panels of the devices, the tray, the laboratory, the trends.

Built from the description of what is there (panels.yaml, tray.yaml, the records of devices), so that a new device needs no new page.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from perfuse.bedside.alarms import PRIORITIES
from perfuse.bedside.monitor import RATE
from perfuse.bedside.tables import table
from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.faults import faults
from perfuse.parameters.library import heart_device, load_pump
from perfuse.parameters.tables import controls, fluids
from perfuse.parameters.vocabulary import unit_of

FIGURES = {
    "lvad": "lvad",
    "rvad": "rvad",
    "impella": "transvalvular",
    "impella_rp": "transvalvular_right",
    "balloon": "balloon",
    "pulsatile": "chambers",
}
TITLES = {
    "lvad": "LVAD",
    "rvad": "RVAD",
    "impella": "Catheter pump",
    "impella_rp": "Right catheter pump",
    "balloon": "Balloon pump",
    "pulsatile": "Pneumatic chambers",
}
FAULTS_OF = {"lvad": ("lvad-",), "rvad": ("rvad-",), "balloon": ("balloon-",), "impella": ("lvad-power-loss",)}
BODY_FAULTS = (
    "bleeding",
    "coronary-occlusion",
    "tension-pneumothorax",
    "tamponade",
    "septal-rupture",
    "acute-mitral-regurgitation",
    "aortic-regurgitation",
)
SUPPORTS = {
    "vv": "VV-ECMO",
    "va": "VA-ECMO",
    "vav": "VAV-ECMO",
    "vpa": "V-PA ECMO",
    "impella": "Catheter pump",
    "lvad": "LVAD",
    "balloon": "Balloon pump",
    "rvad": "RVAD",
    "bivad": "BiVAD",
}
"""What can be started at the bed; words of supports.yaml."""
EXTRA_UNITS = {"minute_volume": "L/min", "dP_per_flow": "mmHg/(L/min)"}


def devices_of(case: Any) -> list[tuple[str, Any]]:
    """Names of what supports the patient, each with its choice in the case; the circuit first."""
    found: list[tuple[str, Any]] = [("ecmo", case.support)] if case.support is not None else []
    for choice in case.devices:
        device, side = heart_device(choice.model), side_of(choice)
        if isinstance(device, RotaryPump):
            name = (
                ("impella_rp" if device.levels else "rvad") if side == "right" else "impella" if device.kind == "transvalvular" else "lvad"
            )
        else:
            name = "balloon" if isinstance(device, Balloon) else "pulsatile"
        found.append((name, choice))
    return found


def arterial(case: Any) -> bool:
    """Whether a circuit returns to an artery."""
    return case.support is not None and case.support.mode in ("va", "vav")


def art_site(case: Any) -> str:
    """Where the arterial line lies: on the right where a circuit returns to an artery, else on the left."""
    return "right radial" if arterial(case) or case.devices else "left radial"


def layout(case: Any, site: str, two_numbers: bool, role: str = "operator") -> dict[str, Any]:
    """The layout message of wire.ts for one role."""
    sight = table("sights")[role]
    found = devices_of(case)
    names = [name for name, _ in found]
    rows = groups(case, names, site)
    panels = [panel(name, choice, two_numbers) for name, choice in found]
    waves = [wave["channel"] for one in panels for wave in one["waves"]]
    drainage = ["P_ven"] if "ecmo" in names and not two_numbers else []
    channels = list(dict.fromkeys([row["channel"] for group in rows for row in group["rows"]] + drainage + waves))
    vent = table("panels")["ventilator"]
    return {
        "k": "layout",
        "channels": channels,
        "rate": RATE,
        "groups": rows,
        "strip": strip(names),
        "devices": panels,
        "ventilator": {
            "sets": [set_field(one) for one in vent["sets"]],
            "reads": vent["reads"],
            "presets": [name for name in table("tray")["presets"]],
            "modes": ["pressure", "volume", "spontaneous"],
        },
        "drugs": [set_field({"control": name, "label": one["words"], **one}) for name, one in table("tray")["drugs"].items()],
        "fluids": [
            {
                "verb": "give",
                "name": one["give"],
                "label": one["words"],
                "amount": one["volume"],
                "unit": fluids()[one["give"]].unit,
                "over": one["over"],
            }
            for one in table("tray")["fluids"]
        ],
        "procedures": [
            {"verb": "do", "name": name, "label": one["words"], "amount": None, "unit": ""}
            for name, one in table("tray")["procedures"].items()
            if one["needs"] in ("", *names)
        ],
        "faults": [{"fault": name, "label": capital(faults()[name].title)} for name in faults_for(case, names)] if sight["faults"] else [],
        "gases": [{"site": s, "words": one["words"]} for s, one in table("laboratory")["sites"].items() if one["needs"] in ("", *names)],
        "panels": [
            {"name": name, "words": one["words"], "minutes": one["minutes"][1]}
            for name, one in table("laboratory").items()
            if name not in ("sites", "gas")
        ],
        "trends": trends(names, sight["hides"]),
        "loops": sight["loops"],
        "aorta": sight["aorta"] and arterial(case),
        "limits": limit_lines(watched(case, site)),
        "sensors": [
            {"sensor": name, "label": one["words"], **{key: one[key] for key in ("unit", "low", "high", "step", "digits")}}
            for name, one in table("sensors").items()
        ]
        if sight["sensors"]
        else [],
        "supports": [] if names else [{"name": name, "words": words} for name, words in SUPPORTS.items()],
    }


def groups(case: Any, names: list[str], site: str) -> list[dict[str, Any]]:
    """Rows of the monitor below their two questions; a site makes its own row."""
    into_artery = arterial(case)
    pulmonary = into_artery or any(name != "ecmo" for name in names)
    line = _row("ART", "art", "ART", site, (40, 140), 6.0, "MAP", "far", ["SBP", "DBP"], "PP")
    perfused = [_row("ECG", "ecg", "ECG II", "", (-0.45, 1.2), 4.0, "HR", "mid", [], "", word="rhythm"), line]
    if pulmonary:
        perfused.append(_row("PAP", "pap", "PAP", "", (0, 60), 3.75, "mPAP", "near", ["PAS", "PAD"], ""))
    if not into_artery:
        perfused.append(_row("CVP", "cvp", "CVP", "", (0, 20), 3.5, "CVP", "near", [], ""))
    hand = _row("PLETH_right_hand", "spo2", "Pleth", "right hand", (0, 1.05), 4.75, "SpO2_right_hand", "far", [], "", word="pulse")
    oxygenated = [hand]
    if into_artery:
        oxygenated.append(_row("PLETH_foot", "spo2", "Pleth", "left foot", (0, 1.05), 3.5, "SpO2_foot", "mid", [], ""))
    oxygenated.append({**_row("CO2", "co2", "CO₂", "", (0, 60), 3.0 if into_artery else 3.5, "EtCO2", "near", ["RR"], ""), "seconds": 12})
    return [{"question": "Perfused?", "rows": perfused}, {"question": "Oxygenated?", "rows": oxygenated}]


def _row(
    channel: str,
    sig: str,
    label: str,
    site: str,
    scale: tuple[float, float],
    rem: float,
    quantity: str,
    size: str,
    second: list[str],
    third: str,
    word: str = "",
) -> dict[str, Any]:
    unit = {"ecg": "mV", "spo2": ""}.get(sig, "mmHg")
    return {
        "channel": channel,
        "sig": sig,
        "label": label,
        "site": site,
        "lo": scale[0],
        "hi": scale[1],
        "unit": unit,
        "rem": rem,
        "seconds": 6,
        "quantity": quantity,
        "size": size,
        "second": second,
        "third": third,
        "word": word,
    }


def strip(names: list[str]) -> list[dict[str, str]]:
    """Values without a wave."""
    found = [("NIRS_brain_left", "NIRS brain L"), ("NIRS_brain_right", "R")]
    found += [("NIRS_leg_cannulated", "Leg")] if "ecmo" in names else []
    found += [("SvO2", "SvO₂"), ("temperature", "Core")]
    return [{"quantity": quantity, "label": label, "sig": table("panels")["lanes"][quantity]["sig"]} for quantity, label in found]


def set_field(one: Mapping[str, Any], low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """A set value as the page needs it; its range is that of controls.yaml, narrowed by the panel or the device."""
    entry = controls()[one["control"]]
    bottom = next(v for v in (low, one.get("low"), entry.low, 0.0) if v is not None)
    top = next(v for v in (high, one.get("high"), entry.high, 1.0) if v is not None)
    found = {
        "control": one["control"],
        "label": one["label"],
        "unit": entry.unit,
        "step": one["step"],
        "low": bottom,
        "high": top,
        "digits": one["digits"],
    }
    return found | {key: one[key] for key in ("options", "instead", "quick", "look", "note") if key in one}


def panel(name: str, choice: Any, two_numbers: bool) -> dict[str, Any]:
    """A device as the page shows it."""
    plan = table("panels")[name]
    have = traits(name, choice)
    low, high = speeds(name, choice)
    sets = []
    for one in plan["sets"]:
        if one.get("needs", "") in ("", *have):
            made = set_field(one, low, high) if one.get("limits") else set_field(one)
            sets.append(made | {"options": {f"P-{i}": i for i in range(int(high or 0.0) + 1)}} if one.get("limits") == "level" else made)
    hidden = plan.get("hidden_without_pressures", []) if two_numbers else []
    return {
        "name": name,
        "title": f"{choice.mode.upper().replace('VPA', 'V-PA')}-ECMO"
        if name == "ecmo"
        else "Total artificial heart"
        if "replaced" in have
        else TITLES[name],
        "figure": choice.mode if name == "ecmo" else "heart" if "replaced" in have else FIGURES[name],
        "sets": sets,
        "reads": [one for one in plan["reads"] if one.get("needs", "") in ("", *have) and one["quantity"] not in hidden],
        "waves": [one for one in plan["waves"] if one.get("needs", "") in ("", *have)],
        "clamps": clamps(choice) if name == "ecmo" else [],
        "pressures": not two_numbers,
        "consoles": ["integrated", "two-number"] if name == "ecmo" else [],
    }


def traits(name: str, choice: Any) -> set[str]:
    """What a device has that another of its kind has not."""
    if name == "ecmo":
        return set()
    device, side = heart_device(choice.model), side_of(choice)
    if isinstance(device, RotaryPump):
        return {"pulse"} if device.pulse_from is not None else set()
    if isinstance(device, PulsatilePump):
        both = {"left", "right"} if side == "both" or device.replaces else {side}
        return both | ({"replaced"} if device.replaces else set())
    return set()


def speeds(name: str, choice: Any) -> tuple[float | None, float | None]:
    """Lowest and highest speed (or level) of the device's own record; its drive can always be stopped."""
    if name == "ecmo":
        top = load_pump(choice.pump.model).rpm_max
        return 0.0, None if top is None else float(top.value)
    device = heart_device(choice.model)
    if not isinstance(device, RotaryPump):
        return None, None
    if device.levels:
        return 0.0, float(len(device.levels) - 1)
    return 0.0, float(device.rpm_max.value)


def clamps(support: Any) -> list[dict[str, str]]:
    """Clamps of a circuit and where they sit."""
    found = [{"control": "return.clamp", "where": "return"}, {"control": "drain.clamp", "where": "drainage"}]
    if len(support.return_) > 1:
        found.append({"control": "return2.clamp", "where": "return2"})
    if len(support.drain) > 1:
        found.append({"control": "drain2.clamp", "where": "drainage2"})
    if support.distal_perfusion is not None:
        found.append({"control": "distal.clamp", "where": "distal"})
    return found


def faults_for(case: Any, names: list[str]) -> list[str]:
    """Faults that can befall this patient on this support."""
    without = () if case.support is not None and case.support.distal_perfusion is not None else ("distal-clamp",)
    device = tuple(prefix for name in names for prefix in FAULTS_OF.get(name, ()))
    others = ("lvad-", "rvad-", "balloon-")
    return [
        name
        for name in faults()
        if name in BODY_FAULTS or name.startswith(device) or ("ecmo" in names and not name.startswith((*others, *without)))
    ]


def trends(names: list[str], hides: Iterable[str]) -> list[dict[str, Any]]:
    """Pages of lanes: first one lane per question, then by system."""
    pages = {"Overview": ["SpO2_right_hand", "MAP", *main_of(names)], **table("panels")["trends"]}
    if "ecmo" not in names:
        pages.pop("Circuit")
    hidden = set(hides)
    known = {"Device": device_lanes(names)}
    out = []
    for page, wanted in pages.items():
        lanes = [
            lane(q)
            for q in wanted
            if q not in hidden and (page not in known or q in known[page]) and (page != "Gas" or "ecmo" in names or q not in CIRCUIT_LANES)
        ]
        if lanes:
            out.append({"page": page, "lanes": lanes})
    return out


CIRCUIT_LANES = ("S_pre", "S_post", "sweep", "FdO2", "PO2_post")


def main_of(names: list[str]) -> list[str]:
    """The two quantities that tell most of the support."""
    if "ecmo" in names:
        return ["ecmo_flow", "P_ven"]
    if "lvad" in names:
        return ["lvad_flow_shown", "lvad_PI"]
    if "impella" in names:
        return ["impella_flow", "mPAP"]
    if "balloon" in names:
        return ["iabp_augmented_diastolic", "mPAP"]
    if "pulsatile" in names:
        return ["pulsatile_left_flow", "mPAP"]
    return ["rvad_flow", "CVP"] if {"rvad", "impella_rp"} & set(names) else ["CVP", "EtCO2"]


def device_lanes(names: list[str]) -> set[str]:
    """Quantities that the devices present report."""
    found = {read["quantity"] for name in names if name != "ecmo" for read in table("panels")[name]["reads"]}
    return found | ({"impella_level"} if "impella" in names else set())


def lane(quantity: str) -> dict[str, Any]:
    """One lane of the trends."""
    known = table("panels")["lanes"].get(quantity, {})
    unit = EXTRA_UNITS.get(quantity) or unit_of(quantity)
    return {
        "quantity": quantity,
        "label": known.get("label", quantity),
        "unit": unit,
        "sig": known.get("sig", "t1"),
        "lo": None,
        "hi": None,
    }


def watched(case: Any, site: str) -> frozenset[str]:
    """Quantities that are measured at this bed: those that can alarm."""
    names = [name for name, _ in devices_of(case)]
    found = {row["quantity"] for group in groups(case, names, site) for row in group["rows"]} | {"PP", "CVP"}
    found |= {one["quantity"] for one in strip(names)}
    for name in names:
        found |= {read["quantity"] for read in table("panels")[name]["reads"]}
    return frozenset(found)


def limit_lines(measured: frozenset[str]) -> list[dict[str, Any]]:
    """Limits of what is measured, each side its own line."""
    out = []
    for quantity, entry in table("alarms").items():
        if quantity in measured:
            sides = ("below", "above") if "around" in entry else [side for side in ("below", "above") if side in entry]
            line = {"quantity": quantity, "label": entry["words"], "unit": unit_of(quantity)}
            out += [{**line, "side": side, **dict.fromkeys(PRIORITIES)} for side in sides]
    return out


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
