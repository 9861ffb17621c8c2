"""The trials table: read strictly, nothing back-calculated, printed beside recomputed with every difference explained."""

from pathlib import Path

import pytest

from perfuse.evidence.trials.agreement import beside, explanations
from perfuse.evidence.trials.dataset import HERE, arms, comparison, comparisons, of_study, read_arms, single_arms
from perfuse.evidence.trials.pools import pool_named, pools, studies_of
from perfuse.evidence.trials.printed import read_printed
from perfuse.evidence.trials.studies import read_csv
from perfuse.parameters.problems import InputError

MARKS = {"seen", "recalled-high", "recalled-medium", "recalled-low", "computed", "assumed"}
BY_ID = {one.comparison.id: one for one in beside()}


def test_every_row_of_the_table_is_an_arm_and_every_arm_stands_somewhere() -> None:
    rows = (HERE / "trials.csv").read_text(encoding="utf-8").splitlines()
    assert len(arms()) == len(rows) - 1
    assert 2 * len(comparisons()) + len(single_arms()) == len(arms())
    studies = {arm.study for arm in arms()}
    assert {
        "EOLIA",
        "CESAR",
        "ECLS-SHOCK",
        "ECMO-CS",
        "ARREST",
        "Prague OHCA",
        "INCEPTION",
        "DanGer Shock",
        "IABP-SHOCK II",
        "MOMENTUM 3",
        "PROTECT II",
    } <= studies


def test_every_number_has_a_source_and_a_mark() -> None:
    for arm in arms():
        assert arm.source
        assert arm.mark in MARKS or (arm.events is None and arm.percent is None), arm


def test_percentages_are_not_counts() -> None:
    protect = comparison("protect-ii-30-d-major-adverse-events")
    assert protect.counts is None and protect.intervention.events is None and protect.intervention.percent == 35.1
    assert comparison("urner-covid-hospital-death-at-60-d").intervention.n is None
    assert comparison("urner-covid-hospital-death-at-60-d").intervention.n_text == "844 received"
    with pytest.raises(InputError, match="never turned into counts"):
        studies_of(("protect-ii-30-d-major-adverse-events", "cesar-death-at-90-d"))


def test_counts_that_were_worked_out_from_the_print_are_called_computed() -> None:
    assert not comparison("eolia-bleeding-leading-to-transfusion").independent
    assert comparison("eolia-bleeding-leading-to-transfusion").mark == "computed"
    assert comparison("eolia-death-at-60-d").independent and comparison("eolia-death-at-60-d").mark == "seen"
    assert comparison("inception-30-d-cpc-1-2").mark == "recalled-medium"


def test_which_direction_is_good_is_known_of_every_end_point() -> None:
    better = {arm.endpoint: arm.better for arm in arms()}
    assert better["death at 60 d (primary)"] == "lower" and better["180-d CPC 1-2 (primary)"] == "higher"
    assert better["crossover to rescue ECMO"] is None
    assert better["2-y survival free of disabling stroke or reoperation (primary)"] == "higher"


@pytest.mark.parametrize(
    ("name", "verdict", "agrees_as"),
    [
        ("eolia-death-at-60-d", "differs", None),
        ("eolia-treatment-failure-at-60-d", "agrees", "rr"),
        ("cesar-death-or-severe-disability-at-6-mo", "estimate agrees", "rr"),
        ("danger-shock-composite-safety-endpoint", "agrees as another measure", "or"),
        ("danger-shock-renal-replacement-therapy", "agrees as another measure", "or"),
        ("momentum-3-2-y-survival-free-of-disabling-stroke-or-reoperation", "agrees as another measure", "rr inverted"),
        ("ecls-shock-moderate-or-severe-bleeding", "agrees", "rr"),
        ("prague-ohca-180-d-cpc-1-2", "agrees", "or"),
        ("iabp-shock-ii-death-at-30-d", "agrees", "rr"),
        ("danger-shock-death-at-180-d", "not comparable", None),
        ("arrest-survival-to-discharge", "estimate agrees", "rd"),
        ("protect-ii-90-d-major-adverse-events", "counts not known", None),
    ],
)
def test_what_agrees_is_computed(name: str, verdict: str, agrees_as: str | None) -> None:
    assert (BY_ID[name].verdict, BY_ID[name].agrees_as) == (verdict, agrees_as)


