"""What the monitor draws: signals of the engine as its sensors give them, at 200 Hz, and the numbers that are read from them.

Numbers come from the drawn samples, once a second of simulated time, so that a number never says anything else than its wave.
How a run is cut into pieces changes nothing: filters and buffers go on where they stopped.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.bedside.filters import low_pass
from perfuse.bedside.tables import table
from perfuse.results.numerics import OXIMETER_LAG, OXIMETER_PULSE

Array = NDArray[np.float64]
RATE = 200  # drawn samples per second
PER_STEP = 4  # samples per engine step of 0.02 s
KEPT = 24  # s of samples from which numbers are read
SIZE = RATE * KEPT
BEATS = 10  # s in which beats are counted
SPACE = RATE * 40

SITES = {"right radial": "P_radial", "left radial": "P_left_radial", "femoral": "P_femoral"}
"""Where an arterial line may lie, and which pressure it sees."""
HANDS = {"right_hand": "P_radial", "left_hand": "P_left_radial", "foot": "P_femoral"}
"""Where oximeters sit, and the pulse that reaches them."""
SATURATIONS = {"right_hand": "SaO2_right_radial", "left_hand": "SaO2_left_radial", "foot": "SaO2_femoral"}
CHANNELS = ("ECG", "ART", "CVP", "PAP", "CO2", "PLETH_right_hand", "PLETH_left_hand", "PLETH_foot", *SITES.values(), "P_ven")
_AT = {name: i for i, name in enumerate(CHANNELS)}

SLOW: float = 1.0 - np.exp(-2.0 * np.pi * 0.35 / RATE)  # follows the mean that a pleth does not show, 0.35 Hz
SMOOTH = 1.0 - np.exp(-2.0 * np.pi * 4.0 / RATE)  # what vessels and probe leave of the pulse, 4 Hz twice
FULL_PULSE = 40.0  # mmHg of pulse pressure that fill the row of a pleth (assumed)
ONSET = 0.5  # mV: an R wave stands out of everything else
APNOEA = 2.0  # mmHg of CO2: below it no air of the lungs reaches the mouth
SWING = 40.0  # mmHg of drainage pressure within 4 s: the line chatters (assumed)
DAMPED = (8.0, 0.8)  # Hz of an arterial line that is a little and fully damped (assumed)


class Monitor:
    """Sensors and the samples they drew last. `sensors`: faults of sensors by the names of sensors.yaml."""

    def __init__(self, art_site: str) -> None:
        self.art_site = art_site
        self.sensors: dict[str, float] = {name: float(entry["value"]) for name, entry in table("sensors").items()}
        self.count = 0  # samples since the beginning
        self._space = np.full((len(CHANNELS), SPACE), np.nan, dtype=np.float32)
        self._end = self._ago = 0
        self._filters = np.zeros((len(HANDS) + 1, 2))
        self._begun = False
        self._saturation: dict[str, list[float]] = {place: [] for place in HANDS}
        self._shown: dict[str, float] = {}

    def draw(self, signals: Mapping[str, Array]) -> dict[str, Array]:
        """Take the engine's signals of the next samples; return what is drawn of them."""
        s, self._ago = self.sensors, 0
        samples = len(signals["ECG"])
        drawn: dict[str, Array] = {"ECG": signals["ECG"] if s["ecg_off"] < 0.5 else np.zeros(samples)}
        sites = [signals[name] for name in SITES.values()]
        if not self._begun:
            self._begin([*sites, signals[SITES[self.art_site]]])
        drawn["ART"] = self._damped(signals[SITES[self.art_site]]) + s["art_zero"]
        drawn["CVP"] = signals["P_RA"] + s["cvp_zero"]
        drawn["PAP"] = signals["P_PA"]
        drawn["CO2"] = signals["CO2"] if s["co2_blocked"] < 0.5 else np.zeros(samples)
        for i, place in enumerate(HANDS):
            drawn[f"PLETH_{place}"] = self._pleth(i, sites[i])
        drawn |= dict(zip(SITES.values(), sites, strict=True))
        drawn["P_ven"] = signals["P_ven"] + s["p_ven_zero"] if "P_ven" in signals else np.full(samples, np.nan)
        self._keep(np.array([drawn[name] for name in CHANNELS]))
        return {**signals, **drawn}

    def _begin(self, levels: list[Array]) -> None:
        """Filters begin at what they see first, not at zero."""
        for i, wave in enumerate(levels):
            self._filters[i] = wave[0], 0.0
        self._begun = True

    def _damped(self, wave: Array) -> Array:
        """The arterial line: a first-order low pass whose corner falls with the fault's severity."""
        severity, state = self.sensors["art_damping"], self._filters[-1]
        if severity <= 0.0:
            state[0] = wave[-1]
            return wave
        corner = DAMPED[0] * (DAMPED[1] / DAMPED[0]) ** severity
        share = 1.0 - np.exp(-2.0 * np.pi * corner / RATE)
        out, state[0] = low_pass(wave, share, state[0])
        return out

    def _pleth(self, i: int, pressure: Array) -> Array:
        """Light through a finger: the pulse at the site without its mean, smoothed; 0 to 1 at a pulse of 40 mmHg."""
        state = self._filters[i]
        mean, state[0] = low_pass(pressure, SLOW, state[0])
        pulse, state[1] = low_pass(pressure - mean, SMOOTH, state[1])
        return 0.4 + pulse / FULL_PULSE

    def _keep(self, block: Array) -> None:
        samples = block.shape[1]
        if self._end + samples > SPACE:
            kept = self._space[:, self._end - SIZE : self._end].copy() if self._end >= SIZE else self._space[:, : self._end].copy()
            self._space[:, : kept.shape[1]] = kept
            self._end = kept.shape[1]
        self._space[:, self._end : self._end + samples] = block
        self._end += samples
        self.count += samples

    def _last(self, name: str, seconds: float) -> Array:
        end = self._end - self._ago
        return self._space[_AT[name], max(end - round(seconds * RATE), 0) : end].astype(np.float64)

    # -- numbers ---------------------------------------------------------------------------------------------------------

    def read(self, truth: Mapping[str, float], ago: int = 0) -> tuple[dict[str, float | None], dict[str, str]]:
        """Numbers at the end of a second, and why some are missing. `truth`: quantities of that moment, `ago` samples before the last."""
        s, self._ago = self.sensors, ago
        peaks = r_waves(self._last("ECG", BEATS))
        window = len(self._last("ECG", BEATS))
        v: dict[str, float | None] = {}
        why: dict[str, str] = {}
        v["HR"] = heart_rate(peaks, window)
        if v["HR"] is None:
            why["HR"] = "lead off" if s["ecg_off"] > 0.5 else "no heartbeat"
        for channel, names in (("ART", ("SBP", "DBP", "MAP")), ("PAP", ("PAS", "PAD", "mPAP"))):
            v.update(zip(names, pressures(self._last(channel, BEATS), peaks), strict=True))
        v["PP"] = None if v["SBP"] is None or v["DBP"] is None else v["SBP"] - v["DBP"]
        v["CVP"] = float(np.mean(self._last("CVP", BEATS)))
        v["EtCO2"], v["RR"] = breaths(self._last("CO2", KEPT))
        if v["EtCO2"] is None:
            why["EtCO2"] = "no breath"
        compressed = truth.get("compressions", 0.0) > 0.0
        for place, wave in HANDS.items():
            self._read_hand(place, wave, peaks, truth, compressed, v, why)
        return v, why

    def _read_hand(
        self,
        place: str,
        wave: str,
        peaks: NDArray[np.intp],
        truth: Mapping[str, float],
        compressed: bool,
        v: dict[str, float | None],
        why: dict[str, str],
    ) -> None:
        """An oximeter: the saturation of the blood that came 6 s ago, averaged; nothing without a pulse or off the finger."""
        name = f"SpO2_{place}"
        late = self._saturation[place]
        late.append(truth[SATURATIONS[place]])
        del late[: -OXIMETER_LAG // 2 - 1]
        level = self._shown.get(place, late[0])
        self._shown[place] = level + (late[0] - level) / (OXIMETER_LAG / 2)
        high, low, _ = pressures(self._last(wave, BEATS), peaks)
        pulse = high - low
        if self.sensors[f"spo2_{place.removesuffix('_hand')}_off"] > 0.5:
            v[name], why[name] = None, "probe off"
        elif pulse < OXIMETER_PULSE and not compressed:
            v[name], why[name] = None, "no pulse wave"
        else:
            v[name] = self._shown[place]

    @property
    def chatters(self) -> bool:
        """Whether the drainage pressure swings as that of a line that sucks the vein shut and lets it go."""
        wave = self._last("P_ven", 4)
        return bool(np.isfinite(wave).all() and wave.size > RATE and np.ptp(wave) > SWING)

    @property
    def drainage(self) -> float | None:
        """Drainage pressure, mean of the last second; None without a circuit."""
        wave = self._last("P_ven", 1)
        return float(wave.mean()) if wave.size and np.isfinite(wave).all() else None

    # -- snapshots -------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything that decides what comes next."""
        return {
            "art_site": self.art_site,
            "sensors": dict(self.sensors),
            "count": self.count,
            "beats": self._space[:, max(self._end - BEATS * RATE, 0) : self._end].copy(),
            "breaths": self._space[_AT["CO2"], max(self._end - SIZE, 0) : self._end].copy(),
            "filters": self._filters.copy(),
            "begun": self._begun,
            "saturation": {place: list(values) for place, values in self._saturation.items()},
            "shown": dict(self._shown),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state()`."""
        self.art_site, self.sensors, self.count = state["art_site"], dict(state["sensors"]), state["count"]
        beats, breathed = state["beats"], state["breaths"]
        self._end = breathed.size
        self._space[:, : self._end] = np.nan
        self._space[:, self._end - beats.shape[1] : self._end] = beats
        self._space[_AT["CO2"], : self._end] = breathed
        self._filters, self._begun = state["filters"].copy(), state["begun"]
        self._saturation = {place: list(values) for place, values in state["saturation"].items()}
        self._shown = dict(state["shown"])


def r_waves(ecg: Array) -> NDArray[np.intp]:
    """Samples at which an R wave rises."""
    high = ecg > ONSET
    return np.flatnonzero(high[1:] & ~high[:-1]) + 1


def heart_rate(peaks: NDArray[np.intp], window: int) -> float | None:
    """Beats per minute over the last eight beats; None without two beats, or when the last is too long ago."""
    some = peaks[-9:]
    if some.size < 2 or window - some[-1] > 2.0 * (some[-1] - some[-2]) + RATE:
        return None
    return float(60.0 * RATE * (some.size - 1) / (some[-1] - some[0]))


def pressures(wave: Array, peaks: NDArray[np.intp]) -> tuple[float, float, float]:
    """Highest, lowest and mean pressure of the beats of the last 10 s, twelve at most; without beats, of the last 4 s."""
    some = peaks[-13:]
    if some.size < 2 or wave.size - some[-1] > 3 * RATE:
        late = wave[-4 * RATE :]
        return float(late.max()), float(late.min()), float(late.mean())
    part = wave[: some[-1]]
    tops, lows = np.maximum.reduceat(part, some[:-1]), np.minimum.reduceat(part, some[:-1])
    return float(tops.mean()), float(lows.mean()), float(part[some[0] :].mean())


def breaths(co2: Array) -> tuple[float | None, float | None]:
    """End-tidal CO2 (mmHg) of the last whole breath and breaths per minute, from the capnogram; None where nothing is breathed."""
    high = co2 > APNOEA
    ends = np.flatnonzero(high[:-1] & ~high[1:]) + 1
    if ends.size == 0 or co2.size - ends[-1] > 20 * RATE:
        return None, 0.0
    begin = ends[-2] if ends.size > 1 else 0
    rate = 60.0 * RATE * (ends.size - 1) / (ends[-1] - ends[0]) if ends.size > 1 else 60.0 * RATE / max(co2.size, 1)
    return float(co2[begin : ends[-1]].max()), float(rate)
