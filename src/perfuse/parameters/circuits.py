"""ECMO circuits from a few words: the default circuits of supports.yaml, and the four functions that start from them."""

from functools import cache
from pathlib import Path
from typing import Any

from perfuse.parameters import library
from perfuse.parameters.case_models import MODES, VENOUS_RETURNS, DeviceChoice, Support
from perfuse.parameters.from_python import Given, case_of
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.yamlfile import read_file

_FILE = Path(__file__).parent / "supports.yaml"
DUAL_LUMEN_SITE = {"svc": 0.5, "ivc": 0.5}
"""A bicaval dual-lumen cannula drains both caval veins; halves are assumed."""


@cache
def _fragments() -> dict[str, Any]:
    data, problems = read_file(_FILE, _FILE.name)
    problems.raise_if_any()
    return dict(data)


def default_support(mode: str) -> dict[str, Any]:
    """The default circuit of a mode (vv, va, vav, vpa) as the `support` block of a case file."""
    if not isinstance(_fragments().get(mode), dict):
        raise InputError([Problem("support", f"'{mode}' is not a support", value=mode, hint=did_you_mean(mode, ("none", *MODES)))])
    return {key: _copied(value) for key, value in _fragments()[mode].items()}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def checked(block: dict[str, Any], called: str, patient: str = "healthy-adult") -> Support:
    """A support from the block of a case file; InputError holds every problem."""
    start = block.get("start", 0.0)
    seconds: Given = 604800.0 if isinstance(start, int | float | str) else 1.0
    support = case_of(patient, block, seconds=seconds, called=called).support
    assert support is not None
    return support


def vv_ecmo(
    rpm: Given | None = None,
    sweep: Given | None = None,
    fdo2: Given | None = None,
    *,
    flow: Given | None = None,
    drain: str | None = None,
    drain_site: str | dict[str, float] | None = None,
    back: str | None = None,
    back_site: str | None = None,
    tip_distance: Given | None = None,
    dual_lumen: str | None = None,
    pump: str | None = None,
    lung: str | None = None,
    fdco2: Given | None = None,
    temperature: Given | None = None,
    start: Given = 0.0,
) -> Support:
    """Veno-venous ECMO. What is left out is as in supports.yaml: 3400 rpm, sweep 4 L/min, FdO2 1.0, femoral drainage, jugular return.

    rpm           rpm    speed of the pump; leave it out where `flow` is given
    flow          L/min  flow that a controller on speed tries to reach
    sweep         L/min  gas through the membrane lung; fdo2 and fdco2 are its fractions of O2 and CO2
    drain, back          cannulae of the library (`perfuse devices`); drain_site svc, ra, ivc or shares; back_site ra, svc, ivc
    tip_distance  cm     from the drainage tip to the return tip; recirculation follows from it
    dual_lumen           one cannula for both ways ("avalon_31", "crescent_32"), instead of drain and back
    pump, lung           devices of the library
    temperature   degC   water of the heat exchanger
    start         s      after the beginning of the run
    """
    block = default_support("vv")
    called = "vv_ecmo(...)"
    if dual_lumen is not None:
        if drain is not None or back is not None:
            hint = "Give dual_lumen alone, or drain and back."
            raise InputError(
                [Problem("dual_lumen", "a dual-lumen cannula is drainage and return at once", value=dual_lumen, hint=hint)], called
            )
        block["drain"] = [{"cannula": f"{dual_lumen}_drainage", "site": dict(DUAL_LUMEN_SITE)}]
        block["return"][0]["cannula"] = f"{dual_lumen}_infusion"
    _cannulae(block, drain, drain_site, (back,), (back_site,), tip_distance)
    return _finished(block, called, rpm, flow, sweep, fdo2, fdco2, pump, lung, temperature, start)


def va_ecmo(
    rpm: Given | None = None,
    sweep: Given | None = None,
    fdo2: Given | None = None,
    *,
    flow: Given | None = None,
    drain: str | None = None,
    drain_site: str | dict[str, float] | None = None,
    back: str | None = None,
    back_site: str | None = None,
    distal: str | None = "dpc_dlp_6",
    pump: str | None = None,
    lung: str | None = None,
    fdco2: Given | None = None,
    temperature: Given | None = None,
    start: Given = 0.0,
) -> Support:
    """Veno-arterial ECMO. What is left out is as in supports.yaml: 3200 rpm, sweep 3 L/min, FdO2 1.0, femoral vein to femoral artery.

    back_site  femoral_artery, axillary_artery or ascending_aorta
    distal     cannula of the distal perfusion line (femoral artery alone); None for no line
    Other arguments as in vv_ecmo.
    """
    block = default_support("va")
    _cannulae(block, drain, drain_site, (back,), (back_site,), None)
    _distal(block, distal)
    return _finished(block, "va_ecmo(...)", rpm, flow, sweep, fdo2, fdco2, pump, lung, temperature, start)


