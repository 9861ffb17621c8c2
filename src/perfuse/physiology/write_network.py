"""From the table of vessels to equations: `python -m perfuse.physiology.write_network` writes physiology/circulation_written.py.

A test compares what stands there. Nothing else writes an equation: this one is only what follows from the table.
"""

import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path

from perfuse.physiology.network import NETWORK, Compartment, Edge, Law, Network
from perfuse.physiology.valves import valve

WRITTEN = Path(__file__).with_name("circulation_written.py")


def _call(law: Law, first: Sequence[str], takes: dict[str, str]) -> str:
    return f"{law.__name__}({', '.join([*first, *(f'{name}={value}' for name, value in takes.items())])})"


def _flow(edge: Edge) -> str:
    """The law of an edge, called: its flow, or its rate."""
    names = list(inspect.signature(edge.law).parameters)
    first = [f"b.{edge.inlet} - b.{edge.outlet}"] if names[0] == "pressure_drop" else [f"b.{edge.inlet}", f"b.{edge.outlet}"]
    return _call(edge.law, [*first, *([f"s.{edge.name}_flow"] if "flow" in names else [])], edge.takes)


def _group(name: str, words: str, fields: Iterable[str], unit: str = "", mark: str = "") -> list[str]:
    """A group of fields; where no unit is given each field says its own."""
    typed = [f"    {one}: {unit}" if unit else f"    {one}" for one in fields]
    return [*([mark] if mark else []), f"class {name}(NamedTuple):", f'    """{words}"""', "", *typed, "", ""]


def _equation(head: str, words: str, lines: Iterable[str]) -> list[str]:
    return ["@equation", f"def {head}:", f'    """{words}"""', *(f"    {line}" for line in lines), "", ""]


def _made(group: str, fields: Iterable[tuple[str, str]]) -> list[str]:
    return [f"return {group}(", *(f"    {name}={value}," for name, value in fields), ")"]


def _replaced(fields: Iterable[tuple[str, str]]) -> list[str]:
    return ["return s._replace(", *(f"    {name}={value}," for name, value in fields), ")"]


def _summed(terms: Sequence[str]) -> str:
    """Terms with their signs, as a sum."""
    text = " ".join(f"{term[0]} {term[1:]}" for term in terms)
    return text.removeprefix("+ ")


def _rate(place: Compartment, edges: Sequence[Edge]) -> str:
    """What flows in minus what flows out."""
    terms = [f"{'+' if edge.outlet == place.name else '-'}q.{edge.name}" for edge in edges if place.name in (edge.inlet, edge.outlet)]
    return _summed([*terms, *(["+x." + place.name] if place.port else [])])


def _carried(place: Compartment, edges: Sequence[Edge]) -> str:
    """Content of a compartment after what crossed has crossed."""
    here, terms = f"c.{place.name}", []
    for edge in edges:
        if edge.outlet == place.name:
            donor = f"c.{edge.name if edge.bed else edge.inlet}" + (" + lung_gain" if edge.name == "lung" else "")
            terms.append(f"+n.{edge.name}_on * ({donor} - {here})")
        if edge.reverses and edge.inlet == place.name:
            terms.append(f"+n.{edge.name}_back * (c.{edge.outlet} - {here})")
        if edge.name == "svc_ra" and place.name == "svc":
            terms.append(f"+drip_volume * (drip_content - {here})")
    if place.port:
        terms.append(f"+r.brought_{place.name}")
    return f"{here} + ({_summed(terms)}) * s.per_{place.name}"


def _brought_to_bed(edge: Edge, edges: Sequence[Edge]) -> str:
    """Volume times (content of the artery - content of the bed)."""
    on, here = f"n.{edge.name}_on", f"c.{edge.name}"
    if not edge.joins:
        return f"{on} * (c.{edge.inlet} - {here})"
    other = next(one.inlet for one in edges if one.name == edge.joins)
    return f"(({on} - swap) * (c.{edge.inlet} - {here}) + swap * (c.{other} - {here}))"


def _supplied(edge: Edge, edges: Sequence[Edge]) -> str:
    """Amount that the artery brings into a bed."""
    on = f"n.{edge.name}_on"
    if not edge.joins:
        return f"{on} * c.{edge.inlet}"
    other = next(one.inlet for one in edges if one.name == edge.joins)
    return f"({on} - swap) * c.{edge.inlet} + swap * c.{other}"


def _swap(edges: Sequence[Edge]) -> list[str]:
    joined = [edge for edge in edges if edge.joins]
    return [f"swap = CROSS_OVER * at_most({', '.join(f'n.{edge.name}_on' for edge in joined)})"] if joined else []


STATE, COUNTED = "@state()", "@state(at_start=0.0)"
OF_HEART = ("thorax", "pericardium", "abdomen", "septum_drive", "septum_damping")


