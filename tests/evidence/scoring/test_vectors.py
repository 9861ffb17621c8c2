"""Every worked vector: values that an independent implementation computed from the same tables."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from perfuse import evidence
from perfuse.evidence.scoring.library import find_score, score_ids

VECTORS = YAML(typ="safe", pure=True).load((Path(__file__).parent / "vectors.yaml").read_text(encoding="utf-8"))
CASES = [(name, vector) for name, vectors in VECTORS.items() for vector in vectors]


def agrees(found: Any, expected: Any) -> bool:
    """Equal; numbers printed with decimals to half a unit of the last one; mappings in every key that is expected."""
    if isinstance(expected, dict):
        return all(agrees(found[key], value) for key, value in expected.items())
    if isinstance(expected, bool) or expected is None or isinstance(expected, str | list):
        return type(found) is type(expected) and bool(found == expected)
    decimals = len(str(expected).partition(".")[2])
    return not isinstance(found, bool) and abs(found - expected) <= (0.5001 * 10.0**-decimals if decimals else 1e-12)


@pytest.mark.parametrize(("name", "vector"), CASES, ids=[vector["id"] for _, vector in CASES])
def test_a_worked_vector_is_reproduced(name: str, vector: dict[str, Any]) -> None:
    found = evidence.score(name, **vector["inputs"])
    for key, expected in vector["expected"].items():
        assert agrees(found[key], expected), f"{key}: {found[key]} where {expected} is expected"
    assert found["complete"] and found["missing"] == []


def test_every_score_that_can_be_worked_out_has_vectors() -> None:
    assert {name for name in score_ids() if find_score(name).available} == set(VECTORS)


def test_the_parts_of_a_points_table_add_up_to_the_score() -> None:
    for name, vector in CASES:
        found = evidence.score(name, **vector["inputs"])
        record = find_score(name)
        if record.items and record.total == "sum":
            assert record.constant + sum(line["points"] for line in found["contributions"]) == found["score"]
        elif record.terms and "score" in found:
            assert sum(line["points"] for line in found["contributions"]) == pytest.approx(found["score"])
