"""What more of each input does to an output, for every pair of inputs of the same unit that could be swapped; and that a swap is found.

A line is a law of one equation in one patient on ECMO: `press_capillaries: svr - capillary` reads "more resistance, less pressure behind
it". An equation whose arguments are swapped breaks a law of its own; the pairs of which none does are listed.
"""

import itertools
from functools import cache
from operator import attrgetter
from typing import Any

import pytest
from bodies import arguments_of

from perfuse.base.declare import Unit
from perfuse.base.rates import STEPS
from perfuse.engine.declared import declared
from perfuse.engine.groups import annotations, arguments, is_group, result, said, written
from perfuse.engine.layout import Stage
from perfuse.engine.stages import SLOW
from perfuse.parameters.library import load_case
from perfuse.results.live import Simulation

LAWS = """
equilibrate: capillary_so2 - capillary_ph
equilibrate: shunt_now - lung_gain_o2
push_on: pump_on + return while pump_on=1 upstream=0.3
push_on: cell_volume - return while pump_on=1 upstream=0.3
push_back: pump_back + return while pump_back=1 downstream=0.3
push_back: cell_volume - return while pump_back=1 downstream=0.3
swap_blood: first_held 0 outlet
swap_blood: last_held + outlet while n.pump_on=1
press_capillaries: splanchnic_vein_volume + capillary
press_capillaries: splanchnic_vein_slack - capillary
press_capillaries: splanchnic_vein_compliance - capillary
exchange_water: tissue_compliance + tissue_balance while capillary=10 tissue_balance=18
press_capillaries: abdominal_pressure + capillary
press_capillaries: svr 0 capillary while abdominal_pressure=500 svr=0.1
exchange_water: tissue_balance + water_in
exchange_water: capillary - water_in
dilute: water + splanchnic_vein while water_in=5
dilute: splanchnic_vein - splanchnic_vein while water_in=4000
dilute: water_in + splanchnic_vein while water=1
dilute: splanchnic_vein_volume - splanchnic_vein while water=1 water_in=5
ventilate: airflow + alveolar_po2 while airflow=300 g.airway_po2=500 g.alveolar_po2=60
ventilate: o2_uptake - alveolar_po2 while airflow=300
ventilate: co2_output + alveolar_pco2 while airflow=300
ventilate: co2_output 0 alveolar_po2 while airflow=300 o2_uptake=1 co2_output=4
ventilate: vent_fio2 + alveolar_po2 while airflow=300
ventilate: dead_now + alveolar_pco2 while airflow=300
ventilate: dead_space - airway_po2 while airflow=300 g.airway_po2=100
ventilate: lung_capacity 0 airway_po2 while airflow=300
ventilate: lung_volume 0 airway_po2 while airflow=300
respire: capacity_o2 + o2
respire: capacity_co2 - co2
respire: capacity_temp - temp
metabolise: gut_on - lactate while gut_on=0.3 k.gut_flow_rest=19
metabolise: used_total + oxygen_used
metabolise: debt_total + oxygen_debt
metabolise: debt_total + lactate
metabolise: base_rate + base_excess while base_rate=1
metabolise: lactate_load + lactate
collapse: shunt + shunt_now
keep_lungs: dead_share + dead_now
collapse: recruitment_pressure + shunt_now
collapse: mean_alveolar - shunt_now while recruitability=0.01 recruitment_pressure=8 pneumothorax=0 mean_alveolar=10
keep_lungs: oedema_pressure - lung_water while oedema_pressure=2 o.beat_lap=30
collapse: pneumothorax + shunt_now while pneumothorax=5
collapse: recruitability + shunt_now while recruitability=0.01 recruitment_pressure=20 pneumothorax=0 mean_alveolar=10
keep_lungs: o2_uptake + lung_oxygen
keep_lungs: co2_output + lung_carbon
follow_gases: ascending_o2 + arterial_po2
follow_gases: pa_o2 + venous_po2
follow_gases: ascending_co2 + arterial_pco2
follow_gases: pa_co2 + venous_pco2
follow_gases: ascending_hb - arterial_po2
follow_gases: pa_hb - venous_po2
follow_gases: ascending_temp + arterial_pco2
follow_gases: pa_temp + venous_pco2
keep_blood: hb - free_haemoglobin_pool
read_blood: ascending_hb + free_haemoglobin while a.free_haemoglobin_pool=100
self_regulate: lv_ischaemia_gain - ischaemia while q.coronary_demand=9
self_regulate: coronary_least + coronary_tone while q.coronary_demand=9 coronary_least=0.9
self_regulate: coronary_least 0 ischaemia while q.coronary_demand=9
self_regulate: coronary_least 0 brain_left_tone
average_flows: coronary_on + coronary_flow while coronary_on=0.1
average_flows: brain_right_on + brain_right_flow while brain_right_on=0.1
average_flows: brain_left_on + brain_left_flow while brain_left_on=0.1
self_regulate: root_o2 + coronary_tone
self_regulate: ascending_o2 + brain_left_tone while ascending_o2=0.1 s.brain_left_tone=1
respond: sensed_pressure + drive_vagus
respond: baroreflex_set_point - drive_vagus
respond: baroreflex_gain 0 drive_breath while arterial_pco2=60
respond: chemoreflex_gain + drive_breath while arterial_pco2=60
respond: arterial_pco2 + drive_breath
respond: breath_set_pco2 - drive_breath
regulate: irregularity 0 coronary_resistance
regulate: coronary_autoregulation + coronary_resistance while coronary_autoregulation=0.5 t.coronary_tone=2
regulate: brain_autoregulation + brain_left_resistance while brain_autoregulation=0.5 t.brain_left_tone=2
regulate: brain_autoregulation 0 coronary_resistance while t.brain_left_tone=2
regulate: coronary_occlusion + coronary_resistance while coronary_occlusion=0.5
open_gas: fdo2 + gas_o2 while fdo2=0.5 fdco2=0.05
open_gas: fdco2 + gas_co2 while fdo2=0.5 fdco2=0.05
open_gas: lung_clot + lung_bypass_o2 while lung_clot=0.3
open_gas: lung_thrombus + lung_bypass_o2 while lung_thrombus=0.3
run_console: pump_thrombus - pump_strength while pump_thrombus=0.3
run_console: lung_thrombus + lung_resistance while lung_thrombus=0.3
run_console: inlet_temp - circuit_viscosity
run_console: outlet_temp 0 circuit_viscosity
read_circuit: transfer_o2 + membrane_oxygen while transfer_o2=3
read_circuit: transfer_co2 - membrane_carbon while transfer_co2=3
"""
NOT_FOUND = {
    # they are added, and nothing else: which is which makes no difference
    ("open_gas", "lung_clot", "lung_thrombus"),
    ("ventilate", "lung_capacity", "lung_volume"),
}
MORE = 1.02
CELL_OR_BED = 3


