"""What the library cites: a key and the text that tells a reader where a number comes from."""

from functools import cache
from pathlib import Path

from perfuse.parameters.problems import did_you_mean
from perfuse.parameters.yamlfile import read_file

_FILE = Path(__file__).parent / "sources.yaml"


@cache
def sources() -> dict[str, str]:
    """Every source, key to text (with its address where it has one)."""
    data, problems = read_file(_FILE, _FILE.name)
    for key, text in data.items():
        if not isinstance(text, str) or not text.strip():
            problems.add((key,), "a source is a text", value=text)
    problems.raise_if_any()
    return dict(data)


def source_text(key: str) -> str:
    """The text of one source. Words are their own text, and a key may stand before words ("burkhoff_mo 0.24")."""
    first, _, rest = key.partition(" ")
    if first in sources():
        return f"{sources()[first]}{': ' if rest else ''}{rest}"
    if key.isalpha() or not key.isidentifier():
        return key
    raise KeyError(f"'{key}' is not a source. {did_you_mean(key, sources())}")


def cite(keys: tuple[str, ...]) -> str:
    """Sources in the few words that fit into a message: the first sentence of each."""
    return "; ".join(source_text(key).split(". ")[0].split(";")[0] for key in keys)
