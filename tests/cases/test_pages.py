"""Every shipped case does what its page says: each sentence stands in the page, and holds in the run. A case is played once."""

import circuit_pages
import compared_pages
import device_pages
import pytest
from pages import Course, agrees, read, table, untold, words
from plain_sentences import PLAIN

from perfuse.parameters.library import case_names, load_case

BOOKS = (circuit_pages, device_pages, compared_pages)
CLAIMS = {name: claims for book in BOOKS for name, claims in book.CLAIMS.items()}
TABLES = {name: made for book in BOOKS for name, made in book.TABLES.items()}


def test_every_shipped_case_has_claims() -> None:
    assert sorted(CLAIMS) == sorted(case_names())


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_the_tested_sentences_are_those_of_the_page(name: str) -> None:
    text = words(name)
    assert [claim.sentence for claim in CLAIMS[name] if claim.sentence not in text] == []
    assert [sentence for sentence in PLAIN.get(name, ()) if sentence not in text] == []
    assert untold(name, [*(claim.sentence for claim in CLAIMS[name]), *PLAIN.get(name, ())]) == []


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_case_does_what_its_page_says(name: str) -> None:
    course = compared_pages.Compared(name) if name in compared_pages.CLAIMS else Course(load_case(name))
    wrong = [text for claim in CLAIMS[name] for text in claim.wrong(course)]
    for cell, label, quantity, place in table(name, *TABLES[name]) if name in TABLES else []:
        reading = (quantity, place)
        number = cell.removesuffix(" %")
        if quantity is not None and not agrees(number, value := read(course, reading)):
            wrong.append(f"{label}: {quantity} {cell}, {value:.4g} in the run")
    assert wrong == []


def test_a_claim_can_be_false() -> None:
    from pages import Claim

    sentence = "MAP 60 → 64 mmHg, `CO` −1.5 L/min at 5,400 rpm with P-8 and SaO2 88 %."
    true = [60.0, 64.9, -1.55, 5408.0, 88.0]
    assert Claim(sentence, true).wrong(None) == []
    for i in range(5):
        false = [value * (1.1 if i == j else 1.0) for j, value in enumerate(true)]
        assert len(Claim(sentence, false).wrong(None)) == 1
    assert len(Claim(sentence, true[:4]).wrong(None)) == 1
    assert len(Claim(sentence, check=lambda course: False).wrong(None)) == 1
