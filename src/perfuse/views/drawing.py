"""From a matplotlib figure to a piece of a page: small, without network, in the page's own type and colours."""

import html
import io
import re
from typing import TYPE_CHECKING

from perfuse.views.colours import LIGHT, as_variables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = ("-", (0, (5, 2)), (0, (1, 1.6)), (0, (7, 2, 1, 2)), (0, (3, 1.2, 1, 1.2, 1, 1.2)))
"""Line styles in order: whole, dashed, dotted, dash-dot, dash-dot-dot; the second carrier beside colour."""

_SETTINGS = {
    "svg.fonttype": "none", "svg.hashsalt": "perfuse", "font.size": 12.0, "axes.linewidth": 1.0, "path.simplify_threshold": 0.4,
    "axes.edgecolor": LIGHT["edge"], "axes.labelcolor": LIGHT["t2"], "xtick.color": LIGHT["edge"], "ytick.color": LIGHT["edge"],
    "xtick.labelcolor": LIGHT["t2"], "ytick.labelcolor": LIGHT["t2"], "text.color": LIGHT["t1"], "figure.facecolor": "none",
    "axes.facecolor": "none", "axes.spines.top": False, "axes.spines.right": False, "grid.color": LIGHT["rule"], "grid.linewidth": 1.0,
    "axes.unicode_minus": True, "xtick.major.size": 3.0, "ytick.major.size": 3.0,
}  # fmt: skip


def paper(width: float, height: float) -> "Figure":
    """An empty figure of so many pixels; no window is ever opened."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72.0, height / 72.0), dpi=72)
    FigureCanvasAgg(figure)
    return figure


def settings() -> dict[str, object]:
    """The look, for `matplotlib.rc_context`."""
    return dict(_SETTINGS)


def calm(axes: "Axes") -> None:
    """Thin rules behind the curves, few ticks."""
    from matplotlib.ticker import MaxNLocator

    axes.set_axisbelow(True)
    axes.grid(True, axis="y")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))


def svg(figure: "Figure", key: str, description: str) -> str:
    """The figure as inline SVG; `key` keeps its identifiers apart from those of other figures on the page."""
    from matplotlib import rc_context

    page = io.StringIO()
    with rc_context(settings()):  # type: ignore[arg-type]
        figure.savefig(page, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = page.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", text)
    text = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{key}-\1"', text)
    text = re.sub(r"-?\d+\.\d{3,}", lambda hit: f"{float(hit[0]):.1f}", text)
    text = re.sub(r"font-family: [^;\"]+;? ?", "", text)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.S)  # it would change every drawing of the page
    text = re.sub(r"(<text[^>]*>)([^<]*)</text>", lambda hit: f"{hit[1]}{lowered(hit[2])}</text>", text)
    head = re.search(r'viewBox="([^"]+)"', text)
    if head is None:
        raise ValueError("the figure has no size")
    body = text[text.index(">") + 1 :]
    body = re.sub(r"\n\s*", "\n", body)
    label = html.escape(description, quote=True)
    return as_variables(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{head[1]}" role="img" aria-label="{label}" stroke-linejoin="round">{body}'
    )


def lowered(text: str) -> str:
    """Subscripts: `P_ven 12` becomes P with a small low "ven"."""
    return re.sub(r"_(\w+)", r'<tspan dy="3" font-size="78%">\1</tspan><tspan dy="-3">&#8203;</tspan>', text)