def _head(net: Network) -> list[str]:
    """What the module says of itself, and its imports."""
    rows: list[Compartment | Edge] = [*net.compartments, *net.edges]
    laws = [one.law for one in rows if one.law is not None]
    imports = {
        "perfuse.base.declare": {"content", "content_mL_in_turn", "mL", "mL_s", "mmHg", "per_mL", "per_s", "seconds", "state"},
        "perfuse.base.rates": {"Lag", "Stiff", "damped", "driven", "implicit", "rates_of"},
        "perfuse.ops": {"at_most", "equation", "four_reciprocals", "positive"},
        "perfuse.physiology.compartments": {"Body", "Heart", "Regulation"},
        "perfuse.physiology.network": {"CROSS_OVER"},
    }
    for law in laws:
        imports.setdefault(law.__module__, set()).add(law.__name__)
    sizes = {value for one in rows for value in one.takes.values() if value[0].isupper()}
    imports.setdefault("perfuse.physiology.vessel_sizes", set()).update(sizes)
    return [
        '"""What follows from the table of vessels (network.py): groups of numbers, pressures, flows, counting and transport.',
        "",
        "Written by `python -m perfuse.physiology.write_network`; do not edit.",
        '"""',
        "",
        "from typing import NamedTuple",
        "",
        *(f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())),
        "",
        "",
    ]


def _groups(net: Network) -> list[str]:
    """The groups of numbers."""
    places, edges, inert = net.places, [edge.name for edge in net.edges], [edge.name for edge in net.inert]
    beds, ports = [bed.name for bed in net.beds], [place.name for place in net.ports]
    volumes = [f"{place}_volume: mL" for place in places]
    circulation = [*volumes, "septum_volume: mL  # bulge into the right ventricle", *(f"{one}_flow: mL_s" for one in inert)]
    pressures = [f"{place}: mmHg" for place in (*places, *OF_HEART[:3])]
    return [
        *_group("Circulation", "The fast state: where the blood is, and how the columns with inertia move.", circulation, mark=STATE),
        *_group("Pressures", "Absolute pressures: of every place, around them; and what moves the septum.",
                [*pressures, "septum_drive: mL_s", "septum_damping: per_s"]),
        *_group("Columns", "Rates of the flows with inertia, each as (drive, damping).", inert, "Stiff"),
        *_group("Flows", "Every flow of the body at one instant.", edges, "mL_s"),
        *_group("Exchange", "Flow into the body from outside (devices, infusion; negative: drained, bled), by place.", ports, "mL_s"),
        *_group("VolumeRates", "dV/dt of every compartment.", places, "mL_s"),
        *_group("Crossed", "Volume that crossed each border since the last slow step: forward, and backward where blood can swing.",
                net.counted, "mL", COUNTED),
        *_group("Carried", "One carried quantity in every compartment and capillary bed.", [*places, *beds], "content", STATE),
        *_group("Brought", "What devices brought since the last slow step: volume x (content of what came - content of the place).",
                (f"brought_{place}" for place in ports), "content_mL_in_turn", COUNTED),
        *_group("PerVolume", "1/volume of every compartment: worked out once for all that blood carries.",
                (f"per_{place}" for place in places), "per_mL", COUNTED),
        *_group("BedShares", "Resting share of systemic flow of each bed; a bed's share of stores is taken as its share of flow.",
                beds, "float"),
        *_group("Supply", "O2 delivered to each bed, averaged.", (f"{bed}_supply" for bed in beds), "mL_s", STATE),
        *_group("SupplyRates", "How the averages move.", (f"{bed}_supply" for bed in beds), "Lag", "@rates_of(Supply)"),
        f"SHARES = BedShares({', '.join(f'{bed.name}={bed.bed!r}' for bed in net.beds)})",
        "",
        "",
    ]  # fmt: skip


def _flowing(net: Network) -> list[str]:
    """Pressures, flows and volumes."""
    pressure = [
        *((p.name, _call(p.law, [f"s.{p.name}_volume"], p.takes) if p.law else f"h.{p.name}") for p in net.compartments),
        *((name, f"h.{name}") for name in OF_HEART),
    ]
    flow = [(edge.name, f"s.{edge.name}_flow" if edge.inertia else _flow(edge)) for edge in net.edges]
    return [
        *_equation("place_pressures(h: Heart, s: Circulation, r: Regulation, p: Body) -> Pressures",
                   "Pressures of all places, where those of the heart are known.", _made("Pressures", pressure)),
        *_equation("flow_rates(s: Circulation, b: Pressures, p: Body) -> Columns", "How fast the flows with inertia change.",
                   _made("Columns", [(edge.name, _flow(edge)) for edge in net.inert])),
        *_equation("flows(s: Circulation, b: Pressures, r: Regulation, p: Body) -> Flows",
                   "All flows: those with inertia are state; the others follow from the pressures.", _made("Flows", flow)),
        *_equation("volume_rates(q: Flows, x: Exchange) -> VolumeRates", "What flows in minus what flows out, of every compartment.",
                   _made("VolumeRates", [(place.name, _rate(place, net.edges)) for place in net.compartments])),
        *_equation("nothing_from_outside() -> Exchange", "Nothing enters or leaves.",
                   _made("Exchange", [(place.name, "0.0") for place in net.ports])),
    ]  # fmt: skip


