"""Beats: pressures, volumes and work summed up while one is under way, and what the last whole one was."""

from typing import NamedTuple

from perfuse.base.declare import mL, mmHg, mmHg_steps, number, seconds, share, state, work
from perfuse.ops import at_least, at_most, equation
from perfuse.physiology.compartments import Body, Circulation, Clock, Pressures, Regulation
from perfuse.physiology.crossed import Crossed


@state()
class Tally(NamedTuple):
    """Sums and extremes of the running beat; the slow loop reads and restarts them when a beat ends."""

    sum_steps: number
    sum_arterial: mmHg_steps
    sum_ra: mmHg_steps
    sum_pa: mmHg_steps
    sum_la: mmHg_steps
    sum_lv_work: work
    sum_rv_work: work
    max_arterial: mmHg
    min_arterial: mmHg
    max_pa: mmHg
    min_pa: mmHg
    max_lv_volume: mL
    min_lv_volume: mL
    max_rv_volume: mL
    min_rv_volume: mL
    max_lv_pressure: mmHg
    lv_end_diastolic: mmHg
    rv_end_diastolic: mmHg


class Before(NamedTuple):
    """What the step's end compares with."""

    lv_before: mL
    rv_before: mL
    phase_before: share


@equation
def tally_beat(y: Tally, o: Before, b: Pressures, v: Circulation, clock: Clock, p: Body, r: Regulation) -> Tally:
    """Add this step to the running beat. `b` at its beginning, `v` and `clock` at its end."""
    onset = p.av_delay * r.systole_scale
    now = o.phase_before * clock.period < onset and clock.phase * clock.period >= onset
    lv_end = b.lv if now else y.lv_end_diastolic
    rv_end = b.rv if now else y.rv_end_diastolic
    return Tally(
        sum_steps=y.sum_steps + 1.0,
        sum_arterial=y.sum_arterial + b.ascending,
        sum_ra=y.sum_ra + b.ra,
        sum_pa=y.sum_pa + b.pa,
        sum_la=y.sum_la + b.la,
        sum_lv_work=y.sum_lv_work - (b.lv - b.thorax) * (v.lv_volume - o.lv_before),
        sum_rv_work=y.sum_rv_work - (b.rv - b.thorax) * (v.rv_volume - o.rv_before),
        max_arterial=at_least(y.max_arterial, b.ascending),
        min_arterial=at_most(y.min_arterial, b.ascending),
        max_pa=at_least(y.max_pa, b.pa),
        min_pa=at_most(y.min_pa, b.pa),
        max_lv_volume=at_least(y.max_lv_volume, o.lv_before),
        min_lv_volume=at_most(y.min_lv_volume, o.lv_before),
        max_rv_volume=at_least(y.max_rv_volume, o.rv_before),
        min_rv_volume=at_most(y.min_rv_volume, o.rv_before),
        max_lv_pressure=at_least(y.max_lv_pressure, b.lv),
        lv_end_diastolic=lv_end,
        rv_end_diastolic=rv_end,
    )


@state(at_start=0.0)
class Beat(NamedTuple):
    """The last whole beat: means, extremes, volumes moved."""

    beat_map: mmHg
    beat_sbp: mmHg
    beat_dbp: mmHg
    beat_cvp: mmHg
    beat_mpap: mmHg
    beat_pas: mmHg
    beat_pad: mmHg
    beat_lap: mmHg
    beat_lvedv: mL
    beat_lvesv: mL
    beat_rvedv: mL
    beat_rvesv: mL
    beat_lvsp: mmHg
    beat_lvedp: mmHg
    beat_rvedp: mmHg
    beat_lvsw: work
    beat_rvsw: work
    beat_forward: mL  # through the aortic valve, forward only
    beat_stroke: mL  # net
    beat_rv_stroke: mL
    beat_lung: mL  # through the lungs, from wherever
    beat_coronary: mL
    beat_brain: mL
    beat_systemic: mL  # through all systemic beds
    beat_seconds: seconds
    av_open: share  # share of the last ten or so beats in which the valve let more than 1 mL through


@state(at_start=0.0)
class Running(NamedTuple):
    """Volumes (mL) and time of the beat under way."""

    run_forward: mL
    run_stroke: mL
    run_rv_stroke: mL
    run_lung: mL
    run_coronary: mL
    run_brain: mL
    run_systemic: mL
    run_seconds: seconds


class BeatStage(NamedTuple):
    """What `end_beat` writes."""

    beat: Beat
    running: Running
    tally: Tally
    clock: Clock


@equation
def end_beat(c: Clock, y: Tally, n: Crossed, o: Beat, g: Running, dt: seconds) -> BeatStage:
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
