"""A registry that many tests read, example files of every source, and a real PostgreSQL server."""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from perfuse.evidence.registry.schema import table_of
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.evidence.registry.tables import Registry

EXAMPLES = Path(__file__).parent / "examples"


def _places() -> Any:
    spec = importlib.util.spec_from_file_location("places_of_records", Path(__file__).parents[2] / "bedside" / "conftest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cluster = _places().cluster


@pytest.fixture(scope="session")
def small() -> Registry:
    """A whole synthetic registry with everything a registry has wrong by nature (gaps, runs that go on), and no error."""
    return synthesise(800, 5)


@pytest.fixture
def examples() -> Path:
    return EXAMPLES


Tables = dict[str, pa.Table]


@pytest.fixture
def two_runs() -> Callable[..., Tables]:
    """Two runs of two patients that keep every rule; what is given replaces or adds columns: two_runs(runs={"end": [...]})."""

    def made(**changes: Mapping[str, Any]) -> Tables:
        columns: dict[str, dict[str, Any]] = {
            "patients": {"patient_id": ["p1", "p2"]},
            "runs": {
                "run_id": ["r1", "r2"],
                "patient_id": ["p1", "p2"],
                "centre_id": ["c", "c"],
                "start": ["2020-01-01 10:00", "2020-02-01 10:00"],
                "end": ["2020-01-09 10:00", "2020-02-05 10:00"],
                "mode": ["vv", "va"],
            },
            "pre_support": {"run_id": ["r1", "r2"], "paco2_mmHg": ["60", "41"]},
            "settings": {"run_id": ["r1", "r2"], "time": ["2020-01-02 10:00", "2020-02-02 10:00"], "fdo2": ["0.9", "0.5"]},
            "outcomes": {
                "run_id": ["r1", "r2"],
                "support_ended_by": ["weaned", "died"],
                "hospital_outcome": ["alive", "died"],
                "last_seen": ["2020-02-01 10:00", "2020-02-05 10:00"],
            },
        }
        for name, said in changes.items():
            columns[name] = {**columns.get(name, {}), **said}
        return {name: pa.table({column: pa.array(values) for column, values in said.items()}) for name, said in columns.items()}

    return made


@pytest.fixture
def typed_table() -> Callable[..., pa.Table]:
    return table_of
