"""Words of findings and scores for readers: heads of tables without underscores, and what their abbreviations mean."""

import re
from collections.abc import Iterable

HEADS = {
    "smr": "SMR",
    "z_adjusted": "z, overdispersion allowed for",
    "inside_95": "95 % limits",
    "inside_998": "99.8 % limits",
    "chi2": "chi-squared",
    "p": "P",
    "n": "patients",
}
"""Heads of diagnostic tables that say too little."""

MEANINGS = {
    "SMD": "standardised mean difference; below 0.1 is usually called balanced",
    "SMR": "observed over expected deaths",
    "ATM": "effect among those treated who found a match",
    "ATT": "effect among all treated",
    "ATE": "effect in everybody",
    "ATO": "effect among those for whom either was likely (overlap)",
    "ICI": "integrated calibration index, the mean distance of the smooth curve from the diagonal",
    "E50": "median of that distance",
    "E90": "its 90th percentile",
    "ROC": "receiver operating characteristic",
    "CUSUM": "cumulative sum of evidence for a change",
    "VLAD": "variable life-adjusted display",
    "SE": "standard error",
    "ECPR": "extracorporeal cardiopulmonary resuscitation",
    "ACS": "acute coronary syndrome",
    "AMI": "acute myocardial infarction",
    "CF": "continuous flow",
    "HFNC": "high-flow nasal cannula",
    "ICU": "intensive care unit",
    "RV": "right ventricle",
    "DO2": "oxygen delivery",
    "VO2": "oxygen consumption",
    "IPCW": "inverse probability of censoring weights",
}


def head(name: str) -> str:
    """A head of a table, or a name of something measured, as people read it."""
    return HEADS.get(name, name.replace("_", " "))


def meanings(texts: Iterable[str]) -> list[str]:
    """ "SMD: standardised mean difference" for every abbreviation that stands in the texts, in the order of the list above."""
    found = {word for text in texts for word in re.findall(r"[A-Z][A-Z0-9]+", text)}
    return [f"{name}: {meaning}" for name, meaning in MEANINGS.items() if name in found]
