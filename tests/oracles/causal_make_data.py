"""Writes causal_data.csv: 400 made-up candidates, confounded by severity and age; R and we read that file."""

from pathlib import Path

import numpy as np
import pandas as pd

rng = np.random.default_rng(20130115)
n = 400
severity, age, lactate = rng.normal(size=n), rng.normal(52, 14, n), rng.lognormal(0.9, 0.5, n)
era = rng.choice(["early", "late"], n, p=[0.4, 0.6])
logit = -1.1 + 0.9 * severity - 0.03 * (age - 52) + 0.3 * (era == "late")
treated = rng.random(n) < 1 / (1 + np.exp(-logit))
risk = 1 / (1 + np.exp(-(-0.3 + 0.8 * severity + 0.03 * (age - 52) - 0.5 * treated)))
frame = pd.DataFrame({"id": np.arange(1, n + 1), "treated": treated.astype(int), "died": (rng.random(n) < risk).astype(int)})
frame["severity"], frame["age"], frame["lactate"], frame["era"] = severity.round(5), age.round(3), lactate.round(4), era
frame.to_csv(Path(__file__).with_name("causal_data.csv"), index=False)
