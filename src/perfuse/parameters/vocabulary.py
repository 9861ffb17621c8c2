"""Names of reported quantities and their units: JSON keys of a summary, columns of trends, labels in report and console."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perfuse.parameters.problems import did_you_mean
from perfuse.parameters.records import read_record
from perfuse.parameters.yamlfile import read_file

_FILE = Path(__file__).parent / "vocabulary.yaml"


@dataclass(frozen=True, slots=True)
class Name:
    """One reported quantity: its unit, the group it stands in, what it is, where it is measured, a second unit in use."""

    name: str
    unit: str
    group: str
    what: str = ""
    site: str = ""
    also: str = ""


@cache
def vocabulary() -> dict[str, Name]:
    """Every reported name, in the order of the file."""
    data, problems = read_file(_FILE, _FILE.name)
    out = {}
    for group, names in data.items():
        for name, entry in names.items():
            read = read_record(Name, entry, (group, name), problems, name=name, group=group)
            if read:
                out[name] = read
    problems.raise_if_any()
    return out


def unit_of(name: str) -> str:
    """Unit of a reported name."""
    if name not in vocabulary():
        raise KeyError(f"'{name}' is not a reported quantity. {did_you_mean(name, vocabulary())}")
    return vocabulary()[name].unit
