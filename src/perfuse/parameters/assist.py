"""Records of devices that stand in or beside the heart: rotary pumps, balloons, pulsatile chambers (files under devices/)."""

from dataclasses import dataclass

from perfuse.parameters.records import Point, Quantity, Row, number, points, row, texts

_LINEAR, _SQUARE = "mmHg/(L/min)", "mmHg/(L/min)^2"
SIDES = ("left", "right")
KIND_WORDS = {"lvad": "durable pump", "transvalvular": "catheter pump", "extracorporeal": "pump outside the body"}

CHAMBER_WORDS = {
    "vad": "chamber beside the heart",
    "catheter": "chamber on a catheter across the aortic valve",
    "total_artificial_heart": "total artificial heart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaryPump:
    """A rotary pump between two places of the circulation (mmHg, krpm, L/min).

        H = a n^2 - b n Q - c Q|Q|    for Q >= 0
        H = a n^2 + c_back Q^2        for Q < 0

    Where c < 0 (a curve that flattens) the law holds up to its flattest point Q = b n/(2|c|); beyond it further flow costs c_back of
    its square, so that more flow never finds more head and a stopped pump resists both ways.

    kind              lvad | transvalvular | extracorporeal
    sides             where it may stand: left, right or both
    left_inlet ...    places of the blood, "" where the pump does not stand on that side
    line_a, line_b    loss of cannulae, graft or catheter that the curve does not hold (0 where the published head is outlet minus inlet)
    pulse_*           speed change that the drive makes by itself, from a set speed of pulse_from upwards
    power_*           P = power_idle + power_speed n^3 + power_flow (a n^2 Q), W: shut-off head times flow, as the blades give it (Euler)
    estimate_error    root mean square error of the flow that the controller shows
    nih               g of haemoglobin freed per 100 L (hL) pumped, at nih_flow
    clot_rate         hazard of thrombosis at usual flow and INR
    curve_spread      relative standard deviation of the head that a cohort samples
    level_speeds      speed of P-0, P-1 ... where the speed is set in levels
    """

    name: str
    title: str
    manufacturer: str
    kind: str
    source: tuple[str, ...]
    sides: tuple[str, ...] = texts(*SIDES)
    left_inlet: str = ""
    left_outlet: str = ""
    right_inlet: str = ""
    right_outlet: str = ""
    a: Quantity = number("mmHg/krpm^2")
    b: Quantity = number("mmHg/krpm/(L/min)")
    c: Quantity = number(_SQUARE)
    c_back: Quantity = number(_SQUARE)
    line_a: Quantity = number(_LINEAR)
    line_b: Quantity = number(_SQUARE)
    inertance: Quantity = number("mmHg.s2/mL")
    rpm_min: Quantity = number("rpm")
    rpm_max: Quantity = number("rpm")
    flow_max: Quantity = number("L/min")
    usual_rpm: Quantity = number("rpm")
    usual_rpm_low: Quantity = number("rpm")
    usual_rpm_high: Quantity = number("rpm")
    level_speeds: Row | None = row("rpm")
    pulse_from: Quantity | None = number("rpm", required=False)
    pulse_period: Quantity | None = number("s", required=False)
    pulse_drop: Quantity | None = number("rpm", required=False)
    pulse_drop_time: Quantity | None = number("s", required=False)
    pulse_rise: Quantity | None = number("rpm", required=False)
    pulse_rise_time: Quantity | None = number("s", required=False)
    power_idle: Quantity = number("W")
    power_speed: Quantity = number("W/krpm^3")
    power_flow: Quantity = number("1")
    estimate_error: Quantity = number("L/min")
    nih: Quantity = number("g/hL")
    nih_flow: Quantity = number("L/min")
    curve_spread: Quantity = number("1")
    clot_rate: Quantity | None = number("1/day", required=False)
    low_flow_alarm: Quantity | None = number("L/min", required=False)
    purge_pressure_low: Quantity | None = number("mmHg", required=False)
    purge_pressure_high: Quantity | None = number("mmHg", required=False)
    prime: Quantity | None = number("mL", required=False)
    size: Quantity | None = number("Fr", required=False)
    points_seen: tuple[Point, ...] = points("speed rpm", "flow L/min", "head mmHg")
    level_points: tuple[Point, ...] = points("level", "flow L/min", "head mmHg")
    power_points: tuple[Point, ...] = points("speed rpm", "flow L/min", "power W")
    why_not: str = ""
    notes: str = ""

    @property
    def runs(self) -> bool:
        """Whether it can be run: every rotary pump of the library has a curve, measured or assumed."""
        return not self.why_not

    @property
    def assumed(self) -> bool:
        """Whether its head-flow curve is assumed: no published curve of this pump was found."""
        return self.a.mark == "assumed"

    @property
    def levels(self) -> tuple[float, ...]:
        """Speed in rpm of P-0, P-1 ...; empty where speed is set in rpm."""
        return self.level_speeds.values if self.level_speeds else ()

    @property
    def line(self) -> str:
        """One line for lists."""
        sides = " or ".join(self.sides)
        text = f"{self.title}, {KIND_WORDS[self.kind]}, {sides} side, {self.rpm_min.value:g} to {self.rpm_max.value:g} rpm"
        return f"{text}, assumed curve" if self.assumed else text

    def places(self, side: str) -> tuple[str, str]:
        """Inlet and outlet on a side."""
        return (self.left_inlet, self.left_outlet) if side == "left" else (self.right_inlet, self.right_outlet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balloon:
    """A balloon in the descending aorta: its volume rises and falls once per assisted beat, along ramps.

    fill_time, empty_time     of the whole volume
    inflation_lead            time before the dicrotic notch at which inflation begins when it is timed ideally
    height_low, height_high   body height for which the maker sells this size
    base_pressure             of the gas while the balloon is empty
    """

    name: str
    title: str
    manufacturer: str
    source: tuple[str, ...]
    volume: Quantity = number("mL")
    fill_time: Quantity = number("s")
    empty_time: Quantity = number("s")
    inflation_lead: Quantity = number("s")
    base_pressure: Quantity = number("mmHg")
    height_low: Quantity | None = number("cm", required=False)
    height_high: Quantity | None = number("cm", required=False)
    size: Quantity | None = number("Fr", required=False)
    notes: str = ""

    @property
    def line(self) -> str:
        """One line for lists."""
        low, high = self.height_low, self.height_high
        over = f" over {low.value:g} cm" if low and not high else f" {low.value:g} to {high.value:g} cm" if low and high else ""
        height = f" up to {high.value:g} cm" if high and not low else over
        return self.title + (f", body height{height}" if height else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PulsatilePump:
    """Pneumatic chamber(s) with an inlet and an outlet valve: air pushes a membrane in systole, vacuum helps it back in diastole.

    kind             vad (beside the heart, one chamber per side) | catheter (outside the body, filled and emptied through one catheter
                     across the aortic valve) | total_artificial_heart (both ventricles replaced)
    sides            where it may stand; all where an entry does not say
    volume           stroke volume of one chamber when it fills and empties wholly
    systole          share of the cycle with drive pressure
    vacuum           of the drive in diastole, negative
    valve_area       effective area of each valve
    line_a, line_b   loss of one cannula, the inlet's and the outlet's alike (0 where there is none)
    inertance        of one cannula with its valve
    """

    name: str
    title: str
    manufacturer: str
    kind: str
    source: tuple[str, ...]
    sides: tuple[str, ...] = texts("left", "right", "both", default=("left", "right", "both"))
    volume: Quantity = number("mL")
    rate: Quantity = number("1/min")
    rate_min: Quantity = number("1/min")
    rate_max: Quantity = number("1/min")
    systole: Quantity = number("1")
    systole_min: Quantity = number("1")
    systole_max: Quantity = number("1")
    left_drive: Quantity = number("mmHg")
    right_drive: Quantity = number("mmHg")
    drive_min: Quantity = number("mmHg")
    drive_max: Quantity = number("mmHg")
    vacuum: Quantity = number("mmHg")
    vacuum_min: Quantity = number("mmHg")
    vacuum_max: Quantity = number("mmHg")
    valve_area: Quantity = number("cm2")
    line_a: Quantity = number(_LINEAR)
    line_b: Quantity = number(_SQUARE)
    inertance: Quantity = number("mmHg.s2/mL")
    flow_max: Quantity | None = number("L/min", required=False)
    notes: str = ""

    @property
    def line(self) -> str:
        """One line for lists."""
        return f"{self.title}, {CHAMBER_WORDS[self.kind]}, {self.rate.value:g} beats/min by default"

    @property
    def replaces(self) -> bool:
        """Whether it stands instead of both ventricles."""
        return self.kind == "total_artificial_heart"

    @property
    def flow_full(self) -> float:
        """Flow in L/min of a chamber that fills and empties wholly at its default rate."""
        return self.volume.value * self.rate.value / 1000.0

    def valve_drop(self, flow: float) -> float:
        """Pressure drop in mmHg of one valve at a flow in L/min (Torricelli, blood of 1055 kg/m3)."""
        speed = flow / 6.0e4 / (self.valve_area.value * 1e-4)
        return 0.5 * 1055.0 * speed * abs(speed) / 133.322387415
