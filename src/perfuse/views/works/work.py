"""One work on the page: its question, what was recomputed, what agrees, what could not be reproduced and why, and its sources."""

from dataclasses import dataclass

from perfuse.views.page import rows, section, text

Check = tuple[str, str, str, str]
"""What was published, what is computed here, from what, and the verdict: "agrees", "in part", "differs", "not redone", or "as put in"
where synthetic data were made from the printed number, so that finding it again confirms nothing but the method."""


@dataclass(frozen=True)
class Work:
    """One cited work.

    key       anchor on the page
    title     short name
    citation  journal, year, doi
    question  what it asked
    body      HTML: figures and tables
    checks    published beside computed
    missing   sentences: what could not be reproduced, and why
    sources   where each number was seen or from where it is recalled
    """

    key: str
    title: str
    citation: str
    question: str
    body: str
    checks: tuple[Check, ...]
    missing: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def agree(self) -> int:
        """How many of the checks agree."""
        return sum(check[3] == "agrees" for check in self.checks)


def verdict(agrees: bool) -> str:
    """The word for it."""
    return "agrees" if agrees else "differs"


def shown(work: Work) -> str:
    """The work as a section of the page."""
    parts = [f'<p class="lead">{text(work.question)}</p><p class="quiet">{text(work.citation)}</p>']
    if work.checks:
        parts.append(_checks(work))
    parts.append(work.body)
    if work.missing:
        items = "".join(f"<li>{text(sentence)}</li>" for sentence in work.missing)
        parts.append(f'<div class="box caution"><strong>Not reproduced, and why</strong><ul>{items}</ul></div>')
    return section(work.title, work.key, "\n".join(parts))


def _checks(work: Work) -> str:
    cells = [
        [
            ("", text(published)),
            ("", text(computed)),
            ("", text(setup)),
            ("", f'<span class="mark">{text(word)}</span>'),
        ]
        for published, computed, setup, word in work.checks
    ]
    return rows(cells, ["Published", "Computed here", "From", "Verdict"], "checks")
