"""Device records: what the files under devices/ hold, in the units that stand here. The parts of an ECMO circuit stand below, what supports
the heart itself (rotary pumps, balloons, pulsatile chambers) in assist.py."""

from dataclasses import dataclass

from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.records import Point, Quantity, number, points

_DROP_1, _DROP_2 = "mmHg/(L/min)", "mmHg/(L/min)^2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pump:
    """A centrifugal pump: head H = a (n/1000)^2 - c Q|Q| for Q >= 0, H = a (n/1000)^2 + c_back Q^2 for Q < 0 (mmHg, rpm, L/min)."""

    name: str
    title: str
    manufacturer: str
    source: tuple[str, ...]
    a: Quantity | None = number("mmHg/krpm^2", required=False)
    c: Quantity | None = number(_DROP_2, required=False)
    c_back: Quantity | None = number(_DROP_2, required=False)
    rpm_min: Quantity | None = number("rpm", required=False)
    rpm_max: Quantity | None = number("rpm", required=False)
    flow_max: Quantity | None = number("L/min", required=False)
    pressure_max: Quantity | None = number("mmHg", required=False)
    prime: Quantity | None = number("mL", required=False)
    usual_rpm_low: Quantity | None = number("rpm", required=False)
    usual_rpm_high: Quantity | None = number("rpm", required=False)
    curve_spread: Quantity | None = number("1", required=False)
    nih: Quantity | None = number("g/hL", required=False)
    nih_flow: Quantity | None = number("L/min", required=False)
    points_seen: tuple[Point, ...] = points("speed rpm", "flow L/min", "head mmHg")
    haemolysis_points_seen: tuple[Point, ...] = points("speed rpm", "flow L/min", "NIH g/100 L")
    why_not: str = ""
    notes: str = ""

    @property
    def runs(self) -> bool:
        """Whether a head-flow curve is known, so that the pump can be run."""
        return None not in (self.a, self.c, self.c_back, self.rpm_max)

    @property
    def assumed(self) -> bool:
        """Whether its head-flow curve is assumed: no published curve of this pump was found."""
        return self.a is not None and self.a.mark == "assumed"

    @property
    def line(self) -> str:
        """One line for lists."""
        if not self.runs:
            return f"{self.title} (cannot be run: {self.why_not})"
        return f"{self.title}, assumed curve" if self.assumed else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Cannula:
    """A cannula or one lumen of a dual-lumen cannula: pressure drop dP = a Q + b Q^2 in `fluid` (mmHg, L/min).

    role   drainage_multistage | return_arterial | return_venous | dual_lumen_infusion | dual_lumen_drainage | distal_perfusion
    q_max  the last flow of the maker's chart, None where the chart's end is not known
    pair   the other lumen of a dual-lumen cannula
    """

    name: str
    title: str
    manufacturer: str
    role: str
    fluid: str
    source: tuple[str, ...]
    size: Quantity = number("Fr")
    a: Quantity = number(_DROP_1)
    b: Quantity = number(_DROP_2)
    q_max: Quantity | None = number("L/min", required=False)
    rmse: Quantity | None = number("mmHg", required=False)
    size_proximal: Quantity | None = number("Fr", required=False)
    tip_length: Quantity | None = number("cm", required=False)
    insertion_length: Quantity | None = number("cm", required=False)
    points_seen: tuple[Point, ...] = points("flow L/min", "pressure drop mmHg")
    pair: str = ""
    notes: str = ""

    def drop(self, flow: float) -> float:
        """Pressure drop in mmHg of the chart's fluid at a flow in L/min."""
        return self.a.value * flow + self.b.value * flow * abs(flow)

    @property
    def line(self) -> str:
        """One line for lists."""
        return f"{self.title}, {self.role.replace('_', ' ')}, {self.drop(4.0):.0f} mmHg at 4 L/min of water"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembraneLung:
    """A membrane lung: dP = R0 Q^n (mu/2.7)^m (mmHg, L/min, mPa.s); O2 and CO2 diffusing capacities with their reference flows."""

    name: str
    title: str
    manufacturer: str
    source: tuple[str, ...]
    area: Quantity = number("m2")
    prime: Quantity = number("mL")
    rated_flow_low: Quantity = number("L/min")
    rated_flow: Quantity = number("L/min")
    R0: Quantity = number("mmHg")
    n: Quantity = number("1")
    m: Quantity = number("1")
    o2_diffusion: Quantity = number("mL/min/mmHg")
    o2_flow: Quantity = number("L/min")
    o2_exponent: Quantity = number("1")
    internal_shunt: Quantity = number("1")
    co2_diffusion: Quantity = number("mL/min/mmHg")
    co2_flow: Quantity = number("L/min")
    co2_exponent: Quantity = number("1")
    heat_exchanger: Quantity | None = number("m2", required=False)
    set_prime: Quantity | None = number("mL", required=False)
    o2_max_seen: Quantity | None = number("mL/min", required=False)
    co2_max_seen: Quantity | None = number("mL/min", required=False)
    notes: str = ""

    @property
    def line(self) -> str:
        """One line for lists."""
        return f"{self.title}, {self.area.value:g} m2, rated to {self.rated_flow.value:g} L/min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tubing:
    """Tubing, per metre."""

    name: str
    title: str
    manufacturer: str
    source: tuple[str, ...]
    bore: Quantity = number("mm")
    volume: Quantity = number("mL/m")
    inertance: Quantity = number("mmHg.s2/mL/m")
    usual_length: Quantity = number("m")
    points_seen: tuple[Point, ...] = points("flow L/min", "pressure drop mmHg per m")
    notes: str = ""

    @property
    def line(self) -> str:
        """One line for lists."""
        return f"{self.title}, {self.volume.value:g} mL per m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a display warns of, in the unit of the reported quantity; `side` says on which side of the number trouble lies."""

    name: str
    title: str
    side: str
    warn: Quantity
    alarm: Quantity | None = None
    stop: Quantity | None = None
    usual_low: Quantity | None = None
    usual_high: Quantity | None = None
    notes: str = ""


Device = Pump | Cannula | MembraneLung | Tubing | RotaryPump | Balloon | PulsatilePump

__all__ = ["Balloon", "Cannula", "Device", "Limit", "MembraneLung", "PulsatilePump", "Pump", "RotaryPump", "Tubing"]
