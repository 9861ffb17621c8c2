"""The commands `perfuse evidence trials`, `meta` and `bayes`: what they compute, what they write, what they show."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from perfuse.parameters.problems import InputError, Problem, Problems
from perfuse.parameters.safety import SAFETY_TEXT

T = TypeVar("T")
Answer = tuple[Any, bool, Callable[[], None]]
"""Data for JSON, whether it ended as asked, and the screen."""
MODELS = ("FE", "MH", "Peto", *(way + tau2 for tau2 in ("DL", "REML", "PM") for way in ("", "HK_", "mHK_")))
"""Names that `--model` takes."""


def trials(name: str) -> Answer:
    """Every comparison, or those of one study with its single arms."""
    from perfuse.evidence.trials.agreement import beside
    from perfuse.evidence.trials.dataset import of_study, single_arms
    from perfuse.views import trials_beside

    if not name:
        found, alone = beside(), single_arms()
    else:
        pairs, alone = of_study(name)
        found = tuple(one for one in beside() if one.comparison in pairs)
    data = {
        "schema": "perfuse-trials/1", "safety": SAFETY_TEXT,
        "comparisons": [one.as_data() for one in found], "single_arms": [asdict(arm) for arm in alone],
    }  # fmt: skip
    return data, True, lambda: trials_beside.screen(found, alone, whole=bool(name))


@dataclass(frozen=True)
class MetaAsked:
    """What `perfuse evidence meta` was asked."""

    studies: Path | None
    trial: tuple[str, ...]
    pool: str | None
    measure: str | None
    model: str | None
    subgroup: str | None
    plot: Path | None
    funnel: Path | None
    reduction: float | None = None


def meta(asked: MetaAsked) -> Answer:
    """A meta-analysis of a file, of comparisons, or of a built-in pool."""
    from perfuse.evidence.trials import pools
    from perfuse.evidence.trials.meta import asymmetry, cumulative, each, leave_one_out, meta_analysis, subgroups, summary
    from perfuse.evidence.trials.sequential import CAVEAT, sequential
    from perfuse.evidence.trials.studies import read_csv
    from perfuse.evidence.trials.two_arms import MEASURES, Measure
    from perfuse.views import meta_shown
    from perfuse.views.progress import watched

    _one_of({"--studies": asked.studies, "--trial": asked.trial or None, "--pool": asked.pool}, pools.pools())
    _checked_meta(asked, MEASURES)
    known = pools.pool_named(asked.pool) if asked.pool else None
    if known is not None and known.cohorts:
        return _proportions(known, asked)
    if known is not None:
        title, studies, published = known.title, known.studies, known
    elif asked.trial:
        title, studies, published = "Chosen trials", pools.studies_of(asked.trial), None
    else:
        title, studies, published = str(asked.studies), read_csv(cast(Path, asked.studies), asked.subgroup), None
    measure = cast(Measure, asked.measure or (known.measure if known else "rr"))
    found = meta_analysis(studies, measure, model=asked.model)
    written = []
    if asked.plot is not None:
        from perfuse.views.forest import forest_of

        written.append(_written(forest_of(found, title), asked.plot))
    if asked.funnel is not None:
        from perfuse.views.funnel_plot import funnel

        written.append(_written(funnel(found), asked.funnel))
    looks = sequential(found, asked.reduction) if asked.reduction is not None else None
    with watched(title) as progress:
        without, added = leave_one_out(found, progress), cumulative(found, progress)
    data = {
        "schema": "perfuse-meta/1", "safety": SAFETY_TEXT, "title": title, "measure": measure, **summary(found),
        "studies": each(found), "leave_one_out": without, "cumulative": added,
        "subgroups": subgroups(found), "asymmetry": [asdict(test) for test in asymmetry(found)],
        "sequential": {**asdict(looks), "verdict": looks.verdict, "caveat": CAVEAT} if looks else None,
        "published": published.published if published else None, "note": published.note if published else None,
        "written": [str(path) for path in written],
    }  # fmt: skip
    return data, True, lambda: meta_shown.screen(found, data, written)


def _proportions(known: Any, asked: MetaAsked) -> Answer:
    from perfuse.evidence.trials.proportions import summary
    from perfuse.views import meta_shown

    wrong = {"--measure": asked.measure, "--model": asked.model, "--subgroup": asked.subgroup, "--funnel": asked.funnel,
             "--reduction": asked.reduction}  # fmt: skip
    found = [Problem(name, f"a pool of one-arm cohorts has no {name[2:]}", value=str(v)) for name, v in wrong.items() if v is not None]
    if found:
        raise InputError(found, f"--pool {known.name}")
    written = []
    if asked.plot is not None:
        from perfuse.views.forest import forest_of_proportions

        written.append(_written(forest_of_proportions(known.cohorts, known.title), asked.plot))
    data = {
        "schema": "perfuse-meta/1", "safety": SAFETY_TEXT, "title": known.title, "measure": "proportion", **summary(known.cohorts),
        "studies": [{"study": s.name, "events": s.events, "n": s.n, "year": s.year} for s in known.cohorts],
        "published": known.published, "note": known.note, "written": [str(path) for path in written],
    }  # fmt: skip
    return data, True, lambda: meta_shown.proportions_screen(data, written)


def _one_of(given: dict[str, Any], pools: Any) -> None:
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        text = "one of --studies, --trial, --pool is needed" if not named else f"{' and '.join(named)} stand together"
        hint = f"Built-in pools: {', '.join(pools)}. Write for example: perfuse evidence meta --pool ecpr."
        raise InputError([Problem("", text, hint=hint)], "the command line")


def _checked_meta(asked: MetaAsked, measures: Any) -> None:
    problems = Problems("the command line")
    if asked.measure is not None and asked.measure not in measures:
        problems.add(
            ("--measure",), f"'{asked.measure}' is no measure that is known here", value=asked.measure, allowed=", ".join(measures)
        )
    if asked.subgroup is not None and asked.studies is None:
        problems.add(("--subgroup",), "only a CSV file has columns of subgroups", hint="Give --studies FILE.csv.")
    if asked.model is not None and asked.model not in MODELS:
        problems.add(("--model",), f"'{asked.model}' is no model that is known here", value=asked.model, allowed=", ".join(MODELS))
    if asked.reduction is not None and (asked.reduction == 0.0 or not -5.0 <= asked.reduction < 1.0):
        problems.add(("--reduction",), "this reduction is out of range", value=asked.reduction, allowed="-5 to below 1, not 0")
    if asked.studies is not None and not asked.studies.is_file():
        what = (
            f"{asked.studies} is a folder, and studies are one CSV file" if asked.studies.is_dir() else f"there is no file {asked.studies}"
        )
        problems.add(("--studies",), what, value=asked.studies, hint="Check the path.")
    _figure_files(problems, {"--plot": asked.plot, "--funnel": asked.funnel})
    problems.raise_if_any()


def _figure_files(problems: Problems, files: dict[str, Path | None]) -> None:
    """A problem for every figure that could not be written, before anything is computed."""
    for name, path in files.items():
        if path is None:
            continue
        if path.is_dir() or path.suffix.lower() != ".svg":
            problems.add((name,), "figures are SVG", value=path, hint="Let the name of the file end in .svg.")
        elif not path.resolve().parent.is_dir():
            problems.add((name,), f"the folder {path.parent} does not exist", value=path, hint="Make it first, or choose another name.")


def bayes(
    events: tuple[str, str, str, str] | None,
    trial: str | None,
    prior: str,
    benefits: tuple[str, ...],
    exact: bool,
    plot: Path | None,
    map_: Path | None,
) -> Answer:
    """One trial and one prior."""
    from perfuse.evidence.trials.bayes import Prior, posterior, prior_of, priors, summary
    from perfuse.evidence.trials.dataset import comparison
    from perfuse.evidence.trials.prior_sensitivity import tipping_point
    from perfuse.evidence.trials.two_arms import Counts, counts
    from perfuse.views import bayes_shown

    if (events is None) == (trial is None):
        text = "either --events E1 N1 E0 N0 or --trial ID is needed" if events is None else "--events and --trial stand together"
        raise InputError([Problem("", text, hint="For example: perfuse evidence bayes --events 44 124 57 125.")], "the command line")
    problems = Problems("the command line")
    _figure_files(problems, {"--plot": plot, "--map": map_})
    pair = _told(problems, partial(comparison, trial), "--trial") if trial else None
    if pair is not None and pair.counts is None:
        problems.add(("--trial",), f"the counts of {trial} are not known", hint="Percentages are never turned into counts.")
    given = pair.counts if pair is not None else _told(problems, partial(counts, *events), "--events") if events else None
    prior_given = _told(problems, lambda: prior_of(prior), "--prior")
    asked = _benefits(problems, benefits, exact)
    problems.raise_if_any()
    table, believed = cast(Counts, given), cast(Prior, prior_given)
    found = posterior(table, believed, exact)
    chances: dict[str, Callable[[float], float]] = {
        "rr<": found.below_ratio,
        "rr>": lambda r: 1.0 - found.below_ratio(r),
        "arr": lambda p: found.reduced_by(p / 100.0),
        "ari": lambda p: 1.0 - found.reduced_by(-p / 100.0),
    }
    wanted = {words: chances[kind](number) for words, (kind, number) in zip(benefits, asked, strict=True)}
    ratio = next((number for kind, number in asked if kind.startswith("rr")), 1.0)
    written = []
    if plot is not None:
        from perfuse.views.prior_figures import three_curves

        written.append(_written(three_curves(found, ratio=ratio), plot))
    if map_ is not None:
        from perfuse.views.prior_figures import prior_map

        marked = {name: (one.mean, one.sd) for name, one in priors().items()}
        written.append(_written(prior_map(table, ratio=ratio, marked=marked), map_))
    tips = (
        []
        if pair is not None and pair.intervention.better == "higher"
        else [tip for tip in (tipping_point(table, believed.sd, wanted=w, ratio=ratio) for w in (0.9, 0.95, 0.99)) if tip is not None]
    )
    data = {
        "schema": "perfuse-bayes/1", "safety": SAFETY_TEXT, "counts": asdict(table), "trial": trial,
        "prior": {**asdict(believed), "rr": believed.interval}, **summary(found), "benefits": wanted,
        "tipping_points": [asdict(tip) for tip in tips], "written": [str(path) for path in written],
    }  # fmt: skip
    higher = pair is not None and pair.intervention.better == "higher"
    return data, True, lambda: bayes_shown.screen(found, data, pair.id if pair else "", higher, written)


def _benefits(problems: Problems, benefits: tuple[str, ...], exact: bool) -> list[tuple[str, float]]:
    understood = [_told(problems, partial(_benefit, words, exact), "--benefit") for words in benefits]
    return [one for one in understood if one is not None]


def _told(problems: Problems, part: Callable[[], T], option: str) -> T | None:
    """What a part of the command line means; None, with its problems noted at the option, where it means nothing."""
    try:
        return part()
    except InputError as error:
        for one in error.problems:
            text = f"{one.place}: {one.text}" if one.place and one.place not in option else one.text
            problems.add((option,), text, value=one.value, allowed=one.allowed, source=one.source, hint=one.hint)
        return None


def alone_published(given: dict[str, Any]) -> None:
    """InputError for options that mean nothing beside --published."""
    text, hint = "it means nothing beside --published", "Leave one of the two away."
    found = [Problem(name, text, value=str(value), hint=hint) for name, value in given.items() if value]
    if found:
        raise InputError(found, "the command line")


def published() -> Answer:
    """Published re-analyses beside what follows from the same counts and priors."""
    from perfuse.evidence.trials.reanalyses import reanalyses
    from perfuse.views import bayes_shown

    found = reanalyses()
    data = {"schema": "perfuse-reanalyses/1", "safety": SAFETY_TEXT, "reanalyses": [one.as_data() for one in found]}
    return data, True, lambda: bayes_shown.published_screen(found)


def _benefit(words: str, exact: bool) -> tuple[str, float]:
    """("rr<", ratio) of "rr<0.9", ("rr>", ratio), ("arr", per cent) of "arr>=4" (reduction), ("ari", per cent) of an increase."""
    hit = re.fullmatch(r"\s*(?:(rr\s*[<>])\s*(\d*\.?\d+)|(arr|ari)\s*>=?\s*(\d*\.?\d+)\s*%?)\s*", words.lower())
    if hit is None:
        allowed = "rr<RATIO, rr>RATIO (0.05 to 20), arr>=PER CENT, ari>=PER CENT (above 0, below 100)"
        raise InputError([Problem("--benefit", f"'{words}' is not understood", value=words, allowed=allowed)], "the command line")
    kind, number = (hit[1].replace(" ", ""), float(hit[2])) if hit[1] else (hit[3], float(hit[4]))
    is_ratio = kind.startswith("rr")
    if not (0.05 <= number <= 20.0 if is_ratio else 0.0 < number < 100.0):
        allowed = "ratios 0.05 to 20; per cent above 0, below 100"
        raise InputError([Problem("--benefit", f"'{words}' is out of range", value=words, allowed=allowed)], "the command line")
    if not is_ratio and not exact:
        raise InputError([Problem("--benefit", "a normal approximation of the ratio has no absolute risks", hint="Leave --normal out.")])
    return kind, number


def _written(svg: str, path: Path) -> Path:
    from perfuse.results.store import write_text_whole
    from perfuse.views.lines_svg import standalone

    if path.suffix.lower() != ".svg":
        raise InputError(
            [Problem("", "figures are SVG", value=str(path), hint="Let the name of the file end in .svg.")], "the command line"
        )
    write_text_whole(standalone(svg), path)
    return path
