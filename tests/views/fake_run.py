"""A run that was never simulated: plausible numbers in the shape of the contract, so that views can be tested alone."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from perfuse.parameters.safety import SAFETY_TEXT

START = 300.0

UNITS = {
    "HR": "1/min", "SBP": "mmHg", "DBP": "mmHg", "MAP": "mmHg", "CVP": "mmHg", "mPAP": "mmHg", "PCWP": "mmHg", "CO": "L/min",
    "total_flow": "L/min", "SV": "mL", "LVEF": "%", "LVEDV": "mL", "LVEDP": "mmHg", "RVEDV": "mL", "SVR": "mmHg.min/L",
    "SaO2_right_radial": "%", "SaO2_femoral": "%", "SaO2_coronary": "%", "SaO2_brain": "%", "SvO2": "%", "PaO2": "mmHg", "PaCO2": "mmHg",
    "pH": "1", "lactate": "mmol/L", "Hb": "g/dL", "DO2": "mL/min", "VO2": "mL/min", "ecmo_flow": "L/min", "pump_speed": "rpm",
    "P_ven": "mmHg", "P_int": "mmHg", "P_art": "mmHg", "dP": "mmHg", "S_pre": "%", "S_post": "%", "recirculation": "1", "sweep": "L/min",
    "FdO2": "1", "ecmo_VO2": "mL/min", "ecmo_VCO2": "mL/min", "VT": "mL", "RR": "1/min", "PEEP": "cmH2O", "Pplat": "cmH2O", "FiO2": "1",
}  # fmt: skip

BEFORE = {
    "HR": 104.0, "SBP": 118.2, "DBP": 58.4, "MAP": 76.9, "CVP": 11.3, "mPAP": 33.1, "PCWP": 12.6, "CO": 6.83, "total_flow": 6.83,
    "SV": 65.7, "LVEF": 61.4, "LVEDV": 107.0, "LVEDP": 11.8, "RVEDV": 146.0, "SVR": 9.6, "SaO2_right_radial": 81.3, "SaO2_femoral": 81.2,
    "SaO2_coronary": 81.3, "SaO2_brain": 81.3, "SvO2": 57.9, "PaO2": 49.7, "PaCO2": 61.2, "pH": 7.24, "lactate": 2.91, "Hb": 9.8,
    "DO2": 741.0, "VO2": 214.0, "VT": 402.0, "RR": 30.0, "PEEP": 12.0, "Pplat": 29.4, "FiO2": 1.0,
}  # fmt: skip

AFTER = BEFORE | {
    "HR": 92.0, "MAP": 79.6, "SBP": 119.4, "DBP": 61.3, "CVP": 9.4, "mPAP": 26.2, "CO": 6.21, "total_flow": 6.21, "SV": 67.5,
    "RVEDV": 131.0,
    "SaO2_right_radial": 92.6, "SaO2_femoral": 92.5, "SaO2_coronary": 92.6, "SaO2_brain": 92.6, "SvO2": 71.2, "PaO2": 66.4, "PaCO2": 43.1,
    "pH": 7.37, "lactate": 1.84, "Hb": 8.9, "DO2": 772.0, "ecmo_flow": 4.62, "pump_speed": 3450.0, "P_ven": -62.0, "P_int": 172.0,
    "P_art": 134.0, "dP": 38.0, "S_pre": 73.4, "S_post": 99.8, "recirculation": 0.11, "sweep": 4.5, "FdO2": 1.0, "ecmo_VO2": 158.0,
    "ecmo_VCO2": 171.0, "VT": 214.0, "RR": 12.0, "Pplat": 21.8, "FiO2": 0.4,
}  # fmt: skip

SITES = ("right radial", "femoral", "coronary", "brain", "pulmonary artery", "before membrane lung", "after membrane lung")


def drain(cannula: str, *sites: str) -> SimpleNamespace:
    """A drainage limb as a case states it."""
    return SimpleNamespace(cannula=cannula, site=dict.fromkeys(sites, 1.0 / len(sites)))


def back(cannula: str, site: str) -> SimpleNamespace:
    """A return limb as a case states it."""
    return SimpleNamespace(cannula=cannula, site=site, tip_distance=None)


LIMBS: dict[str, tuple[list[Any], list[Any]]] = {
    "vv": ([drain("hls_pvl_2555", "ivc")], [back("nextgen_jug_21", "ra")]),
    "va": ([drain("hls_pvl_2555", "ra", "ivc")], [back("hls_pas_1715", "femoral_artery")]),
    "vav": ([drain("hls_pvl_2555", "ivc")], [back("hls_pas_1715", "femoral_artery"), back("nextgen_jug_21", "ra")]),
    "vpa": ([drain("hls_pvl_2555", "ra")], [back("nextgen_jug_21", "pa")]),
}


@dataclass
class FakeRun:
    """Twenty minutes of VV-ECMO from minute five; `mode` and `support` can be changed to draw other circuits."""

    mode: str = "vv"
    limbs: tuple[list[Any], list[Any]] | None = None
    distal: bool = False
    status: dict[str, Any] = field(default_factory=lambda: {"ok": True, "text": "ok"})
    bedside: list[dict[str, Any]] | None = None
    seed: int = 1
    minutes: float = 20.0
    with_waveforms: bool = True
    title: str = "VV-ECMO in COVID-19 ARDS"
    case: Any = None
    patient: Any = None
    devices: list[Any] = field(default_factory=list)
    device_numbers: dict[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def support(self) -> SimpleNamespace | None:
        if self.mode == "none":
            return None
        drains, returns = self.limbs or LIMBS[self.mode]
        line = SimpleNamespace(cannula="dpc_dlp_6") if self.distal else None
        return SimpleNamespace(mode=self.mode, drain=drains, return_=returns, distal_perfusion=line, start=START)

    def summary(self) -> dict[str, Any]:
        def block(numbers: dict[str, float]) -> dict[str, dict[str, Any]]:
            return {name: {"value": value, "unit": UNITS[name]} for name, value in numbers.items()}

        def gas(po2: float, pco2: float, ph: float, so2: float) -> dict[str, float]:
            return {"PO2": po2, "PCO2": pco2, "pH": ph, "SO2": so2}

        arterial, venous = gas(49.7, 61.2, 7.24, 81.3), gas(33.8, 66.0, 7.21, 57.9)
        after = dict.fromkeys(SITES[:4], gas(66.4, 43.1, 7.37, 92.6)) | {
            SITES[4]: gas(39.0, 46.0, 7.35, 71.2), SITES[5]: gas(40.4, 45.2, 7.355, 73.4), SITES[6]: gas(412.0, 36.5, 7.42, 99.8),
        }  # fmt: skip
        return {
            "schema": "perfuse-run/1",
            "perfuse": "0.1.0",
            "physics_hash": "9f2c51d0a7be",
            "parameter_hash": "41d7e08bb32c",
            "seed": self.seed,
            "safety": SAFETY_TEXT,
            "title": self.title,
            "support": [] if self.mode == "none" else [f"{self.mode.upper()}-ECMO"],
            "status": self.status,
            "warnings": [
                "P_int reached 172 mmHg; the pressure drop of the membrane lung is known up to 160 mmHg of blood pressure <in vitro>"
            ],
            "before": block(BEFORE),
            "after": block(AFTER if self.mode != "none" else BEFORE)
            | {name: {"value": value, "unit": unit} for name, (value, unit) in self.device_numbers.items()},
            "gases": {"before": dict.fromkeys(SITES[:4], arterial) | {SITES[4]: venous}, "after": after},
            "events": [{"t": t, "text": text} for t, text in self.events],
            "bedside": self.bedside,
            "sources": [
                {"key": "quadrox_id.rated_flow", "text": "Getinge, instructions for use QUADROX-iD, table 3", "mark": "seen"},
                {"key": "covid-ards.shunt", "text": "Schmidt 2020, Lancet Respir Med, table 1", "mark": "recalled-high"},
                {"key": "heart.septum_coupling", "text": "no measurement found", "mark": "assumed"},
            ],
        }

    @property
    def events(self) -> list[tuple[float, str]]:
        return [
            (300.0, "support starts"),
            (600.0, "pump.rpm 3200 → 3450 rpm"),
            (720.0, "crystalloid 500 mL over 5 min"),
            (900.0, "gas.sweep 4 → 4.5 L/min"),
        ]

    @property
    def trends(self) -> pa.Table:
        t = np.arange(0.0, self.minutes * 60.0 + 1.0)
        rng = np.random.default_rng(self.seed)
        on = 1.0 / (1.0 + np.exp(-(t - START - 40.0) / 12.0)) if self.mode != "none" else np.zeros_like(t)
        columns = {"t": t}
        for name in UNITS:
            low, high = BEFORE.get(name, 0.0), AFTER[name]
            columns[name] = low + (high - low) * on + 0.004 * (abs(high) + 0.5) * rng.standard_normal(t.size)
        for name in ("P_ven", "P_int", "P_art", "dP", "S_pre", "S_post", "recirculation"):
            columns[name] = np.where(t < START, np.nan, columns[name])
        return pa.table(columns)

    @property
    def waveforms(self) -> pa.Table | None:
        if not self.with_waveforms:
            return None
        t = 1140.0 + np.arange(0.0, 10.0, 0.01)
        beat, breath = (t * 92.0 / 60.0) % 1.0, np.sin(2 * np.pi * t * 0.2)
        pulse = np.exp(-((beat - 0.22) ** 2) / 0.012) + 0.35 * np.exp(-((beat - 0.48) ** 2) / 0.01)
        ejecting = np.clip(np.sin(np.pi * np.clip(beat / 0.42, 0.0, 1.0)), 0.0, 1.0)
        return pa.table(
            {
                "t": t, "ECG": np.exp(-((beat - 0.06) ** 2) / 0.0002), "P_LV": 8 + 112 * ejecting, "V_LV": 107 - 66 * ejecting,
                "P_RV": 6 + 34 * ejecting, "V_RV": 131 - 66 * ejecting, "P_root": 63 + 50 * pulse, "P_radial": 61 + 58 * pulse,
                "P_PA": 18 + 18 * pulse, "P_RA": 9 + breath + pulse, "P_LA": 11 + breath + 2 * pulse, "ECMO_flow": 4.62 + 0.15 * pulse,
                "P_ven": -62 + 5 * breath, "P_int": 172 + 4 * pulse, "P_art": 134 + 4 * pulse, "P_airway": 16 + 6 * np.sign(breath),
            }
        )  # fmt: skip

    @property
    def loops(self) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
        def loop(esv: float, edv: float, edp: float, peak: float) -> tuple[np.ndarray, np.ndarray]:
            s = np.linspace(0.0, 2 * np.pi, 120)
            v = (esv + edv) / 2 + (edv - esv) / 2 * np.sign(np.cos(s)) * np.abs(np.cos(s)) ** 0.35
            p = (edp + peak) / 2 + (peak - edp) / 2 * np.sign(np.sin(s)) * np.abs(np.sin(s)) ** 0.6
            return v, p

        return {
            "before": {"lv": loop(41, 107, 8, 122), "rv": loop(80, 146, 6, 48)},
            "after": {"lv": loop(39, 107, 8, 124), "rv": loop(64, 131, 5, 38)},
        }


def fitted_run() -> FakeRun:
    """A run of a patient given by bedside measurements."""
    return FakeRun(
        bedside=[
            {"name": "MAP", "asked": 74.0, "reached": 75.1, "unit": "mmHg"},
            {"name": "CVP", "asked": 12.0, "reached": 11.3, "unit": "mmHg"},
            {"name": "PaCO2", "asked": 57.0, "reached": 61.2, "unit": "mmHg"},
        ]
    )


def short_run() -> FakeRun:
    """A few minutes without waveforms, small enough to write many times."""
    return FakeRun(minutes=6.0, with_waveforms=False)
