"""Heart and brain regulate their own blood flow."""

from typing import NamedTuple

from perfuse.base.declare import (
    PCO2,
    O2_content,
    factor,
    mL,
    mL_s,
    seconds,
    share,
    state,
)
from perfuse.base.rates import Bounded, Lag, rates_of
from perfuse.ops import at_least, clip, equation
from perfuse.physiology.reflexes import autoregulate
from perfuse.physiology.tissues import Demand
from perfuse.physiology.transport import SUPPLY_LAG

# mmHg across the brain at which its flow is that of rest, and how far its vessels open and close from there: flow is defended between
# 45 and 135 mmHg (recalled-medium: lower limit 50-60 mmHg of mean pressure, upper 140-150). Not a share of the systemic resistance: vessels
# of the brain take no part in systemic vasodilation.
BRAIN_PRESSURE, BRAIN_OPEN, BRAIN_SHUT = 75.0, 0.6, 1.8


@state()
class OrganFlows(NamedTuple):
    """Blood flow of heart and brain, averaged over two seconds."""

    coronary_flow: mL_s
    brain_right_flow: mL_s
    brain_left_flow: mL_s


@rates_of(OrganFlows)
class OrganFlowRates(NamedTuple):
    """How the averages move."""

    coronary_flow: Lag
    brain_right_flow: Lag
    brain_left_flow: Lag


@equation
def average_flows(coronary_on: mL, brain_right_on: mL, brain_left_on: mL, dt: seconds) -> OrganFlowRates:
    """What tissue feels of the flow of each beat."""
    return OrganFlowRates(
        coronary_flow=Lag(coronary_on / dt, SUPPLY_LAG),
        brain_right_flow=Lag(brain_right_on / dt, SUPPLY_LAG),
        brain_left_flow=Lag(brain_left_on / dt, SUPPLY_LAG),
    )


@state()
class Tones(NamedTuple):
    """Self-regulation of heart and brain: resistance against rest, and what ischaemia leaves of contractility."""

    coronary_tone: factor
    brain_right_tone: factor
    brain_left_tone: factor
    ischaemia: factor


@rates_of(Tones)
class ToneRates(NamedTuple):
    """How it moves."""

    coronary_tone: Bounded
    brain_right_tone: Bounded
    brain_left_tone: Bounded
    ischaemia: Lag


@equation
def self_regulate(
    s: Tones,
    q: Demand,
    f: OrganFlows,
    lv_ischaemia_gain: factor,
    brain_flow_rest: mL_s,
    coronary_least: factor,
    coronary_occlusion: share,
    root_o2: O2_content,
    ascending_o2: O2_content,
    arterial_pco2: PCO2,
) -> ToneRates:
    """Coronary flow follows demand at an extraction of 0.70, between 1 and `coronary_least` of resting resistance; brain flow follows
    rest, PCO2 (+3 % per mmHg) and, below 0.16 mL/mL, arterial O2 content (inversely, at most double: O2 delivery to the brain is defended;
    recalled, medium). Vessels that stay open when others are occluded follow the demand of what they feed, not of the whole heart.

    Contractility is multiplied by clip(supply/demand, 0.2, 1)^gain with a lag of 90 s; supply = coronary flow x content x 0.8.
    """
    demand = q.coronary_demand
    wanted = demand * (1.0 - coronary_occlusion) / at_least(0.70 * root_o2, 1.0e-3)
    poor = clip(0.16 / at_least(ascending_o2, 0.01), 1.0, 2.0)
    brain = 0.5 * brain_flow_rest * clip(1.0 + 0.03 * (arterial_pco2 - 40.0), 0.4, 2.0) * poor
    enough = clip(f.coronary_flow * root_o2 * 0.8 / at_least(demand, 1.0e-4), 0.2, 1.0)
    return ToneRates(
        coronary_tone=autoregulate(s.coronary_tone, f.coronary_flow, wanted, coronary_least, 1.0, 8.0),
        brain_right_tone=autoregulate(s.brain_right_tone, f.brain_right_flow, brain, BRAIN_OPEN, BRAIN_SHUT, 6.0),
        brain_left_tone=autoregulate(s.brain_left_tone, f.brain_left_flow, brain, BRAIN_OPEN, BRAIN_SHUT, 6.0),
        ischaemia=Lag(1.0 + lv_ischaemia_gain * (enough - 1.0), 90.0),
    )
