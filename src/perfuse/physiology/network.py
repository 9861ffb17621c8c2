"""The vessels of the body as one table: where blood lies, where it goes, and by which law.

From this table follow the groups of numbers that the equations take, every pressure and flow, the volume rates, the counting of what
crosses, and the transport of all that blood carries. `python -m perfuse.physiology.write_network` writes them as equations into
physiology/circulation_written.py, where editors and mypy see them. A new vessel is one line here and its law.

What a law takes beside volume, pressures and flow is said by name: a parameter of the body (p), what regulation makes of it (r), what the
heart presses with and on (h), a pressure (b), a constant of vessel_sizes, or a number.
Edges stand in an order in which every sum of in- and outflows is taken; another order would move last digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from perfuse.physiology.coronary import coronary_flow, thebesian_flow
from perfuse.physiology.valves import septal_flow, valve
from perfuse.physiology.vessel_sizes import caval_pressure
from perfuse.physiology.vessels import artery_pressure, bed_flow, collapsible_flow, column, elastic_pressure, leak_flow, open_flow

Law = Callable[..., Any]
CROSS_OVER = 0.20
"""Share of each hemisphere's blood that comes from the other carotid (circle of Willis). Mechanisms note, assumed."""


@dataclass(frozen=True)
class Compartment:
    """Where blood lies.

    law   its pressure from its volume, and what it takes; None for a chamber of the heart
    port  whether devices drain or give there
    """

    name: str
    law: Law | None = None
    takes: dict[str, str] = field(default_factory=dict)
    port: bool = False


@dataclass(frozen=True)
class Edge:
    """Blood's way from one compartment to another.

    law       its flow, or (inertia) how fast that changes. The first arguments are the pressures at both ends, or the pressure drop and,
              for a valve, the flow
    reverses  whether blood can flow back; what cannot is counted once
    bed       share of resting systemic flow of the capillary bed of this name that it runs through, and of its tissue; 0 for none
    joins     the bed from whose artery a share of this bed's blood comes (circle of Willis)
    """

    name: str
    inlet: str
    outlet: str
    law: Law
    takes: dict[str, str] = field(default_factory=dict)
    inertia: bool = False
    reverses: bool = False
    bed: float = 0.0
    joins: str = ""


def _artery(name: str, size: str, outside: str, port: bool = False) -> Compartment:
    takes = {"v0": f"{size}_V0", "compliance": f"{size}_C", "stiffness": "p.arterial_stiffness", "outside": outside}
    return Compartment(name, artery_pressure, takes, port)


def _veins(name: str, outside: str) -> Compartment:
    return Compartment(name, elastic_pressure, {"v0": f"r.{name}_slack", "compliance": f"p.{name}_compliance", "outside": outside})


def _lung_vessel(name: str, port: bool = False) -> Compartment:
    takes = {"v0": f"{name.upper()}_V0", "compliance": f"p.{name}_compliance", "outside": "h.thorax"}
    return Compartment(name, elastic_pressure, takes, port)


def _cava(name: str, outside: str) -> Compartment:
    takes = {"per_volume": f"h.per_{name}_volume", "v0": f"{name.upper()}_V0", "outside": outside}
    return Compartment(name, caval_pressure, takes, port=True)


COMPARTMENTS = (
    Compartment("lv", port=True),
    Compartment("rv", port=True),
    Compartment("la", port=True),
    Compartment("ra", port=True),
    _artery("root", "ROOT", "h.thorax", port=True),
    _artery("ascending", "ASCENDING", "h.thorax", port=True),
    _artery("arch", "ARCH", "h.thorax"),
    _artery("distal_arch", "DISTAL", "h.thorax"),
    _artery("descending", "DESCENDING", "h.thorax", port=True),
    _artery("abdominal", "ABDOMINAL", "h.abdomen"),
    _artery("femoral", "FEMORAL", "0.0", port=True),
    _artery("leg_artery", "LEG_ARTERY", "0.0", port=True),  # of the right leg, beyond a femoral return cannula
    _veins("upper_vein", "0.0"),
    _veins("splanchnic_vein", "h.abdomen"),
    _veins("lower_vein", "0.0"),
    _cava("svc", "h.thorax"),
    _cava("ivc", "h.abdomen"),
    _lung_vessel("pa", port=True),
    _lung_vessel("pv"),
)


def _segment(name: str, inlet: str, size: str) -> Edge:
    return Edge(name, inlet, name, column, {"resistance": f"{size}_R", "inertance": f"{size}_L"}, inertia=True, reverses=True)


def _valve(name: str, inlet: str, outlet: str, of: str, resistance: str) -> Edge:
    takes = {"area": f"p.{of}_area", "leak_area": f"p.{of}_leak", "resistance": resistance}
    return Edge(name, inlet, outlet, valve, takes, inertia=True, reverses=True)


