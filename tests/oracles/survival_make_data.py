"""Writes survival_data.csv: 300 made-up runs with ties, three ways to end, censoring, a late treatment; R and we read that file."""

from pathlib import Path

import numpy as np
import pandas as pd

rng = np.random.default_rng(20180524)
n = 300
severity, female = rng.normal(size=n), rng.random(n) < 0.4
mode = rng.choice(["vv", "va", "vav"], n, p=[0.5, 0.35, 0.15])
rates = {
    "weaned": 0.06 * np.exp(-0.5 * severity + 0.3 * (mode == "vv")),
    "died": 0.04 * np.exp(0.6 * severity),
    "transplant": np.full(n, 0.01),
}
times = {name: rng.exponential(1.0 / rate) for name, rate in rates.items()}
times["still_on"] = rng.uniform(5.0, 60.0, n)
labels = np.array(list(times))
table = np.column_stack(list(times.values()))
first = table.argmin(axis=1)
days = np.maximum(0.5, np.round(2.0 * table.min(axis=1)) / 2.0)
begun = np.round(2.0 * rng.exponential(6.0, n)) / 2.0 + 0.25
frame = pd.DataFrame({"run_days": days, "support_ended_by": labels[first], "severity": severity.round(4), "female": female.astype(int)})
frame["mode"] = mode
frame["ecmo_day"] = np.where(begun < days, begun, np.nan)
frame.to_csv(Path(__file__).with_name("survival_data.csv"), index=False)
