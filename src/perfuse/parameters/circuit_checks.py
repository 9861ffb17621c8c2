"""Circuits that contradict themselves, and cannulae too small for the flow that is asked of them."""

from collections.abc import Sequence

from perfuse.parameters import library
from perfuse.parameters.case_models import ARTERIAL_RETURNS, DRAIN_SITES, MODES, RETURN_SITES, VENOUS_DRAINS, VENOUS_RETURNS, VENTS, Support
from perfuse.parameters.devices import Cannula, Device, MembraneLung, Pump
from perfuse.parameters.problems import Path, Problems, did_you_mean
from perfuse.parameters.sources import cite

LARGEST_DROP = 400.0  # mmHg, water; the highest pressure that guidelines allow after the pump (elso_general)
_MODE_NEEDS = {
    "vv": "drains from veins and returns to veins",
    "va": "returns to an artery only",
    "vav": "returns to a vein and to an artery",
    "vpa": "returns to the pulmonary artery (site pa) only",
}


def check(support: Support, problems: Problems) -> None:
    """Note everything that cannot be in a circuit."""
    at: Path = ("support",)
    drains = [_cannula(d.cannula, (*at, "drain", i, "cannula"), problems) for i, d in enumerate(support.drain)]
    returns = [_cannula(r.cannula, (*at, "return", i, "cannula"), problems) for i, r in enumerate(support.return_)]
    _drain_sites(support, problems)
    _vents(support, problems)
    _return_sites(support, problems)
    _roles(support, drains, returns, problems)
    _distal(support, problems)
    _pump(support, problems)
    if not problems.touch(*at, "lung"):
        _device(support.lung.model, MembraneLung, "membrane_lungs", "membrane lung", (*at, "lung", "model"), problems)
    if support.established and support.start > 0.0:
        hint = "Take start out, or established."
        problems.add((*at, "established"), f"support that starts at {support.start:g} s has not been running before", hint=hint)
    if support.gas.fdo2 + support.gas.fdco2 > 1.0:
        problems.add(
            (*at, "gas"), f"O2 {support.gas.fdo2:g} and CO2 {support.gas.fdco2:g} are more than the whole gas", hint="Lower one of them."
        )


def check_rpm(support: Support, rpm: float, path: Path, problems: Problems) -> None:
    """A speed inside the pump's own range."""
    pump = library.device_kind("pumps").get(support.pump.model)
    if isinstance(pump, Pump) and pump.rpm_max is not None and not problems.touch_exactly(*path):
        low = pump.rpm_min.value if pump.rpm_min else 0.0
        if not (rpm == 0 or low <= rpm <= pump.rpm_max.value):
            side = "above" if rpm > low else "below"
            limit = pump.rpm_max.value if side == "above" else low
            other = [n for n in library.running_pumps() if (p := library.load_pump(n)).rpm_max and p.rpm_max.value >= rpm]
            hint = f"{'Lower' if side == 'above' else 'Raise'} it" + (f", or choose another pump ({', '.join(other)})." if other else ".")
            source = f"range of {pump.title}, {cite(pump.rpm_max.source)}"
            text = f"{rpm:g} rpm is {side} {limit:g} rpm"
            problems.add(path, text, value=rpm, allowed=f"{low:g} to {pump.rpm_max.value:g} rpm", source=source, hint=hint)


def check_flow(support: Support, flow: float, path: Path, problems: Problems) -> None:
    """A flow that the pump and every cannula can carry."""
    pump = library.device_kind("pumps").get(support.pump.model)
    if isinstance(pump, Pump) and pump.flow_max and flow > pump.flow_max.value and not problems.touch_exactly(*path):
        text = f"{flow:g} L/min is above {pump.flow_max.value:g} L/min"
        source = f"range of {pump.title}, {cite(pump.flow_max.source)}"
        problems.add(
            path, text, value=flow, allowed=f"0 to {pump.flow_max.value:g} L/min", source=source, hint="Lower it or choose another pump."
        )
    for limb, given in (("drain", support.drain), ("return", support.return_)):
        known = library.device_kind("cannulae")
        found = [known.get(part.cannula) for part in given]
        cannulae = [c for c in found if isinstance(c, Cannula)]
        if len(cannulae) == len(found):
            for i, (cannula, share) in enumerate(zip(cannulae, shares(cannulae, flow), strict=True)):
                _carries(cannula, share, ("support", limb, i, "cannula"), problems)


def shares(cannulae: Sequence[Cannula], flow: float) -> list[float]:
    """How a flow (L/min) divides between cannulae side by side: the same pressure drop over each."""
    low, high = 0.0, max(cannula.drop(flow) for cannula in cannulae)
    for _ in range(60):
        drop = 0.5 * (low + high)
        if sum(_flow_at(cannula, drop) for cannula in cannulae) < flow:
            low = drop
        else:
            high = drop
    return [_flow_at(cannula, high) for cannula in cannulae]


