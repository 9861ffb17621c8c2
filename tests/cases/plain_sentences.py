"""What stands on the pages of shipped cases beside claims on the run: where to look, what is known elsewhere, how far to trust it."""

_AS_FOR_SHOCK = "What holds for the comparison of shock holds here too: [its page](compare-shock.md)."

PLAIN: dict[str, list[str]] = {
    "artificial-heart": [
        "Plausible:",
        "In use 50 to 60 of 70 mL are sought (71 to 86 %, recalled): this patient lies in that at first.",
    ],
    "balloon-timing": [
        "Directions are those taught.",
        "and at 1:2 both kinds of beat share one circulation.",
        "A half-minute's output at 1:2 scatters by 0.1 L/min, as much as the errors differ.",
    ],
    "bivad": [
        "Sweep `rvad.rpm` to see the lungs flooded:",
        "Directions are right.",
        "the septum, moved by the left ventricle, and passive flow carry it. In patients CVP usually rises further; read this case as a"
        " mild failure.",
    ],
    "compare-biventricular-failure": [
        _AS_FOR_SHOCK,
        "this patient's vessels are tight",
        "reflexes are still and nobody treats them. Not for clinical use.",
    ],
    "compare-rv-failure": [_AS_FOR_SHOCK, "more than most that fail as it does.", "Not for clinical use."],
    "compare-shock": [
        "A case names under `compare` what is set side by side; `--support` names something else (`none,va,va+impella`; any device of"
        " `perfuse devices`, any word of `supports.yaml`, joined by a plus).",
        "One table with MAP, PCWP, CVP, total and native flow, LVEDV, stroke work, pressure-volume area, coronary flow, saturation by site,"
        " DO2 and lactate; below it the loops.",
        "Order and direction agree with what is published. Sizes depend on vascular tone that does not answer:",
        "The balloon of this model helps more than most measurements say (rows E14 and F03 of `perfuse validate`). Not for clinical use.",
    ],
    "ecpr-vf": ["Waveforms at 10 min: aortic, right atrial and coronary perfusion pressure during compressions."],
    "eolia-vv": [
        "The patient is the mean of EOLIA's ECMO arm in the hours before ECMO, given as bedside measurements:",
        "The table of bedside measurements: asked, reached.",
    ],
    "excor-both-sides": [
        "Directions are right:",
        "the left chamber is full before the ventricle is empty.",
        "Settings are recalled, not seen.",
    ],
    "impella-position": [
        "Plausible in every direction. The swing is small because this ventricle is weak, and its scale (mA per L/min) is assumed."
    ],
    "ivac-shock": [
        "The pump's console follows the heart; here the drive keeps its own rate, so that strokes meet systole and diastole by chance, and"
        " the gain is a lower bound. Bore, length, drive and vacuum are assumed. The maker's ceiling is 2 L/min.",
    ],
    "lvad-foramen": [
        "Plausible:",
        "is how a foramen shows on an LVAD. Mean pressures need not cross for a shunt: the atria pulsate.",
    ],
    "lvad-graft-and-clot": [
        "Both behave as logs of thrombosed pumps and of kinked grafts do; the size of the clot's drag is assumed. Without a clot the"
        " display is truer than a real one: it inverts the very law by which the pump draws its power, and",
    ],
    "lvad-ramp": [
        "Means of the last 30 s of each step:",
        "`lvad_flow_shown` beside `lvad_flow`: the display is an estimate from power, and",
        "Directions and sizes are those of ramp studies.",
        "the reflex alone does not. The display is truer than a real one",
        "which reads one power for two flows.",
    ],
    "rv-failure-impella-rp": [
        "Plausible in direction: flow, CVP and wedge move as in the pump's registries (CVP there falls further). Much of the gain in flow"
        " is paid in wedge pressure because this left ventricle is stiff. The curve is assumed.",
    ],
    "septal-rupture-balloon": [
        "Flows, step-up and the balloon's effect are as described in patients.",
        "where it is usually said to rise: this patient was congested before, the ventricle now empties into the right heart, and twenty"
        " minutes are too short for volume to be retained.",
    ],
    "tandemheart-shock": [
        "Flow, MAP and wedge pressure move as published series do.",
        "In patients some of it would leave through a leaking mitral valve or an occasional beat; take the LV's filling here as a bound."
        " The head-flow curve of this pump is assumed.",
    ],
    "va-scai-d": ["A heart in SCAI D shock.", "`AV_open`, `LVEDP` and `LAP` at each step.", "that is a test of the simulator."],
    "va-unloading": [
        "Directions agree with what is published on unloading.",
        "In patients a stretched mitral valve leaks and would let it out (`patient.mitral_leak`).",
    ],
    "vv-covid-ards": ["Try: `perfuse compare vv-covid-ards --support none,vv,va`."],
}
