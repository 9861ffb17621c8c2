"""The page `perfuse evidence report` writes: six works, every comparison of the trials table, and every source."""

from collections.abc import Callable, Sequence
from typing import Any

from perfuse.evidence.progress import Progress
from perfuse.evidence.registry.synthetic import synthesise
from perfuse.evidence.trials.agreement import beside
from perfuse.evidence.trials.bayes import priors
from perfuse.evidence.trials.dataset import arms
from perfuse.views import tables
from perfuse.views.page import page, rows, section, text
from perfuse.views.works import covid_pool, early_covid, eolia, h1n1, hypoxaemia, volume
from perfuse.views.works.parts import check, printed_words, recomputed
from perfuse.views.works.work import Work, shown

CANDIDATES = 8_000
"""Synthetic candidates on which matching and the emulated trial run."""


def works(seed: int, progress: Progress) -> list[Work]:
    """The six works, computed."""
    small = synthesise(2_000, seed, candidates=CANDIDATES, course=False, missingness=0.0)
    steps: list[tuple[str, Callable[[], Work]]] = [
        ("EOLIA", lambda: eolia.work(seed)),
        ("hypoxaemia as mixing", hypoxaemia.work),
        ("H1N1", lambda: h1n1.work(small)),
        ("the early COVID-19 question", lambda: early_covid.work(small, seed)),
        ("volume and mortality", lambda: volume.work(volume.registry_of(seed))),
        ("the COVID-19 meta-analysis", covid_pool.work),
    ]
    found = []
    for done, (words, made) in enumerate(steps):
        progress(done, len(steps), words)
        found.append(made())
    progress(len(steps), len(steps), "the page")
    return found


def summary(found: Sequence[Work], seed: int) -> dict[str, Any]:
    """The same as data: each work with its checks, what is missing and its sources."""
    return {
        "seed": seed,
        "works": [
            {
                "work": work.key,
                "title": work.title,
                "citation": work.citation,
                "checks": [dict(zip(("published", "computed", "from", "verdict"), one, strict=True)) for one in work.checks],
                "not_reproduced": list(work.missing),
                "sources": list(work.sources),
            }
            for work in found
        ],
        "trials": [one.as_data() for one in beside()],
    }


def report_html(found: Sequence[Work], seed: int, command: str = "") -> str:
    """The whole page."""
    agree = sum(work.agree for work in found)
    total = sum(len(work.checks) for work in found)
    menu = "".join(f'<li><a href="#{work.key}">{text(work.title)}</a></li>' for work in found)
    parts = [
        '<header class="top"><h1>Six works, reproduced as far as their published data allow</h1>'
        f'<p class="lead">{total} published numbers put beside what follows from the data behind them: {agree} agree in full. '
        f"What differs is explained beside it; what could not be reproduced is said at the end of each work.</p></header><ol>{menu}"
        '<li><a href="#trials">Every comparison of the trials table</a></li><li><a href="#sources">Sources</a></li></ol>',
        *(shown(work) for work in found),
        section("Every comparison of the trials table", "trials", _trials()),
        section("Sources", "sources", _sources(found)),
        section("Making this again", "again", f"<p>Random numbers come from seed {seed}.</p><p><code>{text(command)}</code></p>"),
    ]
    return page("Six works, reproduced \N{EN DASH} perfuse", "\n".join(parts))


def _trials() -> str:
    cells = []
    for one in beside():
        pair = one.comparison
        _, _, setup, word = check(one)
        known = f" {tables.mark(pair.mark)}" if pair.mark else ""
        cells.append([
            ("", f"<strong>{text(pair.study)}</strong> {pair.year}<br><span class=quiet>{text(pair.endpoint)}</span>"),
            ("", text(printed_words(pair))),
            ("", text(recomputed(one))),
            ("", f"{text(one.verdict if word != 'agrees' else word)}{known}<br><span class=quiet>{text(setup)}</span>"),
        ])  # fmt: skip
    return rows(cells, ["Comparison", "Printed", "Recomputed", "Verdict, counts, explanation"], "trials")


def _sources(found: Sequence[Work]) -> str:
    listed: dict[str, None] = {}
    named_below = {arm.source for arm in arms()}
    for work in found:
        listed |= dict.fromkeys([f"{work.title}: {work.citation}", *(one for one in work.sources if one not in named_below)])
    listed |= dict.fromkeys(f"{arm.study} {arm.year}, {arm.endpoint}: {arm.source}" for arm in arms())
    listed |= dict.fromkeys(f"{prior.title}: {prior.source} ({prior.mark})" for prior in priors().values())
    items = "".join(f"<li>{text(one)}</li>" for one in listed)
    return f'<ul class="quiet">{items}</ul>'
