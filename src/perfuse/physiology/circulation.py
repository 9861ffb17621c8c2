"""The closed loop, fast: pressures from volumes, flows from pressures, volumes from flows.

    heart -> root -> ascending -> arch -> distal arch -> descending -> abdominal -> femoral -> cannulated leg
    beds branch off where they do in the body; veins collect into the superior and inferior vena cava; right atrium; lungs.

Three steps: `pressures`, then `flow_rates` and `flows`, then `volume_rates`. But for the heart they follow from the table of vessels
(physiology/network.py). The engine moves them through time.
"""

import math

from perfuse.ops import cos_, equation, two_reciprocals
from perfuse.physiology.circulation_written import Circulation, Pressures, place_pressures
from perfuse.physiology.compartments import Body, Heart, Regulation
from perfuse.physiology.heart import activation, chamber, pericardial_pressure, recoil, septum_pressure
from perfuse.physiology.vessel_sizes import SEPTUM_RESISTANCE


@equation
def compression(phase: float) -> float:
    """A chest compression, 0..1: a half sine over the first half of its cycle (50 % duty)."""
    half = cos_(2.0 * math.pi * (phase if phase < 0.5 else 0.5) - 0.5 * math.pi)
    return half if phase < 0.5 else 0.0


@equation
def heart_pressures(s: Circulation, phase: float, period: float, compression_phase: float, r: Regulation, p: Body) -> Heart:
    """What the chambers press with at a moment of the beat. `phase` 0..1 from the onset of the P wave; `period` s."""
    push = compression(compression_phase) * r.compression_quality
    thorax = r.pleural_pressure + push * p.compression_thorax
    abdomen = r.abdominal_pressure + push * p.compression_abdomen
    since_p = phase * period
    since_q = since_p - p.av_delay * r.systole_scale
    since_q = since_q if since_q > 0.0 else since_q + period
    e_v = r.beating * activation(since_q, p.ventricle_systole * r.systole_scale, p.ventricle_relaxation)
    e_a = r.beating * r.atrial_kick * activation(since_p, p.atrium_systole * r.systole_scale, p.atrium_relaxation)
    peri = thorax + pericardial_pressure(
        s.lv_volume + s.rv_volume + s.la_volume + s.ra_volume, p.effusion, p.pericardium_slack, p.pericardium_phi
    )
    lv = chamber(s.lv_volume - s.septum_volume, e_v, r.lv_ees, p.lv_alpha, p.lv_beta, p.lv_v0)
    rv = chamber(s.rv_volume + s.septum_volume, e_v, r.rv_ees, p.rv_alpha, p.rv_beta, p.rv_v0)
    la = chamber(s.la_volume, e_a, p.la_ees, p.la_alpha, p.la_beta, p.la_v0)
    ra = chamber(s.ra_volume, e_a, p.ra_ees, p.ra_alpha, p.ra_beta, p.ra_v0)
    septum = septum_pressure(s.septum_volume, e_v, p.septum_systole, p.septum_diastole)
    septum_slope = e_v * p.septum_systole + (1.0 - e_v) * p.septum_diastole
    damping = (lv.elastance + rv.elastance + septum_slope) * (1.0 / SEPTUM_RESISTANCE)
    cavae = two_reciprocals(s.svc_volume, s.ivc_volume)
    imbalance = (lv.pressure - rv.pressure - septum) * (1.0 / SEPTUM_RESISTANCE)
    return Heart(
        lv=peri + lv.pressure + recoil(s.lv_volume, p.lv_v0),
        rv=peri + rv.pressure + recoil(s.rv_volume, p.rv_v0),
        la=peri + la.pressure + recoil(s.la_volume, p.la_v0),
        ra=peri + ra.pressure + recoil(s.ra_volume, p.ra_v0),
        thorax=thorax,
        pericardium=peri,
        abdomen=abdomen,
        septum_drive=imbalance + damping * s.septum_volume,
        septum_damping=damping,
        per_svc_volume=cavae.first,
        per_ivc_volume=cavae.second,
    )


@equation
def pressures(s: Circulation, phase: float, period: float, compression_phase: float, r: Regulation, p: Body) -> Pressures:
    """Every pressure from the volumes and the moment of the beat."""
    return place_pressures(heart_pressures(s, phase, period, compression_phase, r, p), s, r, p)
