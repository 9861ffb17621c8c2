"""What leaves a run: a case file that plays it again, its trends as Parquet, a report as one page."""

from typing import TYPE_CHECKING

from perfuse.bedside.export import case_text, trend_table
from perfuse.parameters.case import case_from_text
from perfuse.results.simulate import run_case

if TYPE_CHECKING:
    from perfuse.views.console.ward import Ward

KINDS = {
    "case.yaml": "application/yaml; charset=utf-8",
    "trends.parquet": "application/vnd.apache.parquet",
    "report.html": "text/html; charset=utf-8",
}


def export(ward: "Ward", ident: str, what: str) -> tuple[str, str, bytes] | None:
    """Name, kind and content of an export; None where there is no such run."""
    kept = ward.kept(ident)
    if kept is None:
        return None
    live = ward.lives.get(ident)
    course = live.run.course if live is not None else (kept.events[-1].course if kept.events else "A")
    if what == "trends.parquet":
        table = trend_table(ward.store, kept, course)
        return "trends.parquet", KINDS[what], table
    text = case_text(kept, course)
    if what == "case.yaml":
        return "case.yaml", KINDS[what], text.encode()
    from perfuse.views.report import report_html

    case = case_from_text(text, "case.yaml")
    return "report.html", KINDS[what], report_html(run_case(case), "perfuse run case.yaml").encode()
