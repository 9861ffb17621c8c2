"""The built-in pools: which rows of the trials table belong together."""

from dataclasses import dataclass
from functools import cache

from perfuse.evidence.trials.dataset import HERE, arms, comparison
from perfuse.evidence.trials.studies import OneArm, Study
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.yamlfile import read_file


@dataclass(frozen=True)
class Pool:
    """A named pool: two-arm studies with their measure, or cohorts with one arm (measure "proportion").

    better  whether "higher" or "lower" numbers of events are better for patients
    """

    name: str
    title: str
    measure: str
    studies: tuple[Study, ...]
    cohorts: tuple[OneArm, ...]
    better: str | None
    published: str
    note: str
    ids: tuple[str, ...] = ()


@cache
def pools() -> dict[str, Pool]:
    """Every built-in pool by name."""
    data, problems = read_file(HERE / "pools.yaml", "pools.yaml")
    problems.raise_if_any()
    found = {}
    for name, entry in data.items():
        ids = tuple(entry.get("comparisons", ()))
        pairs = [comparison(one) for one in ids]
        cohorts, better = _cohorts([tuple(pair) for pair in entry.get("single_arms", ())])
        side = pairs[0].intervention.better if pairs else better
        found[name] = Pool(name, entry["title"], entry["measure"], studies_of(ids), cohorts, side, entry["published"], entry["note"], ids)
    return found


def pool_named(name: str) -> Pool:
    """One built-in pool; InputError with the known names otherwise."""
    known = pools()
    if name not in known:
        raise InputError([Problem("", f"'{name}' is no built-in pool", value=name, hint=did_you_mean(name, known))])
    return known[name]


def studies_of(ids: tuple[str, ...]) -> tuple[Study, ...]:
    """Studies from ids of comparisons of the trials table; InputError for those whose counts are not known."""
    missing, found = [], []
    for one in ids:
        pair = comparison(one)
        if pair.counts is None:
            text = f"the counts of {one} are not known"
            missing.append(Problem("--trial", text, value=one, hint="Percentages are never turned into counts."))
        else:
            label = pair.study if [comparison(i).study for i in ids].count(pair.study) == 1 else one
            found.append(Study(label, pair.counts, pair.year))
    if missing:
        raise InputError(missing)
    return tuple(found)


def _cohorts(wanted: list[tuple[str, ...]]) -> tuple[tuple[OneArm, ...], str | None]:
    rows = {(arm.study, arm.endpoint): arm for arm in arms()}
    found, better = [], None
    for study, endpoint in wanted:
        arm = rows[study, endpoint]
        if arm.events is None or arm.n is None:
            raise InputError([Problem("single_arms", f"the counts of {study} are not known")], "pools.yaml")
        better = arm.better
        found.append(OneArm(study, arm.events, arm.n, arm.year))
    return tuple(found), better