def _flow_at(cannula: Cannula, drop: float) -> float:
    a, b = cannula.a.value, cannula.b.value
    return float((-a + (a * a + 4 * b * drop) ** 0.5) / (2 * b))


def _fits(cannula: Cannula, flow: float) -> bool:
    return cannula.drop(flow) <= LARGEST_DROP and (cannula.q_max is None or flow <= cannula.q_max.value + 1e-9)


def _carries(cannula: Cannula, flow: float, path: Path, problems: Problems) -> None:
    if _fits(cannula, flow):
        return
    same = [c for c in library.device_kind("cannulae").values() if isinstance(c, Cannula) and c.role == cannula.role]
    larger = sorted(
        (c for c in same if c.size.value > cannula.size.value and _fits(c, flow)),
        key=lambda c: (c.size.value, c.manufacturer != cannula.manufacturer),
    )
    drop = f"{cannula.drop(flow):.0f} mmHg at {flow:.2g} L/min of water"
    limit = (
        f"its chart ends at {cannula.q_max.value:g} L/min"
        if cannula.q_max and flow > cannula.q_max.value
        else f"more than {LARGEST_DROP:g} mmHg"
    )
    allowed = (
        f"{cannula.q_max.value:g} L/min or less, pressure drop {LARGEST_DROP:g} mmHg or less"
        if cannula.q_max
        else f"pressure drop {LARGEST_DROP:g} mmHg or less"
    )
    hint = (
        f"Ask for less flow, or take a larger one: {', '.join(c.name for c in larger[:3])}."
        if larger
        else "Ask for less flow, or use two cannulae."
    )
    problems.add(
        path,
        f"{cannula.name} ({cannula.size.value:g} Fr) is too small for the flow asked: {drop}, {limit}",
        value=cannula.name,
        allowed=allowed,
        source=cite(cannula.source),
        hint=hint,
    )


def _device(name: str, cls: type[Device], kind: str, word: str, path: Path, problems: Problems) -> Device | None:
    if name == "-" or problems.touch(*path):
        return None
    found = library.device_kind(kind).get(name)
    if found is None:
        problems.add(
            path,
            f"the {word} '{name}' is not in the library",
            value=name,
            hint=did_you_mean(name, library.device_kind(kind), "'perfuse devices' lists them."),
        )
    return found if isinstance(found, cls) else None


def _cannula(name: str, path: Path, problems: Problems) -> Cannula | None:
    found = _device(name, Cannula, "cannulae", "cannula", path, problems)
    return found if isinstance(found, Cannula) else None


def _drain_sites(support: Support, problems: Problems) -> None:
    for i, drain in enumerate(support.drain):
        path: Path = ("support", "drain", i, "site")
        if problems.touch(*path):
            continue
        for site in drain.site:
            if site not in DRAIN_SITES:
                artery = site in ARTERIAL_RETURNS
                text = f"a drainage cannula cannot lie in {site.replace('_', ' ')}" if artery else f"'{site}' is not a drainage site"
                problems.add(
                    path,
                    text,
                    value=site,
                    allowed=", ".join(DRAIN_SITES),
                    hint="Drain from a vein." if artery else did_you_mean(site, DRAIN_SITES),
                )
        if abs(sum(drain.site.values()) - 1.0) > 1e-6:
            text = f"the shares of the sites add up to {sum(drain.site.values()):g}, not to 1"
            problems.add(path, text, allowed="shares that add up to 1", hint="As in {ivc: 0.6, ra: 0.4}.")


def _vents(support: Support, problems: Problems) -> None:
    """Vents of the left heart or the pulmonary artery stand beside a venous drain, in circuits that return to an artery."""
    if problems.touch("support", "drain"):
        return
    vents = sorted({site for drain in support.drain for site in drain.site if site in VENTS})
    if vents and support.mode in ("vv", "vpa"):
        text = f"a circuit of mode {support.mode} that drains from {', '.join(vents)} would take blood from the heart that it must fill"
        problems.add(("support", "drain"), text, hint="Drain from veins, or choose va or vav.")
    elif not any(site in VENOUS_DRAINS for drain in support.drain for site in drain.site):
        problems.add(("support", "drain"), "nothing drains from a vein", hint=f"Add a drainage cannula in {', '.join(VENOUS_DRAINS)}.")


