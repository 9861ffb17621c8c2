"""What the blood carries: O2, CO2, haemoglobin and heat travel with the flow through every compartment.

Contents move every slow step by the volumes that really crossed each border since the last one, forward and backward counted
apart (engine/fast.py), so that mass is conserved to rounding and blood that swings to and fro carries the right donor's content:

    c' = c + sum over inflows of volume (c_donor - c) / V'

where V' is the volume afterwards. The watershed of VA-ECMO and recirculation in VV-ECMO come from this and nothing else.
"""

from typing import NamedTuple

from perfuse.base.declare import content, content_mL_in_turn, mL, per_mL, state
from perfuse.ops import at_most, equation
from perfuse.physiology.compartments import Circulation
from perfuse.physiology.crossed import Crossed

CROSS_OVER = 0.20
"""Share of each hemisphere's blood that comes from the other carotid (circle of Willis). Mechanisms note, assumed."""


@state()
class Carried(NamedTuple):
    """One carried quantity in every compartment: mL gas/mL, g/dL or degC."""

    root: content
    ascending: content
    arch: content
    distal_arch: content
    descending: content
    abdominal: content
    femoral: content
    leg_artery: content
    upper_vein: content
    splanchnic_vein: content
    lower_vein: content
    svc: content
    ivc: content
    ra: content
    rv: content
    pa: content
    pv: content
    la: content
    lv: content
    # the capillary beds, in one block
    coronary: content
    brain_right: content
    brain_left: content
    arm_right: content
    arm_left: content
    trunk: content
    gut: content
    kidney: content
    leg_left: content
    leg_right: content


PLACES = Carried._fields
BEDS = PLACES[PLACES.index("coronary") :]
SPECIES = ("o2", "co2", "hb", "temp")


@state(at_start=0.0)
class Brought(NamedTuple):
    """What devices brought to each place since the last slow step: volume x (content of what came - content of the place)."""

    brought_svc: content_mL_in_turn
    brought_ivc: content_mL_in_turn
    brought_ra: content_mL_in_turn
    brought_rv: content_mL_in_turn
    brought_pa: content_mL_in_turn
    brought_la: content_mL_in_turn
    brought_lv: content_mL_in_turn
    brought_root: content_mL_in_turn
    brought_ascending: content_mL_in_turn
    brought_descending: content_mL_in_turn
    brought_femoral: content_mL_in_turn
    brought_leg_artery: content_mL_in_turn


