"""The circuit as a picture: the patient at the right, pump and membrane lung at the left, the measured numbers where they are measured."""

import html
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from perfuse.views.colours import blood
from perfuse.views.labels import label_of, shown, unit_words
from perfuse.views.silhouette import patient

TITLES = {"vv": "Veno-venous", "va": "Veno-arterial", "vav": "Veno-arterio-venous", "vpa": "Veno-pulmonary"}

_TO_NECK = "M130 210V128Q130 112 146 112H344C368 112 374 126 374 148"
_TO_GROIN = "M130 210V128Q130 112 146 112H264Q280 112 280 128V416Q280 432 296 432"
RETURNS = {
    "neck to right atrium": f"{_TO_NECK}V248",
    "neck to superior vena cava": f"{_TO_NECK}V206",
    "neck to inferior vena cava": f"{_TO_NECK}V304",
    "neck to pulmonary artery": f"{_TO_NECK}V248C374 288 402 290 403 262C404 246 400 234 394 226",
    "groin to right atrium": f"{_TO_GROIN}H372C392 432 393 420 393 400V300C393 275 384 262 378 250",
    "groin to inferior vena cava": f"{_TO_GROIN}H372C392 432 393 420 393 400V318",
    "groin to femoral artery": f"{_TO_GROIN}H350C380 432 397 412 397 372",
    "axilla to axillary artery": "M130 210V128Q130 112 146 112H282C318 112 312 172 344 174C364 176 376 184 388 198",
    "chest to aorta": "M130 210V128Q130 112 146 112H290C340 112 330 196 368 204C380 206 388 210 392 218",
}
"""Route of each return limb, from the top of the membrane lung to the tip."""

_FROM_GROIN = "C376 452 350 480 320 480H162"
_FROM_NECK = "V150C381 132 366 130 348 130H310Q294 130 294 146V464Q294 480 278 480H162"
DRAINS = {
    "groin from inferior vena cava": f"M376 304V404{_FROM_GROIN}",
    "groin from right atrium": f"M376 252V404{_FROM_GROIN}",
    "groin from superior vena cava": f"M376 206V404{_FROM_GROIN}",
    "neck from superior vena cava": f"M381 206{_FROM_NECK}",
    "neck from right atrium": f"M381 252{_FROM_NECK}",
    "neck from inferior vena cava": f"M381 304{_FROM_NECK}",
    "groin from left atrium": f"M395 242C384 246 376 252 376 270V404{_FROM_GROIN}",
    "chest from left ventricle": "M402 280C410 312 350 306 318 308Q296 310 296 330V464Q296 480 280 480H162",
    "neck from pulmonary artery": f"M394 226C396 252 381 262 381 238{_FROM_NECK}",
    "chest from right atrium": "M372 250C350 262 320 250 300 270V464Q300 480 284 480H162",
}
"""Route of each drainage limb, from the tip to the pump."""

DISTAL = "M306 432C312 470 338 478 346 532"


class Circuit(NamedTuple):
    """What the picture needs to know: the mode, the routes (keys of `DRAINS` and `RETURNS`), a distal perfusion line."""

    mode: str
    drains: tuple[str, ...]
    returns: tuple[str, ...]
    distal: bool = False
    dual_lumen: bool = False

    @property
    def name(self) -> str:
        """The mode in words."""
        return f"{TITLES[self.mode]} ECMO" + (" through one dual-lumen cannula" if self.dual_lumen else "")


def circuit_picture(circuit: Circuit, numbers: Mapping[str, Mapping[str, Any]], key: str = "circuit") -> str:
    """Inline SVG of the circuit with the numbers of a summary block (name -> {value, unit})."""
    flow = _value(numbers, "ecmo_flow")
    dark, bright = _colour(_value(numbers, "S_pre")), _colour(_value(numbers, "S_post"))
    thin = 9.0 if circuit.dual_lumen else 12.0
    drains = [(DRAINS[route], dark, thin) for route in circuit.drains]
    returns = [(RETURNS[route], bright, thin) for route in circuit.returns] + ([(DISTAL, bright, 5.0)] if circuit.distal else [])
    tubes = _tubes(drains) + _tubes(returns) + _tubes([("M130 452V330", dark, 12.0)])
    parts = [patient(), tubes, _lung(dark, bright, key), _pump(), _gas()]
    parts += _arrows(circuit, backwards=flow is not None and flow < 0.0)
    parts += _numbers(numbers, flow)
    if circuit.distal:
        through = shown("distal_flow", _value(numbers, "distal_flow"))
        parts.append(_text(248, 562, "distal perfusion", 13, "t2") + _measured(346, 562, through, "L/min"))
    words = html.escape(
        f"{circuit.name}. Drainage: {', '.join(circuit.drains)}. Return: {', '.join(circuit.returns)}. {_said(numbers)}", quote=True
    )
    drawing = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="circuit" viewBox="0 24 500 556" role="img" aria-label="{words}">{drawing}</svg>'


def _value(numbers: Mapping[str, Mapping[str, Any]], name: str) -> float | None:
    value = numbers.get(name, {}).get("value")
    return None if value is None or math.isnan(value) else float(value)


def _said(numbers: Mapping[str, Mapping[str, Any]]) -> str:
    names = ("ecmo_flow", "pump_speed", "P_ven", "P_int", "P_art", "dP", "S_pre", "S_post", "sweep", "FdO2")
    return ", ".join(
        f"{label_of(n).words} {shown(n, _value(numbers, n))} {unit_words(numbers[n]['unit'])}".strip() for n in names if n in numbers
    )