def _bed(name: str, artery: str, vein: str, share: float, joins: str = "") -> Edge:
    return Edge(name, artery, vein, bed_flow, {"resistance": f"r.{name}_resistance"}, bed=share, joins=joins)


def _drained(name: str, cava: str, outside: str) -> Edge:
    return Edge(name, name, cava, collapsible_flow, {"outside": f"b.{outside}", "resistance": f"p.{name}_resistance"})


def _open(name: str, inlet: str, outlet: str, resistance: str) -> Edge:
    return Edge(name, inlet, outlet, open_flow, {"resistance": resistance}, reverses=True)


_WALL = {"thorax": "b.thorax", "beating": "r.beating"}
# Shares of systemic flow at rest. Mechanisms note: 5/13/7/6/5/22/20/22 % (recalled, medium); innominate 13 = right carotid 7 + right arm 6.
EDGES = (
    _segment("ascending", "root", "ASCENDING"),
    _segment("arch", "ascending", "ARCH"),
    _segment("distal_arch", "arch", "DISTAL"),
    _segment("descending", "distal_arch", "DESCENDING"),
    _segment("abdominal", "descending", "ABDOMINAL"),
    _segment("femoral", "abdominal", "FEMORAL"),
    _open("leg_artery", "femoral", "leg_artery", "p.leg_artery_resistance"),
    _valve("mitral", "la", "lv", "mitral", "0.002"),
    _valve("aortic_valve", "lv", "root", "aortic", "ROOT_R"),
    _bed("brain_right", "ascending", "upper_vein", 0.07, joins="brain_left"),
    _bed("brain_left", "arch", "upper_vein", 0.07, joins="brain_right"),
    _bed("arm_right", "ascending", "upper_vein", 0.06),
    _bed("arm_left", "distal_arch", "upper_vein", 0.06),
    _bed("trunk", "descending", "upper_vein", 0.05),
    _bed("gut", "abdominal", "splanchnic_vein", 0.22),
    _bed("leg_left", "femoral", "lower_vein", 0.11),
    _bed("leg_right", "leg_artery", "lower_vein", 0.11),
    _drained("upper_vein", "svc", "thorax"),
    _drained("splanchnic_vein", "ivc", "abdomen"),
    _drained("lower_vein", "ivc", "abdomen"),
    _bed("kidney", "abdominal", "ivc", 0.20),
    Edge("lung", "pa", "pv", collapsible_flow, {"outside": "r.alveolar_floor", "resistance": "r.pulmonary_resistance"}),
    Edge("bronchial", "descending", "pv", leak_flow, {"conductance": "p.bronchial_conductance"}),
    _open("pv_la", "pv", "la", "p.pv_resistance"),
    _open("svc_ra", "svc", "ra", "p.vena_cava_resistance"),
    _open("ivc_ra", "ivc", "ra", "p.vena_cava_resistance"),
    Edge("coronary", "root", "ra", coronary_flow, _WALL | {"lv": "b.lv", "resistance": "r.coronary_resistance"}, bed=0.05),
    Edge("thebesian", "root", "lv", thebesian_flow, _WALL | {"ra": "b.ra", "conductance": "p.thebesian_conductance"}),
    _valve("tricuspid", "ra", "rv", "tricuspid", "0.002"),
    _valve("pulmonary_valve", "rv", "pa", "pulmonary", "PULMONARY_TRUNK_R"),
    Edge("atrial_septum", "la", "ra", septal_flow, {"area": "p.atrial_defect", "area_back": "p.atrial_defect + p.foramen"}, reverses=True),
    Edge(
        "ventricular_septum", "lv", "rv", septal_flow, {"area": "p.ventricular_defect", "area_back": "p.ventricular_defect"}, reverses=True
    ),
)


@dataclass(frozen=True)
class Network:
    """A table of vessels, and what one asks of it."""

    compartments: tuple[Compartment, ...]
    edges: tuple[Edge, ...]

    @property
    def places(self) -> list[str]:
        """Names of the compartments."""
        return [place.name for place in self.compartments]

    @property
    def ports(self) -> list[Compartment]:
        """Where devices drain and give."""
        return [place for place in self.compartments if place.port]

    @property
    def inert(self) -> list[Edge]:
        """Flows with inertia."""
        return [edge for edge in self.edges if edge.inertia]

    @property
    def beds(self) -> list[Edge]:
        """Flows through a capillary bed, the heart's first."""
        return sorted((edge for edge in self.edges if edge.bed), key=lambda edge: edge.name != "coronary")

    @property
    def counted(self) -> list[str]:
        """What is counted of each border."""
        both = [(f"{edge.name}_on", f"{edge.name}_back") if edge.reverses else (f"{edge.name}_on",) for edge in self.edges]
        return [name for names in both for name in names]


NETWORK = Network(COMPARTMENTS, EDGES)
