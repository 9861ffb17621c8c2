"""Writes mixed_data.csv: 900 made-up runs of 45 centres of very different size, with spline columns of log2 volume; R and we read it."""

from pathlib import Path

import numpy as np
import pandas as pd

from perfuse.evidence.centres.splines import knots_of, spline

rng = np.random.default_rng(20150415)
centres, n = 45, 900
size = np.exp(0.9 * rng.normal(size=centres))
centre = rng.choice(centres, n, p=size / size.sum())
volume = np.bincount(centre, minlength=centres)[centre].astype(float)
severity, arrest = rng.normal(size=n), rng.random(n) < 0.25
effect = rng.normal(size=centres) * 0.9
risk = 1 / (1 + np.exp(-(-0.4 - 0.2 * np.log2(volume / 16) + 0.7 * severity + 0.5 * arrest + effect[centre])))
frame = pd.DataFrame({"died": (rng.random(n) < risk).astype(int), "centre": [f"c{i:02d}" for i in centre], "volume": volume.astype(int)})
frame["severity"], frame["arrest"] = severity.round(5), arrest.astype(int)
log2 = np.log2(volume)
for i, column in enumerate(spline(log2, knots_of(log2, 4)).T):
    frame[f"spline{i + 1}"] = column.round(10)
frame.to_csv(Path(__file__).with_name("mixed_data.csv"), index=False)