def _colour(saturation: float | None) -> str:
    return "var(--edge)" if saturation is None else blood(saturation)


def _tubes(paths: list[tuple[str, str, float]]) -> str:
    """All edges below all fills, so that branches join without a seam."""
    common = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    edges = "".join(f'<path d="{path}" {common} stroke="var(--tube)" stroke-width="{width + 3:g}"/>' for path, _, width in paths)
    return edges + "".join(f'<path d="{path}" {common} stroke="{colour}" stroke-width="{width:g}"/>' for path, colour, width in paths)


def _lung(dark: str, bright: str, key: str) -> str:
    fibres = "".join(f'<path d="M{96 + 68 * i / 9:.1f} 212V328" stroke="#000" stroke-opacity=".28"/>' for i in range(1, 9))
    return (
        f'<defs><linearGradient id="{key}-fibres" x1="0" y1="1" x2="0" y2="0"><stop offset=".05" stop-color="{dark}"/>'
        f'<stop offset=".9" stop-color="{bright}"/></linearGradient></defs>'
        f'<rect x="96" y="210" width="68" height="120" rx="4" fill="url(#{key}-fibres)" stroke="var(--tube)" stroke-width="1.75"/>{fibres}'
    )


def _pump() -> str:
    vanes = "".join(
        f'<path transform="translate(130 480) rotate({turn})" d="M0-5C10-8 17-3 20 8" fill="none" stroke="var(--t2)" stroke-width="2"/>'
        for turn in (0, 90, 180, 270)
    )
    return (
        '<circle cx="130" cy="480" r="33" fill="var(--paper)" stroke="var(--tube)" stroke-width="1.75"/>'
        f'<circle cx="130" cy="480" r="25" fill="none" stroke="var(--rule)" stroke-width="1.5"/>'
        f'{vanes}<circle cx="130" cy="480" r="5" fill="var(--t2)"/>'
    )


def _gas() -> str:
    line = 'fill="none" stroke="var(--t2)" stroke-width="1.5"'
    return (
        f'<path d="M34 232H92M92 308H34" stroke-dasharray="4 4" {line}/><path d="M86 227l7 5l-7 5M41 303l-7 5l7 5" {line}/>'
        f"{_text(34, 222, 'gas in', 13, 't3')}{_text(34, 328, 'gas out', 13, 't3')}"
    )


def _arrows(circuit: Circuit, backwards: bool) -> list[str]:
    places = [(225, 112, 0), (130, 165, -90), (130, 392, -90), (240, 480, 180)]
    if any(route.startswith("groin") for route in circuit.returns):
        places.append((280, 260, 90))
    if any(route.startswith("neck") for route in circuit.returns):
        places.append((320, 112, 0))
    turned = 180 if backwards else 0
    return [
        f'<path transform="translate({x} {y}) rotate({angle + turned})" d="M-3-4L3 0L-3 4" fill="none" stroke="#fff" stroke-width="1.75"/>'
        for x, y, angle in places
    ]


def _numbers(numbers: Mapping[str, Mapping[str, Any]], flow: float | None) -> list[str]:
    def value(name: str) -> str:
        return shown(name, _value(numbers, name))

    taps = "".join(
        f'<circle cx="{x}" cy="{y}" r="4.5" fill="var(--paper)" stroke="var(--t1)" stroke-width="1.5"/>'
        for x, y in ((130, 352), (130, 190), (206, 480), (160, 112))
    )
    found = [
        taps,
        _text(182, 152, "Flow", 15, "t1", bold=True) + _text(224, 152, "L/min", 13, "t3"),
        _text(180, 190, value("ecmo_flow"), 36, "t1", bold=True),
        _text(180, 400, "P_ven", 15, "t1", bold=True) + _text(226, 400, "mmHg", 13, "t3"),
        _text(180, 436, value("P_ven"), 34, "t1", bold=True),
        _measured(96, 546, value("pump_speed"), "rpm"),
        _text(182, 510, "S_pre", 15, "t2") + _measured(216, 510, value("S_pre"), "%"),
        _text(154, 94, "S_post", 15, "t2") + _measured(194, 94, value("S_post"), "%"),
        _text(6, 262, "sweep", 13, "t2") + _text(6, 282, value("sweep"), 19, "t1", bold=True) + _text(38, 282, "L/min", 13, "t3"),
        _text(6, 166, "FdO_2", 13, "t2") + _text(6, 187, value("FdO2"), 19, "t1", bold=True),
    ]
    for y, name, symbol in ((232, "P_art", "P_art"), (272, "dP", "dP"), (312, "P_int", "P_int")):
        found.append(_text(182, y, symbol, 15, "t2") + _text(264, y, value(name), 21, "t1", bold=True, anchor="end"))
    found.append(_text(182, 330, "mmHg", 13, "t3"))
    if flow is not None and flow < 0.0:
        found.append(_text(182, 208, "runs backwards", 12, "bad", bold=True))
    return found


def _measured(x: float, y: float, value: str, unit: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="var(--t1)" font-size="21" font-weight="600">{value}'
        f'<tspan dx="4" fill="var(--t3)" font-size="13" font-weight="400">{unit}</tspan></text>'
    )


def _text(x: float, y: float, text: str, size: int, colour: str, *, bold: bool = False, anchor: str = "start") -> str:
    head, _, low = text.partition("_")
    words = html.escape(head) + (f'<tspan dy="3" font-size="{size - 3}">{html.escape(low)}</tspan>' if low else "")
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="var(--{colour})" font-size="{size}" text-anchor="{anchor}"{weight}>{words}</text>'