@equation
def nothing_brought() -> Brought:
    """Nothing comes where no device is."""
    return Brought(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@state(at_start=0.0)
class PerVolume(NamedTuple):
    """1/volume of every vessel, 1/mL: worked out once for all that blood carries."""

    per_root: per_mL
    per_ascending: per_mL
    per_arch: per_mL
    per_distal_arch: per_mL
    per_descending: per_mL
    per_abdominal: per_mL
    per_femoral: per_mL
    per_leg_artery: per_mL
    per_upper_vein: per_mL
    per_splanchnic_vein: per_mL
    per_lower_vein: per_mL
    per_svc: per_mL
    per_ivc: per_mL
    per_ra: per_mL
    per_rv: per_mL
    per_pa: per_mL
    per_pv: per_mL
    per_la: per_mL
    per_lv: per_mL


@equation
def per_volume(s: Circulation) -> PerVolume:
    """1/volume of every vessel."""
    return PerVolume(
        1.0 / s.root_volume,
        1.0 / s.ascending_volume,
        1.0 / s.arch_volume,
        1.0 / s.distal_arch_volume,
        1.0 / s.descending_volume,
        1.0 / s.abdominal_volume,
        1.0 / s.femoral_volume,
        1.0 / s.leg_artery_volume,
        1.0 / s.upper_vein_volume,
        1.0 / s.splanchnic_vein_volume,
        1.0 / s.lower_vein_volume,
        1.0 / s.svc_volume,
        1.0 / s.ivc_volume,
        1.0 / s.ra_volume,
        1.0 / s.rv_volume,
        1.0 / s.pa_volume,
        1.0 / s.pv_volume,
        1.0 / s.la_volume,
        1.0 / s.lv_volume,
    )


@equation
def carry(
    c: Carried,
    n: Crossed,
    s: PerVolume,
    lung_gain: float,
    drip_volume: float,
    drip_content: float,
    capacity: float,
    r: Brought,
) -> Carried:
    """Contents after what crossed has crossed.

    s               1/volumes afterwards
    r               what devices brought
    lung_gain       content gained (lost) in the lung's capillaries, per mL of blood passing
    drip_volume     mL infused into the superior vena cava, carrying drip_content
    capacity    mL of blood that would hold what all beds' blood and tissue hold; for gases that tissue stores, and heat, more than their
    blood
    """
    swap = CROSS_OVER * at_most(n.brain_right_on, n.brain_left_on)
    per_share = 1.0 / capacity
    return Carried(
        root=c.root + (n.aortic_valve_on * (c.lv - c.root) + n.ascending_back * (c.ascending - c.root) + r.brought_root) * s.per_root,
        ascending=c.ascending
        + (n.ascending_on * (c.root - c.ascending) + n.arch_back * (c.arch - c.ascending) + r.brought_ascending) * s.per_ascending,
        arch=c.arch + (n.arch_on * (c.ascending - c.arch) + n.distal_arch_back * (c.distal_arch - c.arch)) * s.per_arch,
        distal_arch=c.distal_arch
        + (n.distal_arch_on * (c.arch - c.distal_arch) + n.descending_back * (c.descending - c.distal_arch)) * s.per_distal_arch,
        descending=c.descending
        + (n.descending_on * (c.distal_arch - c.descending) + n.abdominal_back * (c.abdominal - c.descending) + r.brought_descending)
        * s.per_descending,
        abdominal=c.abdominal
        + (n.abdominal_on * (c.descending - c.abdominal) + n.femoral_back * (c.femoral - c.abdominal)) * s.per_abdominal,
        femoral=c.femoral
        + (n.femoral_on * (c.abdominal - c.femoral) + n.leg_artery_back * (c.leg_artery - c.femoral) + r.brought_femoral) * s.per_femoral,
        leg_artery=c.leg_artery + (n.leg_artery_on * (c.femoral - c.leg_artery) + r.brought_leg_artery) * s.per_leg_artery,
        upper_vein=c.upper_vein
        + (
            n.brain_right_on * (c.brain_right - c.upper_vein)
            + n.brain_left_on * (c.brain_left - c.upper_vein)
            + n.arm_right_on * (c.arm_right - c.upper_vein)
            + n.arm_left_on * (c.arm_left - c.upper_vein)
            + n.trunk_on * (c.trunk - c.upper_vein)
        )
        * s.per_upper_vein,
        splanchnic_vein=c.splanchnic_vein + n.gut_on * (c.gut - c.splanchnic_vein) * s.per_splanchnic_vein,
        lower_vein=c.lower_vein
        + (n.leg_left_on * (c.leg_left - c.lower_vein) + n.leg_right_on * (c.leg_right - c.lower_vein)) * s.per_lower_vein,
        svc=c.svc
        + (n.upper_vein_on * (c.upper_vein - c.svc) + n.svc_ra_back * (c.ra - c.svc) + drip_volume * (drip_content - c.svc) + r.brought_svc)
        * s.per_svc,
        ivc=c.ivc
        + (
            n.splanchnic_vein_on * (c.splanchnic_vein - c.ivc)
            + n.lower_vein_on * (c.lower_vein - c.ivc)
            + n.kidney_on * (c.kidney - c.ivc)
            + n.ivc_ra_back * (c.ra - c.ivc)
            + r.brought_ivc
        )
        * s.per_ivc,
        ra=c.ra
        + (
            n.svc_ra_on * (c.svc - c.ra)
            + n.ivc_ra_on * (c.ivc - c.ra)
            + n.coronary_on * (c.coronary - c.ra)
            + n.tricuspid_back * (c.rv - c.ra)
            + n.atrial_septum_on * (c.la - c.ra)
            + r.brought_ra
        )
        * s.per_ra,
        rv=c.rv
        + (n.tricuspid_on * (c.ra - c.rv) + n.pulmonary_valve_back * (c.pa - c.rv) + n.ventricular_septum_on * (c.lv - c.rv) + r.brought_rv)
        * s.per_rv,
        pa=c.pa + (n.pulmonary_valve_on * (c.rv - c.pa) + r.brought_pa) * s.per_pa,
        pv=c.pv
        + (n.lung_on * (c.pa + lung_gain - c.pv) + n.bronchial_on * (c.descending - c.pv) + n.pv_la_back * (c.la - c.pv)) * s.per_pv,
        la=c.la
        + (n.pv_la_on * (c.pv - c.la) + n.mitral_back * (c.lv - c.la) + n.atrial_septum_back * (c.ra - c.la) + r.brought_la) * s.per_la,
        lv=c.lv
        + (
            n.mitral_on * (c.la - c.lv)
            + n.aortic_valve_back * (c.root - c.lv)
            + n.thebesian_on * (c.root - c.lv)
            + n.ventricular_septum_back * (c.rv - c.lv)
            + r.brought_lv
        )
        * s.per_lv,
        coronary=c.coronary + n.coronary_on * (c.root - c.coronary) * (per_share * (1.0 / BED_SHARES[0])),
        brain_right=c.brain_right
        + ((n.brain_right_on - swap) * (c.ascending - c.brain_right) + swap * (c.arch - c.brain_right))
        * (per_share * (1.0 / BED_SHARES[1])),
        brain_left=c.brain_left
        + ((n.brain_left_on - swap) * (c.arch - c.brain_left) + swap * (c.ascending - c.brain_left)) * (per_share * (1.0 / BED_SHARES[2])),
        arm_right=c.arm_right + n.arm_right_on * (c.ascending - c.arm_right) * (per_share * (1.0 / BED_SHARES[3])),
        arm_left=c.arm_left + n.arm_left_on * (c.distal_arch - c.arm_left) * (per_share * (1.0 / BED_SHARES[4])),
        trunk=c.trunk + n.trunk_on * (c.descending - c.trunk) * (per_share * (1.0 / BED_SHARES[5])),
        gut=c.gut + n.gut_on * (c.abdominal - c.gut) * (per_share * (1.0 / BED_SHARES[6])),
        kidney=c.kidney + n.kidney_on * (c.abdominal - c.kidney) * (per_share * (1.0 / BED_SHARES[7])),
        leg_left=c.leg_left + n.leg_left_on * (c.femoral - c.leg_left) * (per_share * (1.0 / BED_SHARES[8])),
        leg_right=c.leg_right + n.leg_right_on * (c.leg_artery - c.leg_right) * (per_share * (1.0 / BED_SHARES[9])),
    )


# Resting share of systemic flow of each bed, in the order of BEDS; a bed's share of stores is taken as its share of flow.
# Mechanisms note: 5/13/7/6/5/22/20/22 % (recalled, medium); innominate 13 = right carotid 7 + right arm 6.
BED_SHARES = (0.05, 0.07, 0.07, 0.06, 0.06, 0.05, 0.22, 0.20, 0.11, 0.11)


@state()
class Supply(NamedTuple):
    """What was delivered to each bed since the last slow step (volume x content)."""

    coronary_supply: mL
    brain_right_supply: mL
    brain_left_supply: mL
    arm_right_supply: mL
    arm_left_supply: mL
    trunk_supply: mL
    gut_supply: mL
    kidney_supply: mL
    leg_left_supply: mL
    leg_right_supply: mL


@equation
def deliver(c: Carried, n: Crossed) -> Supply:
    """Amount carried into each bed, from the contents of the arteries that feed it."""
    swap = CROSS_OVER * at_most(n.brain_right_on, n.brain_left_on)
    return Supply(
        coronary_supply=n.coronary_on * c.root,
        brain_right_supply=(n.brain_right_on - swap) * c.ascending + swap * c.arch,
        brain_left_supply=(n.brain_left_on - swap) * c.arch + swap * c.ascending,
        arm_right_supply=n.arm_right_on * c.ascending,
        arm_left_supply=n.arm_left_on * c.distal_arch,
        trunk_supply=n.trunk_on * c.descending,
        gut_supply=n.gut_on * c.abdominal,
        kidney_supply=n.kidney_on * c.abdominal,
        leg_left_supply=n.leg_left_on * c.femoral,
        leg_right_supply=n.leg_right_on * c.leg_artery,
    )
