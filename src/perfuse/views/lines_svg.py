"""A few strokes of SVG for figures made of lines and words: positions in pixels, colours as variables of the page."""

import html
import re
from collections.abc import Sequence
from math import floor, log10

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE
from perfuse.views.colours import DARK, LIGHT

FONT = '"Segoe UI", "SF Pro Text", Roboto, Inter, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif'


def words(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "t1", size: float = 13.0, bold: bool = False) -> str:
    """A line of text whose baseline is at y."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="var(--{colour})"{weight}>'
        f"{html.escape(text)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = "t1", width: float = 1.0, dash: str = "") -> str:
    """A straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="var(--{colour})" stroke-width="{width:g}"{dashes}/>'


def shape(points: Sequence[tuple[float, float]], *, fill: str = "t1", edge: str = "") -> str:
    """A filled polygon."""
    stroke = f' stroke="var(--{edge})"' if edge else ""
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{corners}" fill="var(--{fill})"{stroke}/>'


def square(x: float, y: float, half: float, *, fill: str = "t1") -> str:
    """A square around a point."""
    return f'<rect x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:.1f}" height="{2 * half:.1f}" fill="var(--{fill})"/>'


def drawing(width: float, height: float, description: str, parts: Sequence[str]) -> str:
    """The parts as one picture with its description."""
    label = html.escape(description, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def standalone(svg: str) -> str:
    """A picture of a page as a file of its own: size, colours for light and dark, a ground, and the safety line below."""
    box = re.search(r'viewBox="([\d.\- ]+)"', svg)
    if box is None:
        raise ValueError("the picture has no size")
    left, top, width, height = (float(number) for number in box[1].split())
    light = "".join(f"--{name}:{value};" for name, value in LIGHT.items())
    dark = "".join(f"--{name}:{value};" for name, value in DARK.items())
    style = (
        f"<style>:root{{{light}color-scheme:light dark}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"text{{font-family:{html.escape(FONT, quote=False)}}}</style>"
    )
    ground = f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height + 26:g}" fill="var(--paper)"/>'
    foot = words(left + 8, top + height + 16, NOT_FOR_CLINICAL_USE, colour="t2", size=12, bold=True)
    head = svg[: svg.index(">")].replace(box[0], f'viewBox="{left:g} {top:g} {width:g} {height + 26:g}"')
    body = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    return f'{head} width="{width:g}" height="{height + 26:g}">{style}{ground}{body}{foot}</svg>\n'


def ratio_ticks(low: float, high: float) -> list[float]:
    """Round ratios between two limits: 1, 2, 5 of each decade, fewer where that is many."""
    decades = range(floor(log10(low)), floor(log10(high)) + 2)
    found = [m * 10.0**d for d in decades for m in (1, 2, 5) if low <= m * 10.0**d * (1 + 1e-9) and m * 10.0**d <= high * (1 + 1e-9)]
    if len(found) > 9:
        found = [t for t in found if abs(log10(t) - round(log10(t))) < 1e-9]
    if len(found) < 3:
        found = [t for t in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0) if low <= t <= high]
    return found


def plain_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two limits."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))
    first = -floor(-low / step)
    return [i * step for i in range(first, floor(high / step + 1e-9) + 1)]
