"""Where each device lies: a plan of the heart and the great vessels from the front (own right at the left), blood by its saturation."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from perfuse.views.colours import blood
from perfuse.views.labels import label_of, shown, unit_words

Block = Mapping[str, Mapping[str, Any]]

CAVA = "M138 34V500"
AORTA = "M262 262V134Q262 62 334 62H348Q425 62 425 138V500"
PULMONARY = "M204 212V112M116 112H306"
LUNG_VEINS = "M330 206H398M330 226H398"
RA, LA = '<ellipse cx="138" cy="234" rx="38" ry="44"', '<ellipse cx="330" cy="214" rx="48" ry="34"'
RV = "M152 264C140 304 190 380 276 404C262 360 238 300 232 250C230 226 226 206 204 206C186 208 186 240 178 258Z"
LV = "M242 254C240 302 258 374 300 412C352 382 374 312 362 256C340 244 264 240 242 254Z"
SACS = ('<ellipse cx="200" cy="332" rx="46" ry="62"', '<ellipse cx="306" cy="332" rx="46" ry="62"')
PLACES = {
    "lv": (300, 392), "la": (330, 222), "rv": (206, 330), "ra": (128, 240), "ivc": (138, 372), "root": (262, 236), "ascending": (262, 168),
    "descending": (425, 250), "femoral": (425, 470), "pa": (170, 112),
}  # fmt: skip
"""Where a line ends in each place."""


class Placed(NamedTuple):
    """A device as the picture draws it: its kind, its side, inlet and outlet, its name, and the quantity shown beside it."""

    kind: str  # lvad | transvalvular | extracorporeal | balloon | chambers | catheter | heart
    side: str  # left | right | both | ""
    inlet: str
    outlet: str
    title: str
    quantities: tuple[str, ...]


def heart_picture(placed: Sequence[Placed], numbers: Block, key: str = "heart") -> str:
    """Inline SVG of the devices with the numbers of a summary block (name -> {value, unit})."""
    heart = any(one.kind == "heart" for one in placed)
    ink = {"left": _colour(numbers, "SaO2_coronary"), "right": _colour(numbers, "SvO2")}
    parts = [_vessels(), _chambers(heart)]
    for one in placed:
        parts.append(DRAWN[one.kind](one, ink, numbers))
    parts += _names(heart)
    said = "; ".join(f"{one.title}, {ROUTES[one.kind](one)}{_in_words(one, numbers)}" for one in placed)
    words = html.escape(f"Where the devices lie. {said}.", quote=True)
    drawing = "".join(parts)
    box = 'viewBox="-30 16 600 500"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" id="{key}" class="circuit" {box} role="img" aria-label="{words}">{drawing}</svg>'


PLAIN = {
    "lv": "left ventricle", "la": "left atrium", "rv": "right ventricle", "ra": "right atrium", "ivc": "inferior vena cava",
    "root": "aortic root", "ascending": "ascending aorta", "descending": "descending aorta", "femoral": "femoral artery",
    "pa": "pulmonary artery",
}  # fmt: skip


def _from_to(one: Placed) -> str:
    return f"from {PLAIN[one.inlet]} to {PLAIN[one.outlet]}"


ROUTES: dict[str, Callable[[Placed], str]] = {
    "lvad": _from_to,
    "transvalvular": _from_to,
    "extracorporeal": _from_to,
    "balloon": lambda one: "in the descending aorta",
    "chambers": lambda one: "beside the heart",
    "catheter": lambda one: "outside the body, on a catheter across the aortic valve",
    "heart": lambda one: "in place of both ventricles",
}


def _in_words(one: Placed, numbers: Block) -> str:
    found = [name for name in one.quantities if name in numbers]
    return "".join(f", {label_of(n).words.lower()} {shown(n, numbers[n]['value'])} {unit_words(numbers[n]['unit'])}" for n in found)


def _colour(numbers: Block, name: str) -> str:
    return blood(float(numbers[name]["value"])) if name in numbers else "var(--edge)"


def _vessels() -> str:
    pairs = ((LUNG_VEINS, 11), (CAVA, 25), (AORTA, 30), (PULMONARY, 22))
    common = 'fill="none" stroke-linecap="butt" stroke-linejoin="round"'
    return "".join(
        f'<path d="{path}" {common} stroke="var(--skin)" stroke-width="{width + 3}"/>'
        f'<path d="{path}" {common} stroke="var(--organ)" stroke-width="{width}"/>'
        for path, width in pairs
    )


def _chambers(heart: bool) -> str:
    look = 'fill="var(--organ)" stroke="var(--skin)" stroke-width="1.75"'
    atria = f"{LA} {look}/>{RA} {look}/>"
    return atria if heart else f'{atria}<path d="{LV}" {look}/><path d="{RV}" {look}/>'


def _names(heart: bool) -> list[str]:
    found = [_text(120, 218, "RA"), _text(296, 222, "LA"), _text(220, 118, "PA"), _text(448, 120, "Ao")]
    return found if heart else [*found, _text(172, 300, "RV"), _text(318, 300, "LV")]


def _line(path: str, colour: str, width: float, dash: str = "") -> str:
    look = f'fill="none" stroke-linecap="round" stroke-linejoin="round"{dash}'
    edge = f'<path d="{path}" {look} stroke="var(--tube)" stroke-width="{width + 3:g}"/>'
    return edge + f'<path d="{path}" {look} stroke="{colour}" stroke-width="{width:g}"/>'


def _rotor(x: float, y: float, radius: float = 22.0) -> str:
    vanes = "".join(
        f'<path transform="translate({x:g} {y:g}) rotate({turn}) scale({radius / 30:.2f})" d="M0-5C10-8 17-3 20 8" fill="none" '
        'stroke="var(--t2)" stroke-width="2.5"/>'
        for turn in (0, 90, 180, 270)
    )
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="var(--paper)" stroke="var(--tube)" stroke-width="1.75"/>{vanes}'


def _lvad(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    """A pump at the wall of the heart: at the apex, or beside the right atrium."""
    (x, y), (a, b) = PLACES[one.inlet], PLACES[one.outlet]
    if one.side == "right":
        lines = [f"M{x} {y}C100 {y + 20} 66 290 60 320", f"M42 330C-4 300 6 150 60 118C90 104 120 112 {a} {b}"]
        return "".join(_line(line, ink["right"], 10) for line in lines) + _rotor(56, 338) + _number(one, numbers, -24, 388)
    graft = f"M322 442C396 444 400 372 398 300C396 214 340 {b + 6} {a + 6} {b}"
    if one.outlet in ("descending", "femoral"):
        graft = f"M322 442C380 446 400 {b + 40} {a} {b}"
    return _line(f"M{x} {y}L302 424", ink["left"], 12) + _line(graft, ink["left"], 10) + _rotor(302, 444) + _number(one, numbers, 196, 486)


def _transvalvular(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    """A catheter with its pump: across the aortic valve from the groin, or from the vena cava through the right heart."""
    if one.side == "right":
        path = "M138 500V356C138 300 140 270 156 274C196 286 206 262 206 214V136"
        pump = "M138 412V356C138 300 140 270 156 274C196 286 206 262 206 214V150"
        ends = _hole(138, 372, ink["right"]) + _hole(206, 150, ink["right"])
        thin = _line(path, "var(--t2)", 2)
        return thin + _line(pump, ink["right"], 7) + _body(138, 424, 138, 404) + ends + _number(one, numbers, 0, 440)
    thin = _line("M425 500V138Q425 62 348 62H334Q262 62 262 134V214C262 290 268 330 284 352C298 372 286 386 276 374", "var(--t2)", 2)
    pump = _line("M262 208V214C262 280 266 318 278 344", ink["left"], 8)
    ends = _hole(278, 342, ink["left"]) + _hole(262, 212, ink["left"])
    return thin + pump + _body(262, 204, 262, 178) + ends + _number(one, numbers, 446, 330)


def _body(x: float, y: float, to_x: float, to_y: float) -> str:
    """The motor of a catheter pump."""
    return f'<path d="M{x} {y}L{to_x} {to_y}" stroke="var(--tube)" stroke-width="11" stroke-linecap="round"/>'


def _hole(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="6" fill="{colour}" stroke="var(--paper)" stroke-width="1.75"/>'


def _extracorporeal(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    """A pump outside the body: through the septum of the atria and back to the leg, or through the neck to the pulmonary artery."""
    if one.side == "right":
        drain, back = "M130 226V44Q130 28 114 28H60Q20 28 20 66V96", "M42 118H70Q146 118 146 80V240C146 280 206 300 206 240V136"
        lines = _line(drain, ink["right"], 7) + _line(back, ink["right"], 6)
        return lines + _rotor(20, 118) + _number(one, numbers, -24, 168)
    drain = "M330 222C270 226 190 218 146 262C138 270 138 290 138 310V452Q138 470 120 470H60"
    back = "M38 492C44 512 80 508 120 508H390Q425 508 425 488V452"
    lines = _line(drain, ink["left"], 9) + _line(back, ink["left"], 9)
    return lines + _rotor(38, 470) + _number(one, numbers, -24, 434)


def _balloon(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    """A balloon between the arch and the vessels of the kidneys."""
    thin = _line("M425 500V150", "var(--t2)", 2)
    body = '<rect x="415" y="160" width="20" height="200" rx="10" fill="var(--paper)" stroke="var(--tube)" stroke-width="1.75"/>'
    return thin + body + '<path d="M425 166V354" stroke="var(--t2)" stroke-width="2"/>' + _number(one, numbers, 446, 250)


def _chambers_beside(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    found = ""
    for side in ("left", "right"):
        if one.side not in (side, "both"):
            continue
        mine = one._replace(quantities=tuple(name for name in one.quantities if f"_{side}_" in name))
        if side == "left":
            lines = ["M300 392C320 470 470 470 500 372", "M500 300C500 170 380 190 268 168"]
            x, at = 508, (452, 474)
        else:
            lines = ["M128 240C84 250 60 270 40 306", "M16 306C-10 180 60 116 166 112"]
            x, at = 26, (-24, 436)
        found += "".join(_line(line, ink[side], 9) for line in lines) + _sac(x, 336, ink[side]) + _number(mine, numbers, *at)
    return found


def _catheter_chamber(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    """A chamber outside the body on one catheter, through the aorta to the left ventricle, with a valve in the ascending aorta."""
    line = _line("M494 440C470 500 425 500 425 452V138Q425 62 348 62H334Q262 62 262 134V214C262 280 266 318 278 344", ink["left"], 7)
    ends = _hole(278, 342, ink["left"]) + _hole(262, 168, ink["left"])
    return line + ends + _sac(506, 402, ink["left"]) + _number(one, numbers, 452, 340)


def _sac(x: float, y: float, colour: str) -> str:
    """A chamber with its membrane: blood above, air below, and the line to the drive."""
    out = x + 38 if x > 200 else x - 38
    air = f'<path d="M{x} {y + 40}V{y + 64}H{out}" fill="none" stroke="var(--t2)" stroke-width="1.5" stroke-dasharray="4 4"/>'
    return (
        f'{air}<ellipse cx="{x}" cy="{y}" rx="34" ry="40" fill="var(--paper)" stroke="var(--tube)" stroke-width="1.75"/>'
        f'<path d="M{x - 33} {y}C{x - 20} {y + 26} {x + 20} {y + 26} {x + 33} {y}A34 40 0 0 0 {x - 33} {y}Z" fill="{colour}"/>'
    )


def _heart(one: Placed, ink: Mapping[str, str], numbers: Block) -> str:
    """Two chambers on the atria and the great vessels."""
    joints = ("M150 270L176 288", "M328 240L320 280"), ("M204 208V276", "M262 258L286 288")
    found = "".join(_line(joint, ink[side], 14) for pair in joints for joint, side in zip(pair, ("right", "left"), strict=True))
    for ellipse, x, side in zip(SACS, (200, 306), ("right", "left"), strict=True):
        found += f'{ellipse} fill="var(--paper)" stroke="var(--tube)" stroke-width="1.75"/>'
        found += f'<path d="M{x - 45} 332C{x - 26} 366 {x + 26} 366 {x + 45} 332A46 62 0 0 0 {x - 45} 332Z" fill="{ink[side]}"/>'
        found += f'<path d="M{x} 394V440H{x + (60 if side == "left" else -60)}" fill="none" stroke="var(--t2)" stroke-dasharray="4 4"/>'
    return found + _number(one, numbers, 196, 486)


DRAWN: dict[str, Callable[[Placed, Mapping[str, str], Block], str]] = {
    "lvad": _lvad, "transvalvular": _transvalvular, "extracorporeal": _extracorporeal, "balloon": _balloon, "chambers": _chambers_beside,
    "catheter": _catheter_chamber, "heart": _heart,
}  # fmt: skip


def _number(one: Placed, numbers: Block, x: float, y: float) -> str:
    """The device's flow, or a balloon's augmented pressure, beside it."""
    found = [name for name in one.quantities if name in numbers]
    if not found:
        return ""
    values = " / ".join(shown(name, numbers[name]["value"]) for name in found)
    unit = html.escape(unit_words(numbers[found[0]]["unit"]))
    return (
        f'<text x="{x:g}" y="{y:g}" fill="var(--t1)" font-size="25" font-weight="600">{values}'
        f'<tspan dx="4" fill="var(--t3)" font-size="17" font-weight="400">{unit}</tspan></text>'
    )


def _text(x: float, y: float, words: str, size: int = 17) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="var(--t2)" font-size="{size}">{html.escape(words)}</text>'
