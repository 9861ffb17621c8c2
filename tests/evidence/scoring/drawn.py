"""Examples drawn from the declared inputs of a score."""

from typing import Any

from hypothesis import strategies as st

from perfuse.evidence.scoring.records import Input, Score


def value_of(one: Input) -> st.SearchStrategy[Any]:
    """Anything that this input allows."""
    if one.type == "bool":
        return st.booleans()
    if one.type == "enum":
        return st.sampled_from(one.values)
    if one.type == "multi-enum":
        return st.lists(st.sampled_from(one.values), min_size=1, unique=True)
    assert one.low is not None and one.high is not None
    if one.type == "integer":
        return st.integers(int(one.low), int(one.high))
    return st.floats(one.low, one.high).map(lambda x: float(f"{x:.6g}")).filter(lambda x: one.low <= x <= one.high)


def complete(score: Score) -> st.SearchStrategy[dict[str, Any]]:
    """Every input that is needed, and some of the optional ones; a group of which one is needed has at least its first."""
    firsts = {group[0] for group in score.one_of}
    needed = {name: value_of(one) for name, one in score.inputs.items() if not one.optional or name in firsts}
    return st.fixed_dictionaries(needed, optional={name: value_of(one) for name, one in score.inputs.items() if name not in needed})