def vav_ecmo(
    rpm: Given | None = None,
    sweep: Given | None = None,
    fdo2: Given | None = None,
    *,
    flow: Given | None = None,
    drain: str | None = None,
    drain_site: str | dict[str, float] | None = None,
    back: str | None = None,
    back_site: str | None = None,
    back2: str | None = None,
    back2_site: str | None = None,
    tip_distance: Given | None = None,
    distal: str | None = "dpc_dlp_6",
    pump: str | None = None,
    lung: str | None = None,
    fdco2: Given | None = None,
    temperature: Given | None = None,
    start: Given = 0.0,
) -> Support:
    """Veno-arterio-venous ECMO: `back` returns to an artery, `back2` to a vein. What is left out is as in supports.yaml.

    Other arguments as in vv_ecmo and va_ecmo.
    """
    block = default_support("vav")
    _cannulae(block, drain, drain_site, (back, back2), (back_site, back2_site), tip_distance)
    _distal(block, distal)
    return _finished(block, "vav_ecmo(...)", rpm, flow, sweep, fdo2, fdco2, pump, lung, temperature, start)


def vpa_ecmo(
    rpm: Given | None = None,
    sweep: Given | None = None,
    fdo2: Given | None = None,
    *,
    flow: Given | None = None,
    drain: str | None = None,
    drain_site: str | dict[str, float] | None = None,
    back: str | None = None,
    pump: str | None = None,
    lung: str | None = None,
    fdco2: Given | None = None,
    temperature: Given | None = None,
    start: Given = 0.0,
) -> Support:
    """ECMO from the right atrium to the pulmonary artery (dual-lumen cannula). What is left out is as in supports.yaml.

    Other arguments as in vv_ecmo.
    """
    block = default_support("vpa")
    _cannulae(block, drain, drain_site, (back,), (None,), None)
    return _finished(block, "vpa_ecmo(...)", rpm, flow, sweep, fdo2, fdco2, pump, lung, temperature, start)


def _cannulae(
    block: dict[str, Any],
    drain: str | None,
    drain_site: str | dict[str, float] | None,
    backs: tuple[str | None, ...],
    sites: tuple[str | None, ...],
    tip_distance: Given | None,
) -> None:
    limbs = [(block["drain"][0], drain, drain_site), *zip(block["return"], backs, sites, strict=True)]
    for limb, cannula, site in limbs:
        if cannula is not None:
            limb["cannula"] = cannula
        if site is not None:
            limb["site"] = site
            if site not in VENOUS_RETURNS:
                limb.pop("tip_distance", None)
    if tip_distance is not None:
        block["return"][-1]["tip_distance"] = tip_distance


def _distal(block: dict[str, Any], distal: str | None) -> None:
    femoral = any(limb["site"] == "femoral_artery" for limb in block["return"])
    if distal is None or (not femoral and distal == block["distal_perfusion"]["cannula"]):
        del block["distal_perfusion"]
    else:
        block["distal_perfusion"] = {"cannula": distal}


def _finished(
    block: dict[str, Any],
    called: str,
    rpm: Given | None,
    flow: Given | None,
    sweep: Given | None,
    fdo2: Given | None,
    fdco2: Given | None,
    pump: str | None,
    lung: str | None,
    temperature: Given | None,
    start: Given,
) -> Support:
    if flow is not None:
        del block["pump"]["rpm"]
        block["pump"]["flow"] = flow
    for place, key, value in (
        (block["pump"], "rpm", rpm),
        (block["pump"], "model", pump),
        (block["lung"], "model", lung),
        (block["gas"], "sweep", sweep),
        (block["gas"], "fdo2", fdo2),
        (block["gas"], "fdco2", fdco2),
        (block, "temperature", temperature),
    ):
        if value is not None:
            place[key] = value
    block["start"] = start
    return checked(block, called)


def device(
    model: str,
    *,
    side: str | None = None,
    rpm: Given | None = None,
    level: Given | None = None,
    ratio: Given | None = None,
    inlet: str | None = None,
    outlet: str | None = None,
    start: Given = 0.0,
    established: bool = False,
) -> DeviceChoice:
    """A rotary pump, balloon or pulsatile pump of the library (`perfuse devices`), beside or instead of a circuit.

    side     left, right or both, where the device may stand on either
    rpm, level, ratio   speed of a rotary pump, or its P-level; beats per inflation of a balloon. What is left out is the device's usual.
    inlet, outlet       other places than the device's own
    start    s, after the beginning of the run; `established`: it has been running for long
    """
    block = {"model": model, "side": side, "rpm": rpm, "level": level, "ratio": ratio, "inlet": inlet, "outlet": outlet}
    given = {key: value for key, value in block.items() if value is not None} | {"start": start, "established": established}
    return case_of("healthy-adult", given, seconds=604800.0, called="device(...)").devices[0]


def default_devices(name: str) -> list[dict[str, Any]]:
    """The devices that a word stands for: an entry of supports.yaml that is a list, or the name of a device of the library."""
    found = _fragments().get(name)
    if isinstance(found, list):
        return [dict(_copied(block)) for block in found]
    return [{"model": name}] if name in library.heart_devices() else []


def support_names() -> list[str]:
    """Words that `perfuse compare` knows: none, the entries of supports.yaml, the devices of the library."""
    return ["none", *_fragments(), *library.heart_devices()]
