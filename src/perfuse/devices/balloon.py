"""An intra-aortic balloon: helium in the aorta takes the place of blood, and gives it back.

The balloon pumps nothing by itself. It makes the aortic segments around it smaller, which raises the pressure there; augmentation in
diastole and relief before ejection follow from that, and from nothing else.

Timing: the console takes a trigger (R wave, arterial upstroke, or its own clock) and waits. Inflation is meant for the dicrotic notch,
which it expects 1.25 times the ventricle's time to peak after the onset of contraction (computed: where the model's own valve shuts);
deflation for the next R wave, which it expects one beat after the last.
"""

from typing import NamedTuple

from perfuse.base.declare import mL, mmHg, number, parameters, seconds, share, state, switch
from perfuse.ops import at_least, at_most, clip, equation
from perfuse.physiology.circulation_written import Pressures
from perfuse.physiology.compartments import Beating, Body, Clock, Regulation
from perfuse.physiology.vessel_sizes import ABDOMINAL_C, DESCENDING_C

CONTRACTS = 0.04  # s from the R wave to the onset of contraction (electromechanical delay, recalled-medium)
NOTCH = 1.25  # time of the notch after the R wave, in times to peak of the ventricle
THORACIC = 0.6  # share of the balloon in the descending thoracic aorta, the rest above the renal arteries (assumed, by length)
FULL = 24.0  # mL of balloon that fill either segment: it cannot displace more (computed from their unstressed volumes)
UPSTROKE_DELAY = 0.14  # s, arterial upstroke after the R wave (recalled-medium)
EJECTS = 0.19  # s after the R wave: ejection is under way (computed)
OWN_PERIOD = 0.75  # s, the console's own clock, 80/min


@state(at_start=0.0)
class Balloon(NamedTuple):
    """The fast state of a balloon and its console."""

    balloon_gas: mL  # in the balloon
    balloon_since: seconds  # since the trigger
    balloon_left: seconds  # until it deflates; 0 while deflated
    balloon_count: number  # triggers since an assisted beat


@parameters()
class BalloonDrive(NamedTuple):
    """How the balloon is built and set."""

    balloon_volume: mL
    balloon_fill_time: seconds
    balloon_empty_time: seconds
    balloon_leak: share  # share of the helium lost
    balloon_ratio: number  # 0 standby, 1, 2, 3: every beat, every second, every third
    balloon_inflation: seconds  # after (before: negative) the moment meant
    balloon_deflation: seconds
    balloon_trigger: switch  # 0 R wave, 1 arterial upstroke, 2 own clock


@state(at_start=0.0)
class BalloonSeen(NamedTuple):
    """Arterial pressures around the last beats, mmHg. `assisted` is what follows an inflation, `plain` what follows none."""

    balloon_augmented: mmHg  # peak while inflated
    balloon_assisted_systolic: mmHg
    balloon_plain_systolic: mmHg
    balloon_assisted_end: mmHg  # lowest between the R wave and ejection
    balloon_plain_end: mmHg
    seen_augmented: mmHg  # of the beat under way
    seen_systolic: mmHg
    seen_end: mmHg
    seen_inflated: switch  # 1: the balloon was inflated in this beat
    seen_before: switch  # 1: in the beat before


@equation
def since_r(c: Clock, p: Body, r: Regulation) -> float:
    """Seconds since the R wave of this beat, which comes before its ventricles contract; negative before it."""
    return c.phase * c.period - p.av_delay * r.systole_scale + CONTRACTS


@equation
def fill_balloon(g: Balloon, c: Clock, o: Beating, p: Body, r: Regulation, k: BalloonDrive, dt: seconds) -> Balloon:
    """The console triggers, waits and moves helium."""
    own = k.balloon_trigger > 1.5
    delay = UPSTROKE_DELAY if k.balloon_trigger > 0.5 else 0.0
    late = since_r(c, p, r) - delay
    beat = late >= 0.0 and late < dt and r.beating > 0.5
    fired = g.balloon_since >= OWN_PERIOD if own else beat
    since = 0.0 if fired else g.balloon_since + dt
    next_count = g.balloon_count + 1.0
    count = g.balloon_count if not fired else (0.0 if next_count >= k.balloon_ratio else next_count)
    expected = OWN_PERIOD if own else o.beat_seconds
    notch = CONTRACTS + NOTCH * p.ventricle_systole * r.systole_scale + k.balloon_inflation - (0.0 if own else delay)
    begins = since >= notch and since - dt < notch and count < 0.5 and k.balloon_ratio > 0.5
    left = expected - since - (0.0 if own else delay) + k.balloon_deflation if begins else at_least(g.balloon_left - dt, 0.0)
    whole = k.balloon_volume * (1.0 - k.balloon_leak)
    goal = whole if left > 0.0 else 0.0
    gas = g.balloon_gas + clip(
        goal - g.balloon_gas, -dt * k.balloon_volume / k.balloon_empty_time, dt * k.balloon_volume / k.balloon_fill_time
    )
    return Balloon(balloon_gas=gas, balloon_since=since, balloon_left=left, balloon_count=count)


@equation
def press_balloon(b: Pressures, g: Balloon, p: Body) -> Pressures:
    """Pressures with the helium in its two segments."""
    thoracic = at_most(THORACIC * g.balloon_gas, FULL)
    abdominal = at_most((1.0 - THORACIC) * g.balloon_gas, FULL)
    return b._replace(
        descending=b.descending + thoracic * (p.arterial_stiffness * (1.0 / DESCENDING_C)),
        abdominal=b.abdominal + abdominal * (p.arterial_stiffness * (1.0 / ABDOMINAL_C)),
    )


@equation
def watch_balloon(y: BalloonSeen, g: Balloon, b: Pressures, c: Clock, p: Body, r: Regulation, dt: seconds) -> BalloonSeen:
    """Sort arterial pressures into assisted and plain beats."""
    late = since_r(c, p, r)
    now = late >= EJECTS and late - dt < EJECTS
    waits = late >= 0.0 and late < EJECTS
    inflated = 1.0 if g.balloon_left > 0.0 and late > EJECTS else y.seen_inflated
    augmented = at_least(y.seen_augmented, b.ascending) if g.balloon_left > 0.0 and late > EJECTS else y.seen_augmented
    systolic = at_least(y.seen_systolic, b.ascending) if inflated < 0.5 and late > EJECTS else y.seen_systolic
    end = at_most(y.seen_end, b.ascending) if waits else y.seen_end
    assisted, before = inflated > 0.5, y.seen_before > 0.5
    return BalloonSeen(
        balloon_augmented=augmented if now and assisted else y.balloon_augmented,
        balloon_assisted_systolic=systolic if now and before else y.balloon_assisted_systolic,
        balloon_plain_systolic=systolic if now and not before else y.balloon_plain_systolic,
        balloon_assisted_end=end if now and assisted else y.balloon_assisted_end,
        balloon_plain_end=end if now and not assisted else y.balloon_plain_end,
        seen_augmented=0.0 if now else augmented,
        seen_systolic=0.0 if now else systolic,
        seen_end=1.0e9 if now else end,
        seen_inflated=0.0 if now else inflated,
        seen_before=inflated if now else y.seen_before,
    )
