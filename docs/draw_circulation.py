"""The circulation, drawn from the table of vessels: `python docs/draw_circulation.py` writes docs/pictures/circulation.svg.

Right heart and veins stand on the left, left heart and arteries on the right, as one looks at a patient; capillary beds lie between.
A vessel that is added to the table appears here by itself.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib

from perfuse.physiology.network import NETWORK, Network
from perfuse.physiology.valves import septal_flow, valve

matplotlib.use("Agg")
from matplotlib import pyplot as plt

PICTURE = Path(__file__).resolve().parent / "pictures" / "circulation.svg"
VENOUS, ARTERIAL, INK, GREY = "#3b6ea8", "#b03a3a", "#333333", "#888888"
At = tuple[float, float]
HEART: dict[str, At] = {"pa": (1.4, 2.6), "pv": (3.6, 2.6), "rv": (0.7, 1.7), "la": (4.3, 1.7), "ra": (1.4, 0.8), "lv": (3.6, 0.8)}
plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "perfuse", "font.size": 7})


def mean(values: Iterable[float]) -> float:
    """Mean of what there is at least one of."""
    found = list(values)
    return sum(found) / len(found)


def positions(net: Network) -> dict[str, At]:
    """Where every compartment and bed stands: arteries downward as the table has them, beds beside them, a vein beside what it drains."""
    fed = {edge.outlet for edge in net.edges if edge.inertia} | {bed.inlet for bed in net.beds}
    arteries = [place for place in net.places if place in fed and place not in HEART]
    found = HEART | {place: (5.2, 0.2 - 0.75 * row) for row, place in enumerate(arteries)}
    beds = sorted(net.beds, key=lambda bed: -found[bed.inlet][1])
    top, bottom = found[arteries[0]][1], found[arteries[-1]][1]
    found |= {bed.name: (3.0, top - (top - bottom) * row / (len(beds) - 1)) for row, bed in enumerate(beds)}
    veins = [place for place in net.places if place not in found]
    drained = {place: [edge.name for edge in net.beds if edge.outlet == place] for place in veins}
    cavae = [place for place in veins if any(edge.inlet == place and edge.outlet == "ra" for edge in net.edges)]
    found |= {place: (1.3, mean(found[bed][1] for bed in drained[place])) for place in veins if drained[place] and place not in cavae}
    found |= {
        place: (-0.3, mean(found[edge.inlet][1] for edge in net.edges if edge.outlet == place and edge.inlet in found)) for place in cavae
    }
    return found


def arrow(axes: Any, start: At, end: At, colour: str, style: str = "-") -> None:
    """Blood's way, a little short of both ends."""
    axes.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": style, "shrinkA": 14, "shrinkB": 14, "linewidth": 0.9},
    )


def draw(net: Network) -> None:
    """One picture that is the same on every machine."""
    at = positions(net)
    figure, axes = plt.subplots(figsize=(7.4, 8.2), layout="constrained")
    axes.axis("off")
    for edge in net.edges:
        colour = ARTERIAL if at[edge.inlet][0] > 2.5 else VENOUS
        if edge.bed:
            x, y = at[edge.name]
            arrow(axes, at[edge.inlet], (x + 0.3, y), ARTERIAL)
            arrow(axes, (x - 0.3, y), at[edge.outlet], VENOUS)
            axes.text(x, y, f"{edge.name} {100 * edge.bed:.0f} %", ha="center", va="center", color=INK)
            continue
        arrow(axes, at[edge.inlet], at[edge.outlet], colour, ":" if edge.law is septal_flow else "-")
        if edge.law is valve:
            middle = [mean(pair) for pair in zip(at[edge.inlet], at[edge.outlet], strict=True)]
            axes.text(*middle, "⋈", ha="center", va="center", color=INK, fontsize=9)
    for place in net.compartments:
        frame = {
            "boxstyle": "round",
            "facecolor": "white",
            "edgecolor": INK if place.port else GREY,
            "linewidth": 1.4 if place.port else 0.7,
        }
        axes.text(*at[place.name], place.name, ha="center", va="center", color=INK, bbox=frame)
    axes.set_xlim(-0.9, 5.9)
    axes.set_ylim(min(y for _, y in at.values()) - 0.4, 3.0)
    figure.text(
        0.995, 0.002, "thick frames: where devices drain or give. perfuse. Not for clinical use", ha="right", fontsize=6, color=GREY
    )
    figure.savefig(PICTURE, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    PICTURE.write_text("\n".join(line.rstrip() for line in PICTURE.read_text(encoding="utf-8").splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    draw(NETWORK)
