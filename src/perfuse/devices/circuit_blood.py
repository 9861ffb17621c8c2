"""What the blood in a circuit carries: out of the body, through the lung cell by cell, and back."""

from typing import Annotated, NamedTuple

from perfuse.base.declare import (
    Downstream,
    FirstCell,
    LastCell,
    PerCell,
    PerSpecies,
    Upstream,
    content,
    content_in_turn,
    mL,
    share,
    state,
)
from perfuse.devices.circuit import NODE_COMPLIANCE, Circuit, CircuitCrossed, Lines
from perfuse.ops import at_least, at_most, equation, positive
from perfuse.physiology.circulation_written import Brought, Carried, Crossed

NODE_VOLUME = 150.0  # mL of tubing on either side, where blood mixes; with the lung about 570 mL of prime


EMPTY = -(NODE_VOLUME - 3.0) / NODE_COMPLIANCE  # mmHg at which a node would hold 3 mL; below it contents mix in that much (computed)


@state()
class CircuitContent(NamedTuple):
    """One carried quantity in the tubing before and after the lung."""

    inlet: content
    outlet: content


@state(at_start=0.0)
class HeldLast(NamedTuple):
    """What the last cell held before blood moved forward."""

    last_held: content_in_turn


@state(at_start=0.0)
class HeldFirst(NamedTuple):
    """What the first cell held before blood moved backward."""

    first_held: content_in_turn


@equation
def hold_last(cell_last: Annotated[content, LastCell]) -> HeldLast:
    """Remember what leaves the lung when blood moves forward."""
    return HeldLast(cell_last)


@equation
def hold_first(cell_first: Annotated[content, FirstCell]) -> HeldFirst:
    """Remember what leaves the lung when blood moves backward."""
    return HeldFirst(cell_first)


OfCell = Annotated[content, PerCell]


ShareOfEach = Annotated[share, PerSpecies]


@equation
def push_on(cell: OfCell, upstream: Annotated[content, Upstream], pump_on: mL, lung_bypass: ShareOfEach, cell_volume: mL) -> OfCell:
    """Content of a cell after blood moved forward through it."""
    return cell + (1.0 - lung_bypass) * pump_on * (upstream - cell) * (1.0 / cell_volume)


@equation
def push_back(cell: OfCell, downstream: Annotated[content, Downstream], pump_back: mL, lung_bypass: ShareOfEach, cell_volume: mL) -> OfCell:
    """Content of a cell after blood moved backward through it."""
    return cell + (1.0 - lung_bypass) * pump_back * (downstream - cell) * (1.0 / cell_volume)


class Swap(NamedTuple):
    """What returns to the body, and the circuit's own new contents."""

    brought: Brought
    content: CircuitContent


@equation
def drain_content(c: Carried, svc: float, ra: float, ivc: float, pa: float, la: float, lv: float) -> float:
    """Content of the blood at a drainage cannula, by the share of it in each place."""
    return svc * c.svc + ra * c.ra + ivc * c.ivc + pa * c.pa + la * c.la + lv * c.lv


@equation
def return_content(c: Carried, svc: float, ra: float, ivc: float, pa: float, ascending: float, femoral: float) -> float:
    """The same at a return cannula."""
    return svc * c.svc + ra * c.ra + ivc * c.ivc + pa * c.pa + ascending * c.ascending + femoral * c.femoral


