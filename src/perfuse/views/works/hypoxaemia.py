"""The physiology-first approach to hypoxaemia (Akoumianaki 2021), as computed mixing curves."""

from perfuse.evidence.mixing import ADEQUATE, CRITICAL, SHARE, Bed, Oxygen, along, oxygen, rated_flow
from perfuse.views.page import figure
from perfuse.views.panels import Line, panel
from perfuse.views.works.work import Check, Work, verdict

OUTPUTS = (4.0, 6.0, 8.0, 10.0)
BED = Bed()


def work() -> Work:
    """Curves of saturation and delivery over flow, output, recirculation and haemoglobin."""
    drawn = "".join(figure(*made) for made in (_flow(), _output_saturation(), _output_delivery(), _recirculation(), _haemoglobin()))
    at = oxygen(BED)
    assert at is not None
    body = (
        f"<p>Steady states of a patient on VV-ECMO whose own lung does nothing, unless said otherwise: haemoglobin {BED.hb:g} g/dL, "
        f"consumption {BED.vo2:g} mL/min, {BED.ecmo_flow:g} L/min of circuit flow, recirculation {100 * BED.recirculation:g} %, cardiac "
        f"output {BED.cardiac_output:g} L/min. There SaO<sub>2</sub> is {at.sao2:.0f} %, delivery {at.do2:.0f} mL/min, "
        f"{at.ratio:.1f} times consumption. Venous blood is not held: it follows from consumption.</p>"
        f'<div class="pair">{drawn}</div>'
        f"<p>One L/min of blood at 12 g/dL takes up {rated_flow(12.0):.0f} mL/min of oxygen between 75 and 95 %.</p>"
    )
    return Work(
        "hypoxaemia",
        "A rational approach to severe hypoxaemia",
        "Akoumianaki E et al. Ann Intensive Care 2021;11:107. doi:10.1186/s13613-021-00897-3",
        "Is saturation inadequate, or delivery? And what does the circuit change?",
        body,
        _checks(),
        (
            "The review prints no data from which its figures could be recomputed; its equations are textbook mass balance "
            "(recalled-medium) and are solved here on this program's own dissociation curve.",
            "Its count of ECMO in trials of ARDS, 145 of 6,736 (2.15 %), is quoted from the abstract; the trials are not listed there.",
        ),
        (
            "abstract seen at annalsofintensivecare.springeropen.com, article s13613-021-00897-3",
            "Schmidt 2013 Intensive Care Med 39:838 (recalled-high)",
        ),
    )


def _ratio(low: float, high: float, n: int = 60) -> list[float]:
    return [low + (high - low) * i / (n - 1) for i in range(n)]


def _line(found: list[tuple[float, Oxygen]], name: str, word: str, number: int) -> Line:
    return Line([value for value, _ in found], [getattr(one, name) for _, one in found], word, number)


def _flow() -> tuple[str, str]:
    lines = []
    for number, output in enumerate(OUTPUTS):
        found = along(Bed(cardiac_output=output), "ecmo_flow", [share * output / (1.0 - BED.recirculation) for share in _ratio(0.3, 1.0)])
        kept = [(flow * (1.0 - BED.recirculation) / output, one) for flow, one in found]
        lines.append(_line(kept, "sao2", f"{output:g} L/min", number))
    drawn = panel(
        lines, "mix-flow", "SaO_2, %", "effective circuit flow over cardiac output", "Saturation over the share of the cardiac output "
        "that passes the circuit, for cardiac outputs of 4 to 10 L/min: it rises with the share, and at the same share with the output.",
        levels=((90.0, "90 %"),), marks=((SHARE, "60 %"),), y_limits=(40.0, 102.0),
    )  # fmt: skip
    return (
        drawn,
        "Saturation over the share of the cardiac output that passes the circuit, for four cardiac outputs, no native gas exchange.",
    )


