"""Saving: good, wrong, twice, at once, on two devices; nothing typed is ever lost."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.webapp.respond.asked import GOOD, Asked, at_once, words
from webapp import answers, create_app
from webapp.models import Response, Wave


@pytest.mark.fault("P18", "P20")
def test_P18_P20_the_first_save_records_the_promise_and_no_person(asked: Asked) -> None:
    asked.save("you")
    response = asked.response()
    assert response.notice == "1/protected/3 2026-06-01T15:00:00+00:00"
    columns = set(Response.__table__.columns.keys())
    assert not {"name", "email", "ip", "user_agent"} & columns


@pytest.mark.fault("P20")
def test_P20_a_changed_promise_asks_again(asked: Asked) -> None:
    asked.save("you")
    asked.change_wave(k=4)
    client = asked.client()
    landing = words(client.get(asked.at()))
    assert "Agree and continue" in landing
    assert "has changed since you last saved" in landing
    assert "has changed" in words(client.get(asked.at(ending="/scope")))
    asked.world.clock.move(hours=2)
    asked.save("scope")
    assert asked.response().notice == "1/protected/4 2026-06-01T17:00:00+00:00"
    assert "has changed" not in words(client.get(asked.at()))


@pytest.mark.fault("W03")
def test_W03_a_page_left_open_for_a_day_still_saves(asked: Asked) -> None:
    client = asked.client()
    client.get(asked.at(ending="/you"))
    asked.world.clock.move(hours=26)
    assert asked.save("you").status_code == 303


@pytest.mark.fault("L08")
def test_L08_a_gap_keeps_everything_else_and_leads_to_it(asked: Asked) -> None:
    answer = asked.save("scope", geo_fit=None)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "<title>Error: " in text
    assert 'href="#geo_fit"' in text
    assert "There is a problem" in words(answer)
    assert 'value="Tool and die shops"' in text
    assert 'value="leaders" checked' in text
    assert asked.response() is None


@pytest.mark.fault("L20")
def test_L20_i_dont_know_everywhere_is_a_good_answer(asked: Asked) -> None:
    unsure = {
        "scope": {"who_decides": "not_sure", "geo_fit": "dk", "def_clear": "dk",
                  "size_right": "dk", "types_missing": "not_sure", "types_missing--text": None},
        "worth": dict.fromkeys(("worth_it", "can_deliver", "stay_with"), "dk"),
        "team": dict.fromkeys(("convener_standing", "follows_industry", "keeps_word"), "dk"),
    }  # fmt: skip
    for section in GOOD["champion"]:
        assert asked.save(section, **unsure.get(section, {})).status_code == 303
    assert asked.client().post(asked.at(ending="/send")).status_code == 303
    assert asked.response().state == "sent"


@pytest.mark.parametrize(
    "changes",
    [
        {"geo_fit": "0"},
        {"geo_fit": "6"},
        {"geo_fit": "4.5"},
        {"geo_fit": " 5"},
        {"geo_fit": "5 "},
        {"geo_fit": "Agree"},
        {"geo_fit": ["4", "5"]},
        {"geo_fit": ["4", "4"]},
        {"who_decides": "nobody"},
        {"types_missing--text": ["a", "b"]},
        {"types_missing--text": "x" * 301},
    ],
    ids=str,
)
@pytest.mark.fault("I20", "W15")
def test_I20_W15_what_is_not_offered_is_refused_and_nothing_changes(
    asked: Asked, changes: dict[str, object]
) -> None:
    asked.save("scope")
    before = asked.response().answers
    answer = asked.save("scope", **changes)
    assert answer.status_code == 422, words(answer)
    assert "There is a problem" in words(answer)
    assert asked.response().answers == before


@pytest.mark.parametrize(
    "codes", [["job_quality", "job_quality"], ["nonsense"], ["job_quality", "nonsense"]]
)
@pytest.mark.fault("I20")
def test_I20_several_choices_are_checked_too(asked_once: Asked, codes: list[str]) -> None:
    assert asked_once.save("more", criteria_wanted=codes).status_code == 422
    assert asked_once.save("more", criteria_wanted=["other", "job_quality"]).status_code == 303
    assert asked_once.response().answers["criteria_wanted"] == ["job_quality", "other"]


@pytest.mark.fault("I19")
def test_I19_extra_fields_are_passed_over(asked: Asked) -> None:
    extra = {"role": "convener", "sent_at": "2020-01-01", "state": "sent", "worth_it": "5"}
    assert asked.save("you", **extra).status_code == 303
    response = asked.response()
    assert (response.state, response.sent_at) == ("draft", None)
    assert set(response.answers) == {"x_as", "x_subsector"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b", "ab"),
        ("a\u202eb", "ab"),
        ("a\u200bb", "ab"),
        ("tool \U0001f527 shop", "tool \U0001f527 shop"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Müller & Søn 株式会社", "Müller & Søn 株式会社"),
        ("{{ config }}", "{{ config }}"),
    ],
)
@pytest.mark.fault("I01", "I03", "I11")
def test_I01_I03_I11_strange_text_is_the_same_on_both_engines(
    asked: Asked, typed: str, kept: str
) -> None:
    assert asked.save("scope", **{"types_missing--text": typed}).status_code == 303
    assert asked.response().answers["types_missing--text"] == kept
    for ending in ("/scope", "/check", "/print"):
        page = asked.client().get(asked.at(ending=ending)).get_data(as_text=True)
        assert "<script>alert" not in page


@pytest.mark.fault("I11")
def test_I11_a_lone_surrogate_does_not_break_the_page(asked: Asked) -> None:
    body = b"x_as=self&x_subsector=s1&types_missing--text=%ED%A0%80"
    answer = asked.client().post(
        asked.at(ending="/you"), data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303


@pytest.mark.fault("W11")
def test_W11_too_much_is_refused_plainly(asked_once: Asked) -> None:
    huge = asked_once.save("scope", **{"types_missing--text": "x" * 600_000})
    assert huge.status_code == 413
    many = asked_once.save("scope", **{f"f{place}": "x" for place in range(1001)})
    assert many.status_code == 413
    file = asked_once.client().post(
        asked_once.at(ending="/scope"),
        data=b"x" * 20_000_000,
        content_type="application/octet-stream",
    )
    assert file.status_code == 413
    assert asked_once.response() is None


@pytest.mark.fault("L01")
def test_L01_double_click_refresh_and_back_are_one_submission(asked: Asked) -> None:
    for _ in range(3):
        asked.answer_all()
    assert asked.response().sections["you"]["revision"] == 1
    first = asked.world.clock.now()
    for _ in range(3):
        assert asked.client().post(asked.at(ending="/send")).status_code == 303
        asked.world.clock.move(minutes=5)
    assert asked.response().sent_at == first
    receipts = {words(asked.client().get(asked.at(ending="/sent"))) for _ in range(3)}
    assert len(receipts) == 1
    assert asked.response().receipt in receipts.pop()
    assert len(asked.messages("receipt")) == 1


@pytest.mark.fault("L01")
def test_L01_pressing_send_several_times_at_the_same_moment_is_one_submission(
    asked: Asked,
) -> None:
    asked.answer_all()
    send = (asked.at(ending="/send"), {})
    assert at_once(asked.world, send, send, send, send) == [303] * 4
    response = asked.response()
    assert (response.state, bool(response.receipt)) == ("sent", True)
    assert len(asked.messages("receipt")) == 1


@pytest.mark.fault("L02")
def test_L02_two_first_saves_at_once_make_one_response(asked: Asked) -> None:
    you = (asked.at(ending="/you"), GOOD["champion"]["you"])
    scope = (asked.at(ending="/scope"), GOOD["champion"]["scope"])
    assert at_once(asked.world, you, scope, you, scope) == [303] * 4
    with asked.world.reading() as session:
        assert session.scalar(select(func.count(Response.id))) == 1
    assert set(asked.response().sections) == {"you", "scope"}


@pytest.mark.fault("L03")
def test_L03_an_older_copy_shows_both_and_overwrites_nothing(asked: Asked) -> None:
    asked.save("worth", revision="0")
    asked.world.clock.move(minutes=2)
    late = asked.save("worth", revision="0", worth_it="1")
    assert late.status_code == 409
    page = words(late)
    assert "You changed this on another device" in page
    assert "Saved at 10:00" in page
    assert "Strongly agree On this page Strongly disagree" in page
    assert asked.response().answers["worth_it"] == "5"
    text = late.get_data(as_text=True)
    assert 'name="revision" value="1"' in text
    assert 'name="worth_it" value="1" checked' in text
    chosen = asked.save("worth", revision="1", worth_it="1")
    assert chosen.status_code == 303
    assert asked.response().answers["worth_it"] == "1"
    assert asked.response().sections["worth"]["revision"] == 2


@pytest.mark.fault("L03")
def test_L03_the_same_copy_again_is_no_conflict(asked: Asked) -> None:
    asked.save("worth", revision="0")
    assert asked.save("worth", revision="0").status_code == 303
    assert asked.response().sections["worth"]["revision"] == 1


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.5", "9" * 50, "१"])
@pytest.mark.fault("L03")
def test_L03_a_revision_that_is_no_number_overwrites_nothing(
    asked_once: Asked, revision: str
) -> None:
    asked_once.save("worth")
    assert asked_once.save("worth", revision=revision, worth_it="1").status_code == 409
    assert asked_once.response().answers["worth_it"] == "5"


def test_a_post_without_revision_is_current(asked_once: Asked) -> None:
    asked_once.save("worth")
    assert asked_once.save("worth", worth_it="1").status_code == 303
    assert asked_once.response().answers["worth_it"] == "1"


@pytest.mark.fault("L04")
def test_L04_phone_and_laptop_keep_different_sections(asked: Asked) -> None:
    asked.save("worth", revision="0")
    asked.save("team", revision="0")
    assert {"worth", "team"} == set(asked.response().sections)
    answers = asked.response().answers
    assert answers["worth_it"] == "5"
    assert answers["keeps_word"] == "dk"


@pytest.mark.fault("L04")
def test_L04_sections_saved_at_the_same_moment_are_all_kept(asked: Asked) -> None:
    """Every section but the first from a device of its own, onto a response that is there."""
    asked.save("you")
    sections = [name for name in GOOD["champion"] if name != "you"]
    posts = [
        (asked.at(ending=f"/{name}"), {**GOOD["champion"][name], "revision": "0"})
        for name in sections
    ]
    assert at_once(asked.world, *posts) == [303] * len(sections)
    kept = asked.response()
    assert set(kept.sections) == {"you", *sections}
    assert {one["revision"] for one in kept.sections.values()} == {1}
    wanted = {key: value for part in GOOD["champion"].values() for key, value in part.items()}
    assert kept.answers == wanted


@pytest.mark.fault("L06")
def test_L06_saved_answers_are_there_after_a_restart(asked: Asked) -> None:
    asked.save("scope")
    world = asked.world
    again = create_app(world.settings, world.database, world.clock)
    page = again.test_client().get(asked.at(ending="/scope")).get_data(as_text=True)
    assert 'value="Tool and die shops"' in page


@pytest.mark.fault("L07")
def test_L07_a_change_after_sending_counts_and_keeps_the_receipt(asked: Asked) -> None:
    asked.send()
    receipt = asked.response().receipt
    asked.world.clock.move(hours=3)
    assert asked.save("worth", worth_it="2").status_code == 303
    response = asked.response()
    assert (response.state, response.receipt) == ("sent", receipt)
    assert response.answers["worth_it"] == "2"
    assert response.sections["worth"]["revision"] == 2
    thanks = words(asked.client().get(asked.at(ending="/sent")))
    assert "Last changed Monday, June 1, 2026, 13:00 CDT" in thanks
    assert len(asked.messages("receipt")) == 1


@pytest.mark.fault("L07")
def test_L07_the_results_use_what_was_saved_last(asked: Asked) -> None:
    asked.send()
    asked.save("worth", worth_it="2")
    with asked.world.reading() as session:
        found = answers.rows(session, session.get_one(Wave, asked.wave))
    assert [one.answers["worth_it"] for one in found] == ["2"]


@pytest.mark.fault("L07")
def test_L07_a_sent_section_cannot_lose_a_required_answer(asked: Asked) -> None:
    asked.send()
    assert asked.save("worth", worth_it=None).status_code == 422
    assert asked.save("worth", worth_it=None, then="later").status_code == 422
    assert asked.response().answers["worth_it"] == "5"


@pytest.mark.fault("L09")
def test_L09_sending_with_gaps_is_refused_with_a_link_to_each(asked: Asked) -> None:
    client = asked.client()
    check = client.get(asked.at(ending="/check"))
    assert check.status_code == 200
    refused = client.post(asked.at(ending="/send"))
    assert refused.status_code == 422
    assert refused.get_data(as_text=True).count("#q-") >= 15
    asked.save("you")
    refused = client.post(asked.at(ending="/send"))
    assert f"{asked.at(ending='/worth')}?back=check#q-worth_it" in refused.get_data(as_text=True)
    assert asked.response().state == "draft"
    assert not asked.messages("receipt")


def test_a_change_from_the_check_page_returns_to_it(asked_once: Asked) -> None:
    asked_once.answer_all()
    page = asked_once.client().get(asked_once.at(ending="/you?back=check"))
    assert f'action="{asked_once.at(ending="/you")}?back=check"' in page.get_data(as_text=True)
    answer = asked_once.client().post(
        asked_once.at(ending="/you?back=check"), data=GOOD["champion"]["you"]
    )
    assert answer.location.endswith("/check")


def test_the_returning_person_lands_on_the_exact_first_gap(asked_once: Asked) -> None:
    asked_once.save("you")
    asked_once.save("scope", def_clear=None, then="later")
    landing = asked_once.client().get(asked_once.at())
    assert "You've answered 6 of 20" in words(landing)
    assert f"{asked_once.at(ending='/scope')}#q-def_clear" in landing.get_data(as_text=True)


def test_save_and_finish_later_keeps_what_is_there(asked: Asked) -> None:
    answer = asked.save("scope", geo_fit=None, then="later")
    assert answer.status_code == 303
    page = asked.client().get(answer.location)
    assert "Saved. Come back" in words(page)
    assert "Friday, June 12, 2026, 17:00 CDT" in words(page)
    assert "geo_fit" not in asked.response().answers
    assert asked.response().answers["def_clear"] == "5"
    wrong = asked.save("scope", geo_fit="9", then="later")
    assert wrong.status_code == 422
