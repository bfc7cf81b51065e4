"""Links that a convener hands over: they never show an answer and die when the real one is used."""

from __future__ import annotations

import pytest

from tests.webapp.respond.asked import GOOD, Asked, words


@pytest.fixture
def handed(asked: Asked) -> Asked:
    """The champion has answered two sections through a handed link."""
    asked.tokens["mailed"] = asked.tokens["champion"]
    asked.tokens["champion"] = asked.link("champion", "handed")
    asked.save("you")
    asked.save("scope")
    return asked


def test_a_handed_link_marks_the_response(handed: Asked) -> None:
    assert handed.response().handed


@pytest.mark.parametrize("ending", ["", "/you", "/scope", "/check", "/print", "/later"])
def test_no_page_of_a_handed_link_shows_an_answer(handed: Asked, ending: str) -> None:
    page = handed.client().get(handed.at(ending=ending))
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "checked" not in text
    assert "Tool and die" not in text


def test_sections_open_empty_with_a_mark_and_the_check_page_says_answered_or_not(
    handed: Asked,
) -> None:
    section = words(handed.client().get(handed.at(ending="/scope")))
    assert section.count("Answered") == 5
    assert "Leave a question empty to keep its answer" in section
    check = words(handed.client().get(handed.at(ending="/check")))
    assert "I run the company" not in check
    assert "Who is answering? Answered" in check
    assert "Not answered" in check


def test_an_empty_question_keeps_its_answer_and_a_new_one_replaces_it(handed: Asked) -> None:
    answer = handed.client().post(handed.at(ending="/scope"), data={"geo_fit": "1"})
    assert answer.status_code == 303, words(answer)
    answers = handed.response().answers
    assert answers["geo_fit"] == "1"
    assert answers["types_missing"] == "some"
    assert answers["types_missing--text"] == "Tool and die shops"


def test_a_new_choice_through_a_handed_link_drops_the_old_side_text(handed: Asked) -> None:
    handed.client().post(handed.at(ending="/scope"), data={"types_missing": "none"})
    answers = handed.response().answers
    assert answers["types_missing"] == "none"
    assert "types_missing--text" not in answers


def test_what_was_never_answered_is_still_required(handed: Asked) -> None:
    assert handed.client().post(handed.at(ending="/worth"), data={}).status_code == 422


def test_a_conflict_through_a_handed_link_shows_only_what_was_typed(handed: Asked) -> None:
    late = handed.client().post(
        handed.at(ending="/scope"),
        data={**GOOD["champion"]["scope"], "geo_fit": "1", "revision": "0"},
    )
    assert late.status_code == 409
    assert "Saved at" not in words(late)
    assert 'name="geo_fit" value="1" checked' in late.get_data(as_text=True)


def test_the_first_save_through_the_mailed_link_ends_the_handed_one(handed: Asked) -> None:
    client = handed.client()
    mailed = client.get(handed.at("mailed", "/scope")).get_data(as_text=True)
    assert 'value="Tool and die shops"' in mailed
    assert client.get(handed.at()).status_code == 200
    assert handed.save("you", "mailed").status_code == 303
    ended = handed.save("you")
    assert ended.status_code == 410
    assert "A newer link took the place of this one" in words(ended)
    assert handed.response().handed
    assert client.get(handed.at("mailed")).status_code == 200


def test_sending_through_a_handed_link_works_and_the_receipt_shows_no_answer(
    handed: Asked,
) -> None:
    for section in ("part", "worth", "team", "weights"):
        assert handed.save(section).status_code == 303
    sent = handed.client().post(handed.at(ending="/send"))
    assert sent.status_code == 303
    assert "See or print my answers" not in words(handed.client().get(sent.location))
