"""Pictures of the devices of the heart, drawn from the library: `python docs/draw_curves.py` writes docs/pictures/devices/NAME.svg.

Lines are the equation of the library, dots are published points (in the colour of their speed), dashed lines are an assumed curve,
a grey band is what a cohort samples (one standard deviation) at the usual speed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from perfuse.engine.pump_curves import head
from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.devices import Pump
from perfuse.parameters.library import device_kind, load_pump, running_pumps

matplotlib.use("Agg")
from matplotlib import pyplot as plt

PICTURES = Path(__file__).resolve().parent / "pictures" / "devices"
INK, GREY = "#333333", "#888888"
FLOWS = [-3.0 + 0.2 * i for i in range(76)]
plt.rcParams.update(
    {"svg.fonttype": "none", "svg.hashsalt": "perfuse", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
)


def speeds(pump: RotaryPump | Pump) -> list[float]:
    """Speeds worth a line: every level, the speeds of published points, or six steps of the usual range."""
    if isinstance(pump, RotaryPump) and pump.levels:
        return list(pump.levels)
    seen = sorted({point.values[0] for point in pump.points_seen})
    if len(seen) >= 3:
        return [0.0, *seen]
    low, high = float(pump.rpm_min or 0.0), float(pump.rpm_max or 0.0)
    steps = {round((low + (high - low) * i / 4) / 100) * 100.0 for i in range(5)}
    return [0.0, *sorted((steps | set(seen)) - {0.0})]


def frame(title: str, x: str, y: str) -> tuple[Any, Any]:
    """An empty picture."""
    figure, axes = plt.subplots(figsize=(6.0, 3.7), layout="constrained")
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e5e5e5", linewidth=0.6)
    figure.text(0.995, 0.005, "perfuse. Not for clinical use", ha="right", va="bottom", fontsize=6, color=GREY)
    return figure, axes


def save(figure: Any, name: str) -> None:
    """Write a picture that is the same on every machine."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    path.write_text("\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()) + "\n", encoding="utf-8")


def pump_picture(pump: RotaryPump | Pump) -> None:
    """Head against flow at each speed, with the published points."""
    levels = isinstance(pump, RotaryPump) and bool(pump.levels)
    what = "assumed curve" if pump.assumed else "equation of the library"
    figure, axes = frame(f"{pump.title.split(' (')[0]}: {what}", "flow, L/min", "head, mmHg")
    lines = speeds(pump)
    colours = dict(zip(lines, plt.get_cmap("viridis")([0.9 * i / max(len(lines) - 1, 1) for i in range(len(lines))]), strict=True))
    top = max(head(pump, rpm, 0.0) for rpm in lines)
    right = 1.1 * float(pump.flow_max or 10.0)
    if isinstance(pump, RotaryPump):
        band(axes, pump, right)
    for i, rpm in enumerate(lines):
        inside = [(q, head(pump, rpm, q)) for q in FLOWS if q <= right and -0.1 * top <= head(pump, rpm, q) <= 1.25 * top]
        label = f"P-{i}  {rpm:,.0f} rpm" if levels else f"{rpm:,.0f} rpm" if rpm else "stopped"
        axes.plot(*zip(*inside, strict=True), color=colours[rpm], linewidth=1.3, linestyle="--" if pump.assumed else "-", label=label)
    for rpm, flow, at in published(pump):
        axes.plot(flow, at, "o", color=colours.get(rpm, INK), markersize=4, markeredgecolor="white", markeredgewidth=0.4)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.set_xlim(-3.0, right)
    axes.set_ylim(-0.1 * top, 1.25 * top)
    axes.legend(fontsize=6.5, frameon=False, loc="upper right")
    save(figure, pump.name)


def band(axes: Any, pump: RotaryPump, right: float) -> None:
    """One standard deviation of the head at the usual speed."""
    rpm = pump.usual_rpm.value
    rise = pump.curve_spread.value * head(pump, rpm, 0.0)
    inside = [q for q in FLOWS if 0.0 <= q <= right and head(pump, rpm, q) >= 0.0]
    middle = [head(pump, rpm, q) for q in inside]
    axes.fill_between(inside, [h - rise for h in middle], [h + rise for h in middle], color="#dddddd", linewidth=0, zorder=0)


def published(pump: RotaryPump | Pump) -> Sequence[tuple[float, ...]]:
    """Speed, flow and head of the published points, those of level tables by the speed of their level."""
    tables = pump.level_points if isinstance(pump, RotaryPump) else ()
    by_level = [(pump.levels[int(point.values[0])], *point.values[1:]) for point in tables] if isinstance(pump, RotaryPump) else []
    return [point.values for point in pump.points_seen] + by_level


def balloons_picture() -> None:
    """Volume of each balloon over one beat of 0.75 s, timed ideally."""
    figure, axes = frame("Balloons: volume over one beat of 80 per min, ideal timing", "time after the R wave, s", "volume, mL")
    notch, beat = 0.33, 0.75
    for balloon in device_kind("balloons").values():
        assert isinstance(balloon, Balloon)
        volume, begin = balloon.volume.value, notch - balloon.inflation_lead.value
        times = [0.0, balloon.empty_time.value, begin, begin + balloon.fill_time.value, beat]
        axes.plot(times, [volume, 0.0, 0.0, volume, volume], linewidth=1.3, label=balloon.title)
    axes.axvline(notch, color=GREY, linewidth=0.8, linestyle=":")
    axes.text(notch + 0.005, 1.0, "dicrotic notch", fontsize=7, color=GREY)
    axes.set_xlim(0.0, beat)
    axes.legend(fontsize=7, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.08))
    save(figure, "balloons")


def chambers_picture() -> None:
    """Flow of each chamber that fills and empties wholly, over its range of rates, and its default."""
    figure, axes = frame("Chambers that fill and empty wholly: flow = volume x rate", "rate, per min", "flow, L/min")
    for pump in device_kind("pulsatile_pumps").values():
        assert isinstance(pump, PulsatilePump)
        rates = [pump.rate_min.value, pump.rate_max.value]
        whole = pump.kind == "total_artificial_heart"
        (line,) = axes.plot(
            rates, [pump.volume.value * r / 1000 for r in rates], linewidth=1.3, linestyle="--" if whole else "-", label=pump.title
        )
        axes.plot(pump.rate.value, pump.flow_full, "o", markersize=4, color=line.get_color())
        if pump.flow_max is not None:
            axes.plot(rates[-1], pump.flow_max.value, "_", markersize=9, color=line.get_color())
    axes.legend(fontsize=6.5, frameon=False, loc="upper left")
    save(figure, "pulsatile_pumps")


def main() -> None:
    """Draw everything."""
    for pump in device_kind("rotary_pumps").values():
        assert isinstance(pump, RotaryPump)
        pump_picture(pump)
    for name in running_pumps():
        pump_picture(load_pump(name))
    balloons_picture()
    chambers_picture()


if __name__ == "__main__":
    main()