@cache
def rows() -> dict[str, float]:
    """A patient on VV ECMO."""
    made = Simulation.of(load_case("vv-covid-ards"))._engine
    made.advance(300.0)
    return made.values()


def row(argument: str, owner: Any, stage: Stage) -> float:
    """What an argument or field holds, of O2, on the left, in the first bed or cell."""
    name, _ = declared().layout.name(argument, owner, "o2", "left")
    return rows()[name]


def inputs(stage: Stage, changes: dict[str, float]) -> dict[str, Any]:
    """The arguments of an equation in that patient, with changes: `argument` or `argument.field`."""
    found = arguments_of(stage, lambda name, owner: row(name, owner, stage))
    for what, value in changes.items():
        name, _, field = what.partition(".")
        found[name] = found[name]._replace(**{field: value}) if field else value
    return found


def output(stage: Stage, given: dict[str, Any], name: str) -> float:
    """One number of what an equation makes of its rows: what it returns, or where its rate leads in a step."""
    found, held = stage.function(**given), {type(one): one for one in given.values()}
    for one, path, owner, rate in written(result(stage.function), "", stage.function):
        if one == name or not path:
            value = attrgetter(path[1:])(found) if path else found
            before = getattr(held[owner], one) if owner in held else row(one, owner, stage)
            return float(value if rate is None else STEPS[rate](before, value, 0.02))
    raise KeyError(name)


def read(line: str) -> tuple[str, str, str, str, dict[str, float]]:
    head, _, setting = line.partition(" while ")
    equation, argument, sign, name = head.replace(":", "").split()
    return equation, argument, sign, name, {one: float(value) for one, value in (word.split("=") for word in setting.split())}


def stage_of(equation: str) -> Stage:
    return next(stage for stage in SLOW if stage.function.__name__ == equation)


def holds(line: str, swap: dict[str, str]) -> bool:
    """Whether a law holds in an equation whose arguments are swapped as told."""
    equation, argument, sign, name, setting = read(line)
    stage = stage_of(equation)
    base = inputs(stage, setting)
    more = inputs(stage, setting | {argument: base[argument] * MORE})

    def through(given: dict[str, Any]) -> dict[str, Any]:
        return {swap.get(one, one): value for one, value in given.items()}

    try:
        change = output(stage, through(more), name) - output(stage, through(base), name)
    except (ZeroDivisionError, ValueError):  # where the built equations give an infinity or no number
        return False
    return {"+": change > 0.0, "-": change < 0.0, "0": change == 0.0}[sign]


LINES = LAWS.strip().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_the_law_holds(line: str) -> None:
    assert holds(line, {})


def pairs() -> list[tuple[str, str, str]]:
    """Arguments of one equation that have the same unit."""
    found = []
    for stage in {stage.function: stage for stage in SLOW}.values():
        units: dict[Any, list[str]] = {}
        for name, kind in arguments(stage.function):
            if not is_group(kind) and name not in ("dt", "fast_steps"):
                meaning = tuple(said(annotations(stage.function)[name]))
                assert any(isinstance(one, Unit) for one in meaning)
                units.setdefault(meaning, []).append(name)
        found += [(stage.function.__name__, *pair) for names in units.values() for pair in itertools.combinations(names, 2)]
    return found


def test_swapped_arguments_of_the_same_unit_break_a_law() -> None:
    unseen = {
        (equation, one, other)
        for equation, one, other in pairs()
        if all(holds(line, {one: other, other: one}) for line in LINES if line.startswith(f"{equation}:"))
    }
    assert len(pairs()) > 50
    assert unseen == NOT_FOUND
