"""The slow loop's part of a beat: add what crossed to the running beat, and publish it when it has ended."""

from typing import NamedTuple

from perfuse.engine.fast import Tally
from perfuse.ops import at_least, equation
from perfuse.physiology.compartments import Clock
from perfuse.physiology.crossed import Crossed


class Beat(NamedTuple):
    """The last whole beat: means, extremes, volumes moved."""

    beat_map: float
    beat_sbp: float
    beat_dbp: float
    beat_cvp: float
    beat_mpap: float
    beat_pas: float
    beat_pad: float
    beat_lap: float
    beat_lvedv: float
    beat_lvesv: float
    beat_rvedv: float
    beat_rvesv: float
    beat_lvsp: float
    beat_lvedp: float
    beat_rvedp: float
    beat_lvsw: float
    beat_rvsw: float
    beat_forward: float  # mL through the aortic valve, forward only
    beat_stroke: float  # mL, net
    beat_rv_stroke: float
    beat_lung: float  # mL through the lungs, from wherever
    beat_coronary: float
    beat_brain: float
    beat_systemic: float  # mL through all systemic beds
    beat_seconds: float
    av_open: float  # share of the last ten or so beats in which the valve let more than 1 mL through


class Running(NamedTuple):
    """Volumes (mL) and time of the beat under way."""

    run_forward: float
    run_stroke: float
    run_rv_stroke: float
    run_lung: float
    run_coronary: float
    run_brain: float
    run_systemic: float
    run_seconds: float


class BeatStage(NamedTuple):
    """What `end_beat` writes."""

    beat: Beat
    running: Running
    tally: Tally
    clock: Clock


@equation
def end_beat(c: Clock, y: Tally, n: Crossed, o: Beat, g: Running, dt: float) -> BeatStage:
    """Add what crossed to the running beat; where a beat has ended, publish it and start the next."""
    forward = g.run_forward + n.aortic_valve_on
    stroke = g.run_stroke + n.aortic_valve_on - n.aortic_valve_back
    rv_stroke = g.run_rv_stroke + n.pulmonary_valve_on - n.pulmonary_valve_back
    lung = g.run_lung + n.lung_on
    coronary = g.run_coronary + n.coronary_on
    brain = g.run_brain + n.brain_right_on + n.brain_left_on
    systemic = g.run_systemic + (
        n.coronary_on
        + n.thebesian_on
        + n.brain_right_on
        + n.brain_left_on
        + n.arm_right_on
        + n.arm_left_on
        + n.trunk_on
        + n.bronchial_on
        + n.gut_on
        + n.kidney_on
        + n.leg_left_on
        + n.leg_right_on
    )
    seconds = g.run_seconds + dt
    over = c.beats > 0.5
    k = 1.0 / at_least(y.sum_steps, 1.0)
    opened = 1.0 if forward > 1.0 else 0.0
    return BeatStage(
        Beat(
            y.sum_arterial * k if over else o.beat_map,
            y.max_arterial if over else o.beat_sbp,
            y.min_arterial if over else o.beat_dbp,
            y.sum_ra * k if over else o.beat_cvp,
            y.sum_pa * k if over else o.beat_mpap,
            y.max_pa if over else o.beat_pas,
            y.min_pa if over else o.beat_pad,
            y.sum_la * k if over else o.beat_lap,
            y.max_lv_volume if over else o.beat_lvedv,
            y.min_lv_volume if over else o.beat_lvesv,
            y.max_rv_volume if over else o.beat_rvedv,
            y.min_rv_volume if over else o.beat_rvesv,
            y.max_lv_pressure if over else o.beat_lvsp,
            y.lv_end_diastolic if over else o.beat_lvedp,
            y.rv_end_diastolic if over else o.beat_rvedp,
            y.sum_lv_work if over else o.beat_lvsw,
            y.sum_rv_work if over else o.beat_rvsw,
            forward if over else o.beat_forward,
            stroke if over else o.beat_stroke,
            rv_stroke if over else o.beat_rv_stroke,
            lung if over else o.beat_lung,
            coronary if over else o.beat_coronary,
            brain if over else o.beat_brain,
            systemic if over else o.beat_systemic,
            seconds if over else o.beat_seconds,
            o.av_open + 0.15 * (opened - o.av_open) if over else o.av_open,
        ),
        Running(
            0.0 if over else forward,
            0.0 if over else stroke,
            0.0 if over else rv_stroke,
            0.0 if over else lung,
            0.0 if over else coronary,
            0.0 if over else brain,
            0.0 if over else systemic,
            0.0 if over else seconds,
        ),
        Tally(
            0.0 if over else y.sum_steps,
            0.0 if over else y.sum_arterial,
            0.0 if over else y.sum_ra,
            0.0 if over else y.sum_pa,
            0.0 if over else y.sum_la,
            0.0 if over else y.sum_lv_work,
            0.0 if over else y.sum_rv_work,
            -1.0e9 if over else y.max_arterial,
            1.0e9 if over else y.min_arterial,
            -1.0e9 if over else y.max_pa,
            1.0e9 if over else y.min_pa,
            -1.0e9 if over else y.max_lv_volume,
            1.0e9 if over else y.min_lv_volume,
            -1.0e9 if over else y.max_rv_volume,
            1.0e9 if over else y.min_rv_volume,
            -1.0e9 if over else y.max_lv_pressure,
            y.lv_end_diastolic,
            y.rv_end_diastolic,
        ),
        Clock(c.phase, c.period, c.next_period, c.compression_phase, c.compression_period, 0.0),
    )