@equation
def swap_blood(
    c: Carried,
    t: CircuitContent,
    n: CircuitCrossed,
    k: Lines,
    m: Crossed,
    first_held: content_in_turn,
    last_held: content_in_turn,
    z: Circuit,
    lung_bypass: ShareOfEach,
) -> Swap:
    """Blood into and out of the circuit, as contents.

    short_circuit: share of the venous return jet that enters the drainage ports directly, exp(-distance/4.5 cm) (mechanisms note, assumed).
    What the ports would have taken instead goes on to where the jet was aimed, so that nothing is lost.
    Ports in a vena cava draw the stream that comes down it before the blood that swings back and forth from the atrium: the share
    1 - short_circuit of what they take, as far as the stream suffices (assumed; with tips far apart recirculation is what it cannot
    supply).
    lung_bypass: share of blood that does not meet the membrane (O2 alone: uneven flow costs O2 and spares CO2).
    """
    venous1 = k.return1_svc + k.return1_ra + k.return1_ivc
    venous2 = k.return2_svc + k.return2_ra + k.return2_ivc
    kept = 1.0 - k.return_loss
    jet = kept * (venous1 * n.return1_on + venous2 * n.return2_on)
    drained = n.drain1_on + n.drain2_on
    direct = at_most(k.short_circuit * jet, 0.98 * drained)
    from_svc = k.drain1_svc * n.drain1_on + k.drain2_svc * n.drain2_on
    from_ivc = k.drain1_ivc * n.drain1_on + k.drain2_ivc * n.drain2_on
    liver, legs, kidneys = positive(m.splanchnic_vein_on), positive(m.lower_vein_on), positive(m.kidney_on)
    stream_ivc = liver + legs + kidneys
    fresh_ivc = (liver * c.splanchnic_vein + legs * c.lower_vein + kidneys * c.kidney) / at_least(stream_ivc, 1.0e-9)
    caught_svc = (1.0 - k.short_circuit) * at_most(positive(m.upper_vein_on) / at_least(from_svc, 1.0e-9), 1.0) * (c.upper_vein - c.svc)
    caught_ivc = (1.0 - k.short_circuit) * at_most(stream_ivc / at_least(from_ivc, 1.0e-9), 1.0) * (fresh_ivc - c.ivc)
    at_drain1 = drain_content(c, k.drain1_svc, k.drain1_ra, k.drain1_ivc, k.drain1_pa, k.drain1_la, k.drain1_lv)
    at_drain2 = drain_content(c, k.drain2_svc, k.drain2_ra, k.drain2_ivc, k.drain2_pa, k.drain2_la, k.drain2_lv)
    drawn1 = at_drain1 + k.drain1_svc * caught_svc + k.drain1_ivc * caught_ivc
    drawn2 = at_drain2 + k.drain2_svc * caught_svc + k.drain2_ivc * caught_ivc
    part = 1.0 - direct / at_least(drained, 1.0e-9)
    drawn = (n.drain1_on * drawn1 + n.drain2_on * drawn2) / at_least(drained, 1.0e-9)
    back1 = return_content(c, k.return1_svc, k.return1_ra, k.return1_ivc, k.return1_pa, k.return1_ascending, k.return1_femoral)
    back2 = return_content(c, k.return2_svc, k.return2_ra, k.return2_ivc, k.return2_pa, k.return2_ascending, k.return2_femoral)
    volume_in = NODE_VOLUME + NODE_COMPLIANCE * at_least(z.inlet_pressure, EMPTY)
    volume_out = NODE_VOLUME + NODE_COMPLIANCE * at_least(z.outlet_pressure, EMPTY)
    forward = (1.0 - lung_bypass) * last_held + lung_bypass * t.inlet
    backward = (1.0 - lung_bypass) * first_held + lung_bypass * t.outlet
    inlet = (
        t.inlet
        + (
            part * n.drain1_on * (drawn1 - t.inlet)
            + part * n.drain2_on * (drawn2 - t.inlet)
            + direct * (t.outlet - t.inlet)
            + n.pump_back * (backward - t.inlet)
        )
        / volume_in
    )
    outlet = (
        t.outlet
        + (
            n.pump_on * (forward - t.outlet)
            + n.return1_back * (back1 - t.outlet)
            + n.return2_back * (back2 - t.outlet)
            + n.perfusion_back * (c.leg_artery - t.outlet)
        )
        / volume_out
    )
    arterial = t.outlet
    venous = t.outlet + direct / at_least(jet, 1.0e-9) * (drawn - t.outlet)
    return Swap(
        Brought(
            brought_svc=kept * (k.return1_svc * n.return1_on + k.return2_svc * n.return2_on) * (venous - c.svc)
            + (k.drain1_svc * n.drain1_back + k.drain2_svc * n.drain2_back) * (t.inlet - c.svc)
            - from_svc * caught_svc,
            brought_ivc=kept * (k.return1_ivc * n.return1_on + k.return2_ivc * n.return2_on) * (venous - c.ivc)
            + (k.drain1_ivc * n.drain1_back + k.drain2_ivc * n.drain2_back) * (t.inlet - c.ivc)
            - from_ivc * caught_ivc,
            brought_ra=kept * (k.return1_ra * n.return1_on + k.return2_ra * n.return2_on) * (venous - c.ra)
            + (k.drain1_ra * n.drain1_back + k.drain2_ra * n.drain2_back) * (t.inlet - c.ra),
            brought_rv=0.0,
            brought_pa=kept * (k.return1_pa * n.return1_on + k.return2_pa * n.return2_on) * (arterial - c.pa)
            + (k.drain1_pa * n.drain1_back + k.drain2_pa * n.drain2_back) * (t.inlet - c.pa),
            brought_la=(k.drain1_la * n.drain1_back + k.drain2_la * n.drain2_back) * (t.inlet - c.la),
            brought_lv=(k.drain1_lv * n.drain1_back + k.drain2_lv * n.drain2_back) * (t.inlet - c.lv),
            brought_root=0.0,
            brought_ascending=kept * (k.return1_ascending * n.return1_on + k.return2_ascending * n.return2_on) * (arterial - c.ascending),
            brought_descending=0.0,
            brought_femoral=kept * (k.return1_femoral * n.return1_on + k.return2_femoral * n.return2_on) * (arterial - c.femoral),
            brought_leg_artery=n.perfusion_on * (arterial - c.leg_artery),
        ),
        CircuitContent(inlet, outlet),
    )
