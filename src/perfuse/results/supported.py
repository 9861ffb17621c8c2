"""What a patient is on: the circuit and the devices in words, each with its flow, and which quantities mean nothing beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.library import heart_device

NATIVE_VENTRICLES = frozenset(
    (
        "SV", "LVEF", "LVEDV", "LVESV", "LVEDP", "LVSP", "LVSW", "LVPVA", "RVEDV", "RVEF", "RVEDP", "RVSW", "AV_open", "LVOT_VTI",
        "TAPSE", "LVEDD", "TDSa", "native_share",
    )
)  # fmt: skip
"""What has no meaning once both ventricles are replaced."""


def title_of(choice: Any) -> str:
    """A device as a heading names it: "HeartMate 3 (right)"."""
    device, side = heart_device(choice.model), side_of(choice)
    title = str(device.title).partition(" (")[0]
    if isinstance(device, RotaryPump):
        return f"{title} ({side})" if len(device.sides) > 1 and side == "right" else title
    beside = isinstance(device, PulsatilePump) and device.kind == "vad"
    return f"{title} ({'both sides' if side == 'both' else side})" if beside else title


def quantities_of(choice: Any) -> tuple[str, ...]:
    """What is read of a device first: its true flow (both of two chambers), or a balloon's augmented pressure."""
    device, side = heart_device(choice.model), side_of(choice)
    if isinstance(device, RotaryPump):
        return ("rvad_flow",) if side == "right" else ("impella_flow",) if device.kind == "transvalvular" else ("lvad_flow",)
    if isinstance(device, Balloon):
        return ("iabp_augmented_diastolic",)
    return tuple(f"pulsatile_{s}_flow" for s in ("left", "right") if side in (s, "both"))


def names(support: Any, devices: Sequence[Any]) -> list[str]:
    """Circuit and devices in words; empty without support."""
    return ([f"{support.mode.upper()}-ECMO"] if support is not None else []) + [title_of(choice) for choice in devices]


def with_flows(support: Any, devices: Sequence[Any], numbers: Mapping[str, float]) -> str:
    """The same with what flows through each; "no support" without any."""
    parts = [f"{support.mode.upper()}-ECMO{_flow(numbers, ('ecmo_flow',))}"] if support is not None else []
    for choice in devices:
        found = [numbers[name] for name in quantities_of(choice) if name in numbers]
        if isinstance(heart_device(choice.model), Balloon):
            parts.append(title_of(choice) + (f" augmenting to {found[0]:.0f} mmHg" if found else ""))
        else:
            parts.append(title_of(choice) + _flow(numbers, quantities_of(choice)))
    return ", ".join(parts) or "no support"


def _flow(numbers: Mapping[str, float], names: Sequence[str]) -> str:
    """Flows as they are said behind a name; nothing where there is no number."""
    found = [f"{numbers[name]:.1f}" for name in names if name in numbers]
    return f" {' and '.join(found)} L/min" if found else ""


def replaced(devices: Sequence[Any]) -> bool:
    """Whether both ventricles are replaced."""
    found = [heart_device(choice.model) for choice in devices]
    return any(isinstance(device, PulsatilePump) and device.replaces for device in found)


def meaningless(support: Any, devices: Sequence[Any]) -> set[str]:
    """Quantities that the run computes and that mean nothing: one line has no share of two, a chamber that is not there has no flow."""
    absent: set[str] = set()
    if support is not None and len(support.return_) < 2:
        absent |= {"ecmo_flow_arterial", "ecmo_flow_venous"}
    if support is not None and len(support.drain) < 2:
        absent |= {"drainage_flow_1", "drainage_flow_2"}
    if support is not None and support.distal_perfusion is None:
        absent |= {"distal_flow"}
    for choice in devices:
        if isinstance(heart_device(choice.model), PulsatilePump) and side_of(choice) != "both":
            other = "right" if side_of(choice) == "left" else "left"
            absent |= {f"pulsatile_{other}_flow", f"pulsatile_{other}_fill"}
    return absent | (NATIVE_VENTRICLES if replaced(devices) else frozenset())
