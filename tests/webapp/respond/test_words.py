"""What people are promised and asked, word for word, and that it follows from the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import World
from tests.webapp.respond.asked import Asked, tell, words


def landing(asked: Asked, who: str = "champion") -> str:
    return words(asked.client().get(asked.at(who)))


def test_the_landing_page_of_a_champion_says_everything_that_decides(asked_once: Asked) -> None:
    page = landing(asked_once)
    for sentence in (
        "Your view on Two Rivers Metal Partnership",
        "Pat Lee suggested you. Your answers help decide whether we launch in September.",
        "20 questions, about 5 minutes, then 3 more if you like.",
        "Closes Friday, June 12, 2026, 17:00 CDT.",
        "Your commitments are shown with your company's name.",
        "All else is shown only together with others, 3 or more.",
        "only as figures for at least 3 people together.",
        "If everyone answers alike, that shows.",
        "The pages set no cookie.",
    ):
        assert sentence in page, sentence


@pytest.mark.fault("P08", "P13")
def test_P08_P13_the_promise_follows_the_setting(asked_once: Asked) -> None:
    asked_once.change_wave(k=5)
    assert "only together with others, 5 or more" in landing(asked_once)
    asked_once.change_wave(mode="named")
    page = landing(asked_once)
    assert "The conveners see every answer with your name." in page
    assert "only together with others" not in page
    section = words(asked_once.client().get(asked_once.at(ending="/worth")))
    assert section.count("The conveners see every answer with your name.") == 1
    assert "Shown only together" not in section


@pytest.mark.fault("P15")
def test_P15_everyone_is_told_how_many_are_asked_in_the_same_role(asked_once: Asked) -> None:
    assert "You are one of 2 champions asked." in landing(asked_once)
    assert "You are the only strategic partner asked." in landing(asked_once, "partner")


def test_conveners_are_told_how_few_they_are(asked_once: Asked) -> None:
    page = landing(asked_once, "convener")
    assert "The convening team sees each convener's figures." in page
    assert "You are the only one" in page
    assert "Cora Bell invites you." in page


def test_labels_stand_once_a_section_and_beside_a_question_only_where_it_differs(
    asked_once: Asked,
) -> None:
    part = words(asked_once.client().get(asked_once.at(ending="/part")))
    assert part.count("Shown with your organization's name.") == 1
    assert part.count("Shown as counts, without names.") == 1
    worth = words(asked_once.client().get(asked_once.at(ending="/worth")))
    assert worth.count("Shown only together with other people's answers.") == 1


def test_the_setup_stands_at_the_top_of_the_scope_section(asked_once: Asked) -> None:
    for who in ("convener", "partner", "champion"):
        page = words(asked_once.client().get(asked_once.at(who, "/scope")))
        for fact in (
            "Harlan, Mead and Pine counties",
            "(NAICS 332, 333)",
            "Welding and fabrication",
            "pay and chances to move up, number of employees (at least 20)",
            "Partly decided",
            "Thursday, September 17, 2026",
        ):
            assert fact in page, (who, fact)
        assert page.index("Harlan") < page.index("who will choose")


def test_the_letter_lies_folded_under_the_question_about_it(asked_once: Asked) -> None:
    page = asked_once.client().get(asked_once.at(ending="/part")).get_data(as_text=True)
    folded = page.index("<details>")
    assert page.index("Will you sign it?") < folded < page.index("what holds our shops back")
    assert page.index("what holds our shops back") < page.index('value="after_wording"')


def test_champions_who_said_yes_are_named_only_where_that_is_allowed(world: World) -> None:
    shown = tell(world)
    page = words(shown.client().get(shown.at("partner", "/team")))
    assert "Champions who said yes: Dana Kim, Acme Machining; Rita Sol, Sol Welding" in page


def test_champions_are_not_named_to_partners_without_leave(sqlite_world: World) -> None:
    hidden = tell(sqlite_world, show_champions=False)
    page = words(hidden.client().get(hidden.at("partner", "/team")))
    assert "Dana Kim" not in page
    assert "because these champions ask them" not in page


def test_ratings_stand_in_groups_of_their_own_and_never_include_ones_own_body(
    asked_once: Asked,
) -> None:
    page = asked_once.client().get(asked_once.at("partner", "/weights")).get_data(as_text=True)
    own = asked_once.organizations["Harlan Chamber of Commerce"]
    others = set(asked_once.organizations.values()) - {own}
    assert f"weight--{own}" not in page
    for body in others:
        assert f'<fieldset class="question" id="q-weight--{body}"' in page


def test_the_check_page_shows_commitments_and_folds_the_rest(asked_once: Asked) -> None:
    asked_once.answer_all()
    page = asked_once.client().get(asked_once.at(ending="/check"))
    text = page.get_data(as_text=True)
    assert "12 more answers: show" in words(page)
    assert "Every question that needs an answer has one." in words(page)
    assert "You've answered 17 of 20, and nothing more is needed." in landing(asked_once)
    fold = text.index("<details>")
    for wording in ("Who is answering?", "Will you sign it?", "invite in person?"):
        assert text.index(wording) < fold
    assert text.index("right size") > fold
    assert "One more minute: 3 questions" in words(page)
    assert f"{asked_once.at(ending='/more')}" in text


def test_an_optional_section_leads_back_to_the_check_page(asked_once: Asked) -> None:
    asked_once.answer_all()
    saved = asked_once.save("more", biggest_risk="Nobody follows through")
    assert saved.location.endswith("/check")


@pytest.mark.parametrize("who", ["convener", "partner", "champion"])
def test_every_section_of_every_role_opens(asked_once: Asked, who: str) -> None:
    import re

    # Gaps lead to the sections with required questions; answers, once there are some, to all.
    if who == "champion":
        asked_once.answer_all()
    index = asked_once.client().get(asked_once.at(who, "/check")).get_data(as_text=True)
    sections = set(re.findall(rf"{asked_once.at(who)}/(\w+)(?:\?back=check)?#q-", index)) | {"more"}
    assert len(sections) >= 7
    for section in sections:
        page = asked_once.client().get(asked_once.at(who, f"/{section}"))
        assert page.status_code == 200
        assert page.get_data(as_text=True).count('<form method="post"') == 1


def test_closed_pages_tell_each_person_the_truth(asked: Asked) -> None:
    asked.send()
    asked.save("you", "second")
    asked.world.clock.move(seconds=timedelta(days=12).total_seconds())
    sent, draft = landing(asked), landing(asked, "second")
    assert "Your answers were sent in time" in sent
    assert asked.response().receipt in sent
    assert "saved but not sent, so they do not count" in draft
    assert "saved but not sent" not in landing(asked, "partner")
    assert "cora@board.example" in sent