def test_whatever_does_not_simply_agree_is_explained_and_nothing_else_is() -> None:
    assert {name for name, one in BY_ID.items() if one.verdict != "agrees"} == set(explanations())
    assert all(one.mark in MARKS and one.source for one in explanations().values())


def test_no_percentage_of_the_table_contradicts_its_counts() -> None:
    assert not [name for name, one in BY_ID.items() if one.verdict == "percentages differ"]


def test_prints_are_read_as_they_stand() -> None:
    one = read_printed("31.5% v 22.0%, OR 1.63 (0.93-2.85) P=0.09")
    assert one.own is not None and (one.own.measure, one.own.value, one.own.low, one.own.high) == ("OR", 1.63, 0.93, 2.85)
    assert one.shares == (31.5, 22.0) and one.p == 0.09
    two = read_printed("RD 36.2% (CrI 3.7-59.2), posterior P=0.9861")
    assert two.own is not None and two.own.credible and two.own.percent and two.p is None
    three = read_printed("RD -2% (-10 to 5); day 7 87% v 83% RD 4% (0-9)")
    assert three.own is not None and (three.own.low, three.own.high) == (-10.0, 5.0) and three.effects[1].about == "day 7"
    four = read_printed("RR 0.69 (0.05[sic]-0.97) P=0.03")
    assert four.own is not None and four.own.sic and "[sic]" in four.own.text
    assert read_printed("17%; 90-d treatment failure RR 0.65 (0.52-0.80)").own is None
    assert read_printed("RR 0.62 (0.47-0.82) P<0.001").p_is_below
    assert read_printed("").effects == () and read_printed("NOT FOUND in stored pages").own is None


HEAD = "study,year,design,arm,role,events,n,endpoint,published_effect,source,confidence,note\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,2020,RCT,x,intervention,5,4,death,,seen,high,", "5 events among 4"),
        ("A,20,RCT,x,intervention,5,40,death,,seen,high,", "no year"),
        ("A,2020,RCT,x,treated,5,40,death,,seen,high,", "role"),
        ("A,2020,RCT,x,intervention,about 5,40,death,,seen,high,", "neither a count"),
        ("A,2020,RCT,x,intervention,5,40,happiness,,seen,high,", "more of this is better"),
        ("A,2020,RCT,x,intervention,5,40,death,,seen,sure,", "confidence"),
        ("A,2020,RCT,x,intervention,5,40,death,,,high,", "empty"),
        ("A,2020,RCT,x,intervention,5,40,death,,seen,high", "fields"),
    ],
)
def test_a_row_that_is_not_in_the_form_of_the_table_is_told_with_its_line(row: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_arms(HEAD + row, "mine.csv")
    assert caught.value.problems[0].line == 2


def test_names_that_are_not_there_are_told_with_the_nearest() -> None:
    for call, name, near in (
        (comparison, "eolia-death-at-61-d", "eolia-death-at-60-d"),
        (of_study, "EOLA", "EOLIA"),
        (pool_named, "ecrp", "ecpr"),
    ):
        with pytest.raises(InputError, match=near):
            call(name)  # type: ignore[operator]


def test_pools_take_their_counts_from_the_table_and_say_what_was_published() -> None:
    assert [study.counts.e1 for study in pools()["eolia-cesar"].studies] == [46, 31]
    assert all(one.published and one.note for one in pools().values())
    assert pools()["ecpr"].better == "higher" and len(pools()["h1n1"].cohorts) == 7


def test_a_csv_of_studies_is_read_with_every_bad_row_told(tmp_path: Path) -> None:
    path = tmp_path / "studies.csv"
    path.write_text("\ufeffstudy,e1,n1,e0,n0,year,region\nA,3,20,5,21,2001,x\nB,4,22,7,25,2003,y\n", encoding="utf-8")
    found = read_csv(path, "region")
    assert [(study.name, study.year, study.subgroup) for study in found] == [("A", 2001, "x"), ("B", 2003, "y")]
    path.write_text("study,e1,n1,e0,n0\nA,30,20,5,21\nB,12%,22,7,25\nA,1,2,x,4\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_csv(path)
    assert [(problem.line, problem.place) for problem in caught.value.problems] == [
        (2, "studies[0].e1"), (3, "studies[1].e1"), (4, "studies[2].e0"),
    ]  # fmt: skip
    path.write_text("study,events\nA,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'n1' is missing"):
        read_csv(path)
