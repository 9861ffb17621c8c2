"""The table of vessels: what is written from it, and what a vessel more needs."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse.engine.run import Engine
from perfuse.parameters.from_python import case_of
from perfuse.physiology.circulation import heart_pressures
from perfuse.physiology.compartments import Body, Regulation
from perfuse.physiology.network import NETWORK, Compartment, Edge, Network
from perfuse.physiology.vessels import elastic_pressure, open_flow
from perfuse.physiology.write_network import WRITTEN, written
from perfuse.results.live import Simulation

AZYGOS = Edge("azygos", "ivc", "svc", open_flow, {"resistance": "0.4"}, reverses=True)
PORTAL_VEIN = Compartment("portal_vein", elastic_pressure, {"v0": "40.0", "compliance": "3.0", "outside": "h.abdomen"})
INTO_THE_LIVER = Edge("portal_vein", "portal_vein", "splanchnic_vein", open_flow, {"resistance": "0.05"}, reverses=True)


def with_azygos_vein() -> Network:
    """The body with one vessel more: one line."""
    return replace(NETWORK, edges=(*NETWORK.edges, AZYGOS))


def with_portal_vein() -> Network:
    """The body with a vessel that stores blood: one line for the place and one for the way out of it; the gut's line names it."""
    edges = tuple(replace(edge, outlet="portal_vein") if edge.name == "gut" else edge for edge in NETWORK.edges)
    return Network((*NETWORK.compartments, PORTAL_VEIN), (*edges, INTO_THE_LIVER))


NETWORKS = {"as shipped": lambda: NETWORK, "azygos vein": with_azygos_vein, "portal vein": with_portal_vein}


class Played:
    """A body of some network in plain Python: the equations as they are written, for the numbers of a healthy adult."""

    def __init__(self, net: Network, rows: dict[str, float]) -> None:
        self.net, self.rows = net, rows | {"portal_vein_volume": 80.0}
        self.w: Any = ModuleType("written_for_a_test")
        sys.modules[self.w.__name__] = self.w  # where NamedTuple looks up what its fields are
        exec(compile(written(net), "written_for_a_test", "exec"), self.w.__dict__)  # our own text

    def group(self, kind: Any, **other: float) -> Any:
        """A group filled from the rows by the names of its fields."""
        return kind(**{name: other.get(name, self.rows.get(name, 0.0)) for name in kind._fields})

    def pressures(self, s: Any) -> Any:
        heart = heart_pressures(s, self.rows["phase"], self.rows["period"], 0.0, self.group(Regulation), self.group(Body))
        return self.w.place_pressures(heart, s, self.group(Regulation), self.group(Body))

    def flows(self, s: Any) -> Any:
        return self.w.flows(s, self.pressures(s), self.group(Regulation), self.group(Body))

    def step(self, s: Any, dt: float) -> tuple[Any, Any]:
        """The next state, and the flows that led to it."""
        s = self.w.move_flows(s, self.pressures(s), self.group(Body), dt)
        q = self.flows(s)
        return self.w.move_volumes(s, q, self.w.nothing_from_outside(), dt), q


@pytest.fixture(scope="module")
def healthy() -> dict[str, float]:
    made: Engine = Simulation.of(case_of("healthy-adult", [], seconds=60.0))._engine
    made.advance(20.0)
    return {name: float(value[0]) if hasattr(value, "__len__") else float(value) for name, value in made.values().items()}


@pytest.fixture(scope="module", params=list(NETWORKS))
def played(request: pytest.FixtureRequest, healthy: dict[str, float]) -> Iterator[Played]:
    yield Played(NETWORKS[request.param](), healthy)
    sys.modules.pop("written_for_a_test", None)


def volume(s: Any, net: Network) -> float:
    return float(sum(getattr(s, f"{place}_volume") for place in net.places))


def test_the_committed_module_is_what_the_table_says() -> None:
    assert ast.dump(ast.parse(WRITTEN.read_text(encoding="utf-8"))) == ast.dump(ast.parse(written())), (
        "run python -m perfuse.physiology.write_network, then ruff format"
    )