def _output_saturation() -> tuple[str, str]:
    return _over_output(
        "sao2",
        "SaO_2, %",
        ((90.0, "90 %"),),
        "At one circuit flow a higher cardiac output lowers saturation: more blood passes by the circuit.",
    )


def _output_delivery() -> tuple[str, str]:
    return _over_output("do2", "DO_2, mL/min", (), "The same beds: delivery rises while saturation falls, so a drug that lowers the output "
                        "raises the saturation and lowers the delivery.")  # fmt: skip


def _over_output(name: str, title: str, levels: tuple[tuple[float, str], ...], caption: str) -> tuple[str, str]:
    shunts = ((1.0, "no lung"), (0.8, "shunt 80 %"), (0.6, "shunt 60 %"))
    outputs = _ratio(4.0, 12.0)
    lines = [
        _line(along(Bed(shunt=shunt), "cardiac_output", outputs), name, word, number)
        for number, (shunt, word) in enumerate(shunts)
    ]  # fmt: skip
    return panel(lines, f"mix-{name}", title, "cardiac output, L/min", caption, levels=levels), caption


def _recirculation() -> tuple[str, str]:
    found = along(BED, "recirculation", _ratio(0.0, 0.5))
    words = (
        "Recirculation lowers arterial and venous saturation; where no lung works, drained saturation stays: the circuit takes up what the "
        "body consumes, and that over the circuit flow is its rise across the membrane."
    )
    lines = [_line(found, "spre", "drained", 2), _line(found, "sao2", "arterial", 0), _line(found, "svo2", "venous", 1)]
    shares = [Line([100.0 * x for x in line.x], line.y, line.word, line.number) for line in lines]
    return panel(shares, "mix-recirculation", "Saturation, %", "recirculation, %", words), words


def _haemoglobin() -> tuple[str, str]:
    lines = []
    for number, shunt in enumerate((1.0, 0.6)):
        found = along(Bed(shunt=shunt), "hb", _ratio(7.0, 14.0))
        lines.append(_line(found, "ratio", "no lung" if shunt == 1.0 else "shunt 60 %", number))
    words = "Delivery over consumption rises with haemoglobin at the same flow; 3 is aimed at, near 2 consumption falls (recalled-high)."
    levels = ((ADEQUATE, "3 : 1"), (CRITICAL, "2 : 1"))
    return panel(lines, "mix-hb", "DO_2 : VO_2", "haemoglobin, g/dL", words, levels=levels), words


def _checks() -> tuple[Check, ...]:
    """Statement of the source, what is computed, with which bed, whether it holds."""
    flow = SHARE * BED.cardiac_output
    no_lung = oxygen(Bed(ecmo_flow=flow, recirculation=0.0))
    some_lung = oxygen(Bed(ecmo_flow=flow, recirculation=0.0, shunt=0.9))
    calm_heart, fast_heart = oxygen(Bed(cardiac_output=6.0)), oxygen(Bed(cardiac_output=9.0))
    assert no_lung and some_lung and calm_heart and fast_heart
    return (
        (
            "circuit flow above 60 % of cardiac output usually gives SaO2 above 90 %",
            f"at exactly 60 %: {no_lung.sao2:.0f} % with no lung, {some_lung.sao2:.0f} % with a shunt of 90 %",
            "Hb 10, CO 6, VO2 220, no recirculation",
            verdict(some_lung.sao2 > 90.0),
        ),
        (
            "a higher cardiac output lowers SaO2 at a fixed circuit flow, and raises delivery",
            f"6 to 9 L/min: SaO2 {calm_heart.sao2:.0f} to {fast_heart.sao2:.0f} %, DO2 {calm_heart.do2:.0f} to {fast_heart.do2:.0f} mL/min",
            "4.5 L/min of circuit flow, no lung",
            verdict(fast_heart.sao2 < calm_heart.sao2 and fast_heart.do2 > calm_heart.do2),
        ),
    )