def _stepping(net: Network) -> list[str]:
    """One step of the fast state, and its rates for a general solver. Four valves share one division."""
    valves = [edge.name for edge in net.inert if edge.law is valve]
    shared = dict(zip(valves, ("first", "second", "third", "fourth"), strict=True)) if len(valves) == 4 else {}
    head = [f"valves = four_reciprocals({', '.join(f'damped(q.{name}, dt)' for name in shared)})"] if shared else []
    moved = [("septum_volume", "(s.septum_volume + dt * b.septum_drive) / (1.0 + dt * b.septum_damping)")]
    for edge in net.inert:
        given = f"(s.{edge.name}_flow, q.{edge.name}, dt)"
        moved.append((f"{edge.name}_flow", f"driven{given} * valves.{shared[edge.name]}" if edge.name in shared else f"implicit{given}"))
    rates = [
        *((f"{place}_volume", f"v.{place}") for place in net.places),
        ("septum_volume", "b.septum_drive - b.septum_damping * s.septum_volume"),
        *((f"{one.name}_flow", f"a.{one.name}.drive - a.{one.name}.damping * s.{one.name}_flow") for one in net.inert),
    ]
    return [
        *_equation("move_flows(s: Circulation, b: Pressures, p: Body, dt: seconds) -> Circulation",
                   "Advance the septum and the flows that have inertia, linearly implicitly; volumes stay.",
                   ["q = flow_rates(s, b, p)", *head, *_replaced(moved)]),
        *_equation("move_volumes(s: Circulation, q: Flows, x: Exchange, dt: seconds) -> Circulation", "Move the blood by the flows.",
                   ["v = volume_rates(q, x)", *_replaced([(f"{p}_volume", f"s.{p}_volume + dt * v.{p}") for p in net.places])]),
        *_equation("body_rates(s: Circulation, b: Pressures, r: Regulation, p: Body, x: Exchange) -> Circulation",
                   "d/dt of every volume and flow of the body at these pressures, with `x` entering from outside.",
                   ["a = flow_rates(s, b, p)", "v = volume_rates(flows(s, b, r, p), x)", *_made("Circulation", rates)]),
    ]  # fmt: skip


def _counting(net: Network) -> list[str]:
    """What crosses each border."""
    count = []
    for edge in net.edges:
        volume = f"positive(q.{edge.name})" if edge.reverses else f"q.{edge.name}"
        count.append((f"{edge.name}_on", f"n.{edge.name}_on + dt * {volume}"))
        if edge.reverses:
            count.append((f"{edge.name}_back", f"n.{edge.name}_back + dt * positive(-q.{edge.name})"))
    return [
        *_equation(
            "count(n: Crossed, q: Flows, dt: seconds) -> Crossed", "Add what crosses each border in this step.", _made("Crossed", count)
        ),
        *_equation("clear_crossed() -> Crossed", "Start counting anew.", _made("Crossed", [(one, "0.0") for one in net.counted])),
    ]


def _transport(net: Network) -> list[str]:
    """What blood carries."""
    into = [(bed.name, f"c.{bed.name} + {_brought_to_bed(bed, net.edges)} * (per_share * (1.0 / SHARES.{bed.name}))") for bed in net.beds]
    contents = [*((place.name, _carried(place, net.edges)) for place in net.compartments), *into]
    words = """Contents after what crossed has crossed.

    s 1/volumes afterwards; lung_gain content gained (lost) in the lung's capillaries, per mL of blood passing; drip_volume mL infused into
    the superior vena cava, carrying drip_content; capacity mL of blood that would hold what all beds' blood and tissue hold: for gases that
    tissue stores, and heat, more than their blood; r what devices brought.
    """
    given = "lung_gain: float, drip_volume: float, drip_content: float, capacity: float"
    supply = [(f"{bed.name}_supply", f"Lag(({_supplied(bed, net.edges)}) * per_second, time)") for bed in net.beds]
    return [
        *_equation("nothing_brought() -> Brought", "Nothing comes where no device is.",
                   _made("Brought", [(f"brought_{place.name}", "0.0") for place in net.ports])),
        *_equation("per_volume(s: Circulation) -> PerVolume", "1/volume of every compartment.",
                   _made("PerVolume", [(f"per_{place}", f"1.0 / s.{place}_volume") for place in net.places])),
        *_equation(f"carry(c: Carried, n: Crossed, s: PerVolume, {given}, r: Brought) -> Carried", words,
                   [*_swap(net.edges), "per_share = 1.0 / capacity", *_made("Carried", contents)]),
        *_equation("deliver(c: Carried, n: Crossed, per_second: float, time: float) -> SupplyRates",
                   "What is carried into each bed by the arteries that feed it, averaged over some time (s); per_second 1/s of the step.",
                   [*_swap(net.edges), *_made("SupplyRates", supply)]),
    ]  # fmt: skip


def written(net: Network = NETWORK) -> str:
    """The module's text for a table of vessels, before a formatter had it."""
    parts = (_head, _groups, _flowing, _stepping, _counting, _transport)
    return "\n".join(line for part in parts for line in part(net)).rstrip("\n") + "\n"


if __name__ == "__main__":
    WRITTEN.write_text(written(), encoding="utf-8")
