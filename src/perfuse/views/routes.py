"""From a support as its case states it to the routes that the circuit picture draws."""

from collections.abc import Sequence
from typing import Any

from perfuse.parameters.assist import PulsatilePump, RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.devices import Cannula
from perfuse.parameters.library import heart_device, load_device
from perfuse.results.supported import quantities_of, replaced, title_of
from perfuse.views.circuit_picture import Circuit
from perfuse.views.heart_picture import Placed

_PLACES = {
    "svc": "superior vena cava", "ra": "right atrium", "ivc": "inferior vena cava", "pa": "pulmonary artery",
    "femoral_artery": "femoral artery", "axillary_artery": "axillary artery", "ascending_aorta": "aorta",
}  # fmt: skip
_UPWARDS = ("ivc", "ra", "svc")
_ENTRIES = {"femoral_artery": "groin to", "axillary_artery": "axilla to", "ascending_aorta": "chest to", "pa": "neck to"}
_VENTS = {"la": "groin from left atrium", "lv": "chest from left ventricle", "pa": "neck from pulmonary artery"}
"""Through the septum of the atria, through the apex, through the right heart."""
LONG = 30.0
"""A venous return cannula with more centimetres than this inside the body came from the groin, a shorter one from the neck."""


def circuit_of(support: Any) -> Circuit | None:
    """What to draw for `run.support`; None where there is no support.

    Where a cannula enters is not stated in a case. It follows from the cannula: both lumens of a dual-lumen cannula and a drainage
    from the superior vena cava alone enter at the neck, long venous cannulae at the groin, a circuit into the ascending aorta drains the
    right atrium through the chest.
    """
    if support is None:
        return None
    dual = any(_cannula(limb).role.startswith("dual_lumen") for limb in (*support.drain, *support.return_))
    central = all(limb.site == "ascending_aorta" for limb in support.return_)
    drains = tuple(_drain(limb, central) for limb in support.drain)
    returns = tuple(_return(limb) for limb in support.return_)
    return Circuit(support.mode, drains, returns, support.distal_perfusion is not None, dual)


def placed(devices: Sequence[Any]) -> list[Placed]:
    """What to draw for `run.devices`."""
    found = []
    for choice in devices:
        device, side = heart_device(choice.model), side_of(choice)
        kind, inlet, outlet = "balloon", "", ""
        if isinstance(device, RotaryPump):
            kind = device.kind
            inlet, outlet = (given or own for given, own in zip((choice.inlet, choice.outlet), device.places(side), strict=True))
        elif isinstance(device, PulsatilePump):
            kind = "heart" if replaced([choice]) else "catheter" if device.kind == "catheter" else "chambers"
        found.append(Placed(kind, side, inlet, outlet, title_of(choice), quantities_of(choice)))
    return found


def _cannula(limb: Any) -> Cannula:
    found = load_device(limb.cannula)
    if not isinstance(found, Cannula):
        raise TypeError(f"{limb.cannula} is not a cannula")
    return found


def _drain(limb: Any, central: bool) -> str:
    vent = next((route for site, route in _VENTS.items() if site in limb.site), None)
    if vent is not None:
        return vent
    sites = [site for site in _UPWARDS if site in limb.site]
    if _cannula(limb).role.startswith("dual_lumen") or sites == ["svc"]:
        return f"neck from {_PLACES[sites[0]]}"
    if central and sites == ["ra"]:
        return "chest from right atrium"
    return f"groin from {_PLACES[sites[-1]]}"


def _return(limb: Any) -> str:
    if limb.site in _ENTRIES:
        return f"{_ENTRIES[limb.site]} {_PLACES[limb.site]}"
    inside = _cannula(limb).insertion_length
    entry = "groin" if inside is not None and inside.value > LONG and limb.site != "svc" else "neck"
    return f"{entry} to {_PLACES[limb.site]}"