def test_every_vessel_leads_from_a_place_to_a_place_and_none_is_a_dead_end() -> None:
    for net in (make() for make in NETWORKS.values()):
        assert {edge.inlet for edge in net.edges} == {edge.outlet for edge in net.edges} == set(net.places)


def test_shares_of_the_beds_make_up_the_whole_flow() -> None:
    assert sum(bed.bed for bed in NETWORK.beds) == pytest.approx(1.0)


def test_blood_is_conserved_for_any_network(played: Played) -> None:
    s = played.group(played.w.Circulation)
    before = volume(s, played.net)
    for _ in range(400):
        s, _ = played.step(s, 1e-3)
    assert volume(s, played.net) == pytest.approx(before, rel=1e-12)


def test_what_blood_carries_is_conserved_for_any_network(played: Played) -> None:
    """Haemoglobin that differs from place to place moves for 20 steps of 20 ms; what beds' tissue takes up is counted with the beds."""
    w, capacity = played.w, 300.0
    s = played.group(w.Circulation)
    c = w.Carried(**{name: 10.0 + i for i, name in enumerate(w.Carried._fields)})

    def held(c: Any, s: Any) -> float:
        stores = {bed: capacity * getattr(w.SHARES, bed) for bed in w.SHARES._fields}
        return float(
            sum(getattr(c, name) * (stores[name] if name in stores else getattr(s, f"{name}_volume")) for name in w.Carried._fields)
        )

    before = held(c, s)
    for _ in range(20):
        n = w.clear_crossed()
        for _ in range(20):
            s, q = played.step(s, 1e-3)
            n = w.count(n, q, 1e-3)
        c = w.carry(c, n, w.per_volume(s), 0.0, 0.0, 0.0, capacity, w.nothing_brought())
    assert max(c) - min(c) < 28.0, "contents mix"
    assert held(c, s) == pytest.approx(before, rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(shift=st.lists(st.floats(-0.3, 0.3), min_size=20, max_size=20))
def test_rates_of_volume_sum_to_zero_wherever_the_blood_lies(played: Played, shift: list[float]) -> None:
    s = played.group(played.w.Circulation)
    moved = {f"{p}_volume": getattr(s, f"{p}_volume") * (1.0 + by) for p, by in zip(played.net.places, shift, strict=False)}
    rates = played.w.volume_rates(played.flows(s._replace(**moved)), played.w.nothing_from_outside())
    assert abs(sum(rates)) < 1e-9 * max(map(abs, rates))


def test_an_azygos_vein_carries_blood_around_a_blocked_inferior_vena_cava(healthy: dict[str, float]) -> None:
    """The reason that the vein is known for; one line of the table, and no other."""
    blocked = healthy | {"vena_cava_resistance": healthy["vena_cava_resistance"] * 1e4}
    around = Played(with_azygos_vein(), blocked)
    s = around.group(around.w.Circulation)
    s = s._replace(ivc_volume=s.ivc_volume + 60.0)
    q = around.flows(s)
    assert around.pressures(s).ivc > around.pressures(s).svc
    assert q.azygos > 50.0 > 5.0 > q.ivc_ra
    sys.modules.pop("written_for_a_test", None)


def test_a_portal_vein_receives_the_blood_of_the_gut(healthy: dict[str, float]) -> None:
    body = Played(with_portal_vein(), healthy)
    s = body.group(body.w.Circulation)
    rates, q = body.w.volume_rates(body.flows(s), body.w.nothing_from_outside()), body.flows(s)
    assert rates.portal_vein == pytest.approx(q.gut - q.portal_vein)
    sys.modules.pop("written_for_a_test", None)


def test_a_law_that_asks_for_what_nobody_has_is_found_when_the_equations_are_called(healthy: dict[str, float]) -> None:
    wrong = Played(replace(NETWORK, edges=(*NETWORK.edges, replace(AZYGOS, takes={"resistance": "p.azygos_resistence"}))), healthy)
    with pytest.raises(AttributeError, match="azygos_resistence"):
        wrong.flows(wrong.group(wrong.w.Circulation))
    sys.modules.pop("written_for_a_test", None)