def _return_sites(support: Support, problems: Problems) -> None:
    for i, back in enumerate(support.return_):
        path: Path = ("support", "return", i)
        if back.site not in RETURN_SITES and not problems.touch(*path, "site"):
            hint = did_you_mean(back.site, RETURN_SITES)
            problems.add(
                (*path, "site"), f"'{back.site}' is not a return site", value=back.site, allowed=", ".join(RETURN_SITES), hint=hint
            )
        elif back.tip_distance is not None and back.site not in VENOUS_RETURNS and not problems.touch(*path):
            hint = "Take tip_distance out, or return to a vein."
            problems.add(
                (*path, "tip_distance"),
                f"the distance to the drainage tip has no meaning for a return in {back.site.replace('_', ' ')}",
                hint=hint,
            )
    if problems.touch("support", "return") or problems.touch("support", "mode"):
        return
    sites = [back.site for back in support.return_]
    arterial, venous = any(s in ARTERIAL_RETURNS for s in sites), any(s in VENOUS_RETURNS for s in sites)
    pulmonary = "pa" in sites
    fits = {
        "vv": venous and not arterial and not pulmonary,
        "va": arterial and not venous and not pulmonary,
        "vav": arterial and (venous or pulmonary),
        "vpa": pulmonary and not arterial and not venous,
    }
    if not fits[support.mode]:
        others = [mode for mode in MODES if fits[mode]]
        hint = f"With these sites the mode is {others[0]}; or change the sites." if others else "Change the sites."
        text = f"{support.mode} {_MODE_NEEDS[support.mode]}, and the return is in {', '.join(sites)}"
        problems.add(("support", "mode"), text, value=support.mode, hint=hint)


def _roles(support: Support, drains: list[Cannula | None], returns: list[Cannula | None], problems: Problems) -> None:
    for limb, here, there in (("drain", drains, returns), ("return", returns, drains)):
        wrong, right = ("infusion", "drainage") if limb == "drain" else ("drainage", "infusion")
        for i, cannula in enumerate(here):
            path: Path = ("support", limb, i, "cannula")
            if cannula is None:
                continue
            if cannula.role == f"dual_lumen_{wrong}":
                problems.add(path, f"{cannula.name} is the {wrong} lumen", value=cannula.name, hint=f"Its {right} lumen is {cannula.pair}.")
            elif cannula.role == "distal_perfusion":
                problems.add(
                    path, f"{cannula.name} is a distal perfusion cannula", value=cannula.name, hint="Put it under distal_perfusion."
                )
            elif (
                cannula.role.startswith("dual_lumen") and cannula.pair not in [other.name for other in there if other] and None not in there
            ):
                other_limb = "return" if limb == "drain" else "drain"
                text = f"the dual-lumen cannula {cannula.name} is used on one side alone"
                problems.add(path, text, value=cannula.name, hint=f"Put {cannula.pair} under {other_limb}, or take a single-lumen cannula.")


def _distal(support: Support, problems: Problems) -> None:
    line = support.distal_perfusion
    path: Path = ("support", "distal_perfusion")
    if line is None or problems.touch(*path):
        return
    if not any(back.site == "femoral_artery" for back in support.return_) and not problems.touch("support", "return"):
        hint = "Take it out, or return to the femoral_artery."
        problems.add(path, "a distal perfusion line needs a return in the femoral artery", hint=hint)
    cannula = _cannula(line.cannula, (*path, "cannula"), problems)
    if cannula is not None and cannula.role != "distal_perfusion":
        known = [c.name for c in library.device_kind("cannulae").values() if isinstance(c, Cannula) and c.role == "distal_perfusion"]
        problems.add(
            (*path, "cannula"), f"{cannula.name} is no distal perfusion cannula", value=cannula.name, hint=f"Known are {', '.join(known)}."
        )


def _pump(support: Support, problems: Problems) -> None:
    path: Path = ("support", "pump")
    setting = support.pump
    if problems.touch_exactly(*path):
        return
    pump = _device(setting.model, Pump, "pumps", "pump", (*path, "model"), problems)
    if isinstance(pump, Pump) and not pump.runs:
        hint = f"Pumps that can be run: {', '.join(library.running_pumps())}."
        problems.add((*path, "model"), f"{pump.name} ({pump.title}) cannot be run: {pump.why_not}", value=pump.name, hint=hint)
    if setting.rpm is not None and setting.flow is not None:
        problems.add(path, "both rpm and flow are given", hint="Give rpm (flow follows), or flow (a controller sets the speed).")
    elif setting.rpm is None and setting.flow is None and not (problems.touch(*path, "rpm") or problems.touch(*path, "flow")):
        problems.add(path, "neither rpm nor flow is given", hint="Give rpm (flow follows), or flow (a controller sets the speed).")
    if setting.rpm is not None:
        check_rpm(support, setting.rpm, (*path, "rpm"), problems)
    if setting.flow is not None:
        check_flow(support, setting.flow, (*path, "flow"), problems)
