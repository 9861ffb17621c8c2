"""A table in parts gives the numbers of the table in one piece, one part after another, in processes, and through Dask."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from perfuse.evidence import scale
from perfuse.evidence.analyses.times import gathered
from perfuse.evidence.causal.in_parts import weighting_in_parts
from perfuse.evidence.causal.logistic import with_constant
from perfuse.evidence.causal.weighting import weighting
from perfuse.evidence.centres.in_parts import volume_in_parts
from perfuse.evidence.centres.mixed import fit_mixed
from perfuse.evidence.survival import cumulative_incidence
from perfuse.parameters.problems import InputError

ASKED = {"treatment": "ecmo", "outcome": "died", "covariates": ["severity", "age", "mode"]}
WAYS = ("serial", "processes", "dask")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(12)
    n = 4000
    centre = rng.integers(0, 40, n)
    made = pd.DataFrame({"severity": rng.normal(size=n), "age": rng.normal(52, 14, n), "mode": rng.choice(["vv", "va", "vav"], n)})
    made["centre_id"] = [f"c{i:02d}" for i in centre]
    made["annual_volume"] = np.bincount(centre, minlength=40)[centre].astype(float)
    made["ecmo"] = rng.random(n) < expit(0.7 * made["severity"] - 0.5)
    made["died"] = rng.random(n) < expit(0.8 * made["severity"] - 0.4 * made["ecmo"] + rng.normal(size=40)[centre] * 0.4)
    made["run_days"] = np.round(rng.exponential(9, n), 2) + 0.01
    made["support_ended_by"] = rng.choice(["weaned", "died", "still_on"], n)
    made.loc[::50, "age"] = np.nan
    return made


@pytest.fixture(scope="module")
def parts(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> list[scale.Part]:
    return scale.write_parts(frame, tmp_path_factory.mktemp("parts") / "runs", 6, by="centre_id")


@pytest.fixture(scope="module", params=WAYS)
def across(request: pytest.FixtureRequest) -> Iterator[scale.Map]:
    if request.param == "serial":
        yield scale.serial
    elif request.param == "processes":
        with scale.processes(2) as found:
            yield found
    else:
        pytest.importorskip("distributed")
        with scale.cluster(workers=2) as found:
            yield found


def test_parts_hold_every_row_once_and_whole_centres(frame: pd.DataFrame, parts: list[scale.Part]) -> None:
    assert 4 <= len(parts) <= 6
    frames = [part.frame() for part in parts]
    assert sum(map(len, frames)) == len(frame)
    assert sum(one["centre_id"].nunique() for one in frames) == frame["centre_id"].nunique()
    assert [part.where for part in scale.parts_of(Path(str(parts[0].where)).parent)] == [part.where for part in parts]


@pytest.mark.parametrize("estimand", ["ATO", "ATE"])
def test_weights_of_parts_are_those_of_the_whole(frame: pd.DataFrame, parts: list[scale.Part], across: scale.Map, estimand: str) -> None:
    whole = weighting(frame, estimand=estimand, **ASKED)
    found = weighting_in_parts(parts, estimand=estimand, across=across, **ASKED)
    by = {one.label: one for one in whole.estimates}
    assert len(found.estimates) == 6
    for one in found.estimates:
        for end in ("value", "low", "high"):
            assert getattr(one, end) == pytest.approx(getattr(by[one.label], end), abs=1e-8), one.label
    for here, there in zip(found.diagnostics["balance"], whole.diagnostics["balance"], strict=True):
        assert here["covariate"] == there["covariate"]
        assert here["SMD before"] == pytest.approx(there["SMD before"], abs=1e-8)
        assert here["SMD after"] == pytest.approx(there["SMD after"], abs=1e-8)
    key = "largest weight over the mean of its arm"
    assert found.diagnostics[key] == pytest.approx(whole.diagnostics[key], rel=1e-8)
    assert found.n["left out (missing values)"] == whole.n["left out (missing values)"] == 80


def test_the_volume_model_of_parts_is_that_of_the_whole(frame: pd.DataFrame, parts: list[scale.Part], across: scale.Map) -> None:
    model, names, labels = volume_in_parts(parts, covariates=["severity"], nodes=5, across=across)
    x = np.column_stack([np.log2(frame["annual_volume"]), frame["severity"]])
    codes, known = pd.factorize(frame["centre_id"], sort=True)
    whole = fit_mixed(with_constant(x - x.mean(axis=0)), frame["died"].to_numpy(float), codes.astype(np.int64), nodes=5)
    assert names == ["log2 volume", "severity"]
    np.testing.assert_allclose(model.beta, whole.beta, atol=1e-8)
    np.testing.assert_allclose(model.se, whole.se, atol=1e-8)
    assert model.sd == pytest.approx(whole.sd, abs=1e-8)
    ours = dict(zip(labels, model.modes, strict=True))
    np.testing.assert_allclose([ours[label] for label in known], whole.modes, atol=1e-8)


def test_cumulative_incidence_of_parts_is_that_of_the_whole(frame: pd.DataFrame, parts: list[scale.Part], across: scale.Map) -> None:
    columns = ["run_days", "support_ended_by"]
    together = gathered(parts, columns, across, None)
    here, there = (cumulative_incidence(one, (5.0, 20.0)) for one in (together, frame[columns]))
    assert len(together) == len(frame)
    for one, other in zip(here.estimates, there.estimates, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-8)
        assert one.low == pytest.approx(other.low, abs=1e-8)


def test_a_centre_in_two_parts_and_a_missing_column_are_refused(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than one part"):
        volume_in_parts(scale.split(frame, 3), covariates=["severity"])
    with pytest.raises(InputError, match="no such column"):
        weighting_in_parts(scale.split(frame, 3), treatment="ecmo", outcome="died", covariates=["sevrity"])
    with pytest.raises(InputError, match="no Parquet file"):
        scale.parts_of(tmp_path)
    (tmp_path / "note.txt").write_text("here", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        scale.write_parts(frame, tmp_path, 2)


def test_a_cluster_that_does_not_answer_is_said_not_to() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no scheduler answers"), scale.cluster("nowhere"):
        pass


def test_progress_is_told_after_every_part(parts: list[scale.Part]) -> None:
    seen: list[tuple[float, float]] = []
    list(scale.told(scale.serial(len, [[1], [2, 3]]), 2, lambda done, total, words="": seen.append((done, total))))
    assert seen == [(1, 2), (2, 2)]
