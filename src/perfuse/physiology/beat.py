"""Beats: pressures, volumes and work summed up while one is under way, and what the last whole one was."""

from typing import NamedTuple

from perfuse.base.declare import mL, mmHg, mmHg_steps, number, seconds, share, state, work
from perfuse.ops import at_least, at_most, equation
from perfuse.physiology.circulation_written import Circulation, Crossed, Pressures
from perfuse.physiology.compartments import Body, Clock, Regulation


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
        beat=Beat(
            beat_map=y.sum_arterial * k if over else o.beat_map,
            beat_sbp=y.max_arterial if over else o.beat_sbp,
            beat_dbp=y.min_arterial if over else o.beat_dbp,
            beat_cvp=y.sum_ra * k if over else o.beat_cvp,
            beat_mpap=y.sum_pa * k if over else o.beat_mpap,
            beat_pas=y.max_pa if over else o.beat_pas,
            beat_pad=y.min_pa if over else o.beat_pad,
            beat_lap=y.sum_la * k if over else o.beat_lap,
            beat_lvedv=y.max_lv_volume if over else o.beat_lvedv,
            beat_lvesv=y.min_lv_volume if over else o.beat_lvesv,
            beat_rvedv=y.max_rv_volume if over else o.beat_rvedv,
            beat_rvesv=y.min_rv_volume if over else o.beat_rvesv,
            beat_lvsp=y.max_lv_pressure if over else o.beat_lvsp,
            beat_lvedp=y.lv_end_diastolic if over else o.beat_lvedp,
            beat_rvedp=y.rv_end_diastolic if over else o.beat_rvedp,
            beat_lvsw=y.sum_lv_work if over else o.beat_lvsw,
            beat_rvsw=y.sum_rv_work if over else o.beat_rvsw,
            beat_forward=forward if over else o.beat_forward,
            beat_stroke=stroke if over else o.beat_stroke,
            beat_rv_stroke=rv_stroke if over else o.beat_rv_stroke,
            beat_lung=lung if over else o.beat_lung,
            beat_coronary=coronary if over else o.beat_coronary,
            beat_brain=brain if over else o.beat_brain,
            beat_systemic=systemic if over else o.beat_systemic,
            beat_seconds=seconds if over else o.beat_seconds,
            av_open=o.av_open + 0.15 * (opened - o.av_open) if over else o.av_open,
        ),
        running=Running(
            run_forward=0.0 if over else forward,
            run_stroke=0.0 if over else stroke,
            run_rv_stroke=0.0 if over else rv_stroke,
            run_lung=0.0 if over else lung,
            run_coronary=0.0 if over else coronary,
            run_brain=0.0 if over else brain,
            run_systemic=0.0 if over else systemic,
            run_seconds=0.0 if over else seconds,
        ),
        tally=Tally(
            sum_steps=0.0 if over else y.sum_steps,
            sum_arterial=0.0 if over else y.sum_arterial,
            sum_ra=0.0 if over else y.sum_ra,
            sum_pa=0.0 if over else y.sum_pa,
            sum_la=0.0 if over else y.sum_la,
            sum_lv_work=0.0 if over else y.sum_lv_work,
            sum_rv_work=0.0 if over else y.sum_rv_work,
            max_arterial=-1.0e9 if over else y.max_arterial,
            min_arterial=1.0e9 if over else y.min_arterial,
            max_pa=-1.0e9 if over else y.max_pa,
            min_pa=1.0e9 if over else y.min_pa,
            max_lv_volume=-1.0e9 if over else y.max_lv_volume,
            min_lv_volume=1.0e9 if over else y.min_lv_volume,
            max_rv_volume=-1.0e9 if over else y.max_rv_volume,
            min_rv_volume=1.0e9 if over else y.min_rv_volume,
            max_lv_pressure=-1.0e9 if over else y.max_lv_pressure,
            lv_end_diastolic=y.lv_end_diastolic,
            rv_end_diastolic=y.rv_end_diastolic,
        ),
        clock=Clock(
            phase=c.phase,
            period=c.period,
            next_period=c.next_period,
            compression_phase=c.compression_phase,
            compression_period=c.compression_period,
            beats=0.0,
        ),
    )
