"""What a page of results costs: how often it asks the database, and that a crowd costs no more."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import delete

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.asking import asked
from tests.webapp.sample_document import sample_document
from tests.webapp.story import SVG, Story, store_snapshot, tell
from webapp import brief
from webapp.models import Membership, SnapshotBrief, UserSession, Wave


@pytest.fixture
def story(world: World) -> Story:
    return tell(world)


def picture(story: Story) -> str:
    return f"/waves/{story.wave}/charts/readiness.svg"


def test_a_picture_takes_two_questions_who_may_see_it_and_the_picture(story: Story) -> None:
    client = story.signed_in("viewer")
    client.get(picture(story))
    with asked() as statements:
        answer = client.get(picture(story))
    assert answer.data == SVG
    assert len(statements) == 2, statements


def test_a_picture_that_the_browser_has_is_not_read_again(story: Story) -> None:
    client = story.signed_in("viewer")
    etag = client.get(picture(story)).headers["ETag"]
    with asked() as statements:
        answer = client.get(picture(story), headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert len(statements) == 2, statements
    assert not any("content" in statement for statement in statements)
    other = client.get(picture(story), headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.data) == (200, SVG)


def answers(client: CheckingClient, story: Story, etag: str) -> list[int]:
    """How a picture is answered to a browser without and with a copy of it."""
    kept = [{}, {"If-None-Match": etag}, {"If-None-Match": "*"}]
    return [client.get(picture(story), headers=one).status_code for one in kept]


def test_nobody_learns_from_a_kept_picture_that_it_is_still_there(story: Story) -> None:
    client = story.signed_in("viewer")
    etag = client.get(picture(story)).headers["ETag"]
    assert answers(client, story, etag) == [200, 304, 304]
    assert answers(story.signed_in("stranger"), story, etag) == [404, 404, 404]
    assert answers(story.world.client(), story, etag) == [404, 404, 404]


@pytest.mark.parametrize("ended", [Membership, UserSession])
def test_whoever_was_let_go_finds_no_picture_at_the_next_request(
    story: Story, ended: type[Membership | UserSession]
) -> None:
    client = story.signed_in("viewer")
    etag = client.get(picture(story)).headers["ETag"]
    with story.world.writing() as session:
        session.execute(delete(ended).where(ended.user_id == story.users["viewer"]))
        session.commit()
    assert answers(client, story, etag) == [404, 404, 404]


def test_an_id_that_no_wave_can_have_is_not_asked_for(story: Story) -> None:
    client = story.signed_in("viewer")
    for odd in ("x" * 101, "%C3%A9", "a%01b"):
        assert client.get(f"/waves/{odd}/charts/readiness.svg").status_code == 404
    assert client.get("/partnerships").status_code == 200


def crowd(companies: int, comments: int) -> dict[str, Any]:
    """A result in which so many companies promised, and so many people remarked on two matters."""
    document = sample_document()
    said = {one["question"]: one for one in document["commitments"] if one["role"] == "champion"}
    promises = [
        {**one, "organization": f"Company {place:04d}", "delegate": place % 9 == 0}
        for one in said.values()
        for place in range(companies)
    ]
    remarks = [
        {"question": question, "role": None, "text": f"Remark {place:04d} on {question}"}
        for place in range(comments)
        for question in ("biggest_risk", "why--worth")
    ]
    kept = [one for one in document["commitments"] if one["role"] == "partner"]
    return {**document, "commitments": kept + promises, "comments": remarks}


def retell(story: Story, document: dict[str, Any]) -> None:
    """A newer snapshot of the closed wave."""
    story.world.clock.move(minutes=1)
    with story.world.writing() as session:
        store_snapshot(session, story.world, session.get_one(Wave, story.wave), document)
        session.commit()


def test_a_page_of_thousands_costs_no_more_than_one_of_a_hundred(story: Story) -> None:
    client = story.signed_in("viewer")
    costs = []
    for companies, comments in ((100, 30), (3000, 900)):
        retell(story, crowd(companies, comments))
        with asked() as statements:
            answer = client.get(f"/waves/{story.wave}/results")
        assert not any("snapshots.body" in statement for statement in statements)
        costs.append((len(statements), len(answer.data)))
    (few, small), (many, large) = costs
    assert many == few == 6, few
    assert abs(large - small) < 50  # the totals have more digits


def test_what_pages_read_does_not_grow_with_the_people_of_an_organization() -> None:
    document = sample_document()
    crowded = [{**one, "answers": one["answers"] * 1000} for one in document["commitments"]]
    assert crowded
    assert brief.brief({**document, "commitments": crowded}) == brief.brief(document)


def test_what_a_page_does_not_hold_is_counted_and_a_link_away(story: Story) -> None:
    retell(story, crowd(120, 21))
    client = story.signed_in("viewer")
    text = client.get(f"/waves/{story.wave}/results").text
    assert "What champions promised: all 120</a>. The first 50 stand here." in text
    assert "Company 0049" in text
    assert "Company 0050" not in text
    assert "All 21 comments on this question</a>. The first 5 stand here." in text
    assert "Remark 0004 on biggest_risk" in text
    assert "Remark 0005 on biggest_risk" not in text
    alone = f"/waves/{story.wave}/results/comments?question=biggest_risk"
    assert f'href="{alone}"' in text
    assert "Remark 0020 on biggest_risk" in client.get(alone).text


def looks(client: CheckingClient, address: str) -> str:
    """A page but for its form token, which is another one every second."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", client.get(address).text)


def test_every_promise_stands_on_one_of_its_pages(story: Story) -> None:
    retell(story, crowd(120, 0))
    client = story.signed_in("viewer")
    address = f"/waves/{story.wave}/results/promises/champion"
    pages = [looks(client, f"{address}?page={page}") for page in (1, 2, 3)]
    shown = [re.findall(r'<th scope="row">(Company \d+)</th>', page) for page in pages]
    assert [len(one) for one in shown] == [50, 50, 20]
    assert list(chain.from_iterable(shown)) == [f"Company {place:04d}" for place in range(120)]
    assert "Page 2 of 3, 120 in all." in pages[1]
    for first in (address, f"{address}?page=0", f"{address}?page=x"):
        assert looks(client, first) == pages[0]
    assert client.get(f"{address}?page=4").status_code == 404
    assert client.get(f"{address}?page={10**30}").status_code == 404
    partners = client.get(f"/waves/{story.wave}/results/promises/partner").text
    assert "Metal Trades Association" in partners
    assert "Pages of the list" not in partners


@pytest.mark.parametrize("companies", [12, 13])
def test_many_champions_are_counted_by_sub_sector_instead_of_named(
    story: Story, companies: int
) -> None:
    retell(story, crowd(companies, 0))
    text = story.signed_in("viewer").get(f"/waves/{story.wave}/results").text
    table = text.partition('<table class="coverage">')[2].partition("</table>")[0]
    assert ("Company 0000" in table) == (companies == 12)
    cells = re.findall(r"<td>(\d*)</td>", table)
    counted = sum(map(int, filter(None, cells)))
    assert counted == (0 if companies == 12 else 13)
    assert "Each of the 13 champions is counted once." in text or companies == 12


def test_a_result_from_before_pages_had_a_part_of_their_own_looks_the_same(story: Story) -> None:
    retell(story, crowd(120, 21))
    client = story.signed_in("viewer")
    now = looks(client, f"/waves/{story.wave}/results")
    with story.world.writing() as session:
        session.execute(delete(SnapshotBrief))
        session.commit()
    assert looks(client, f"/waves/{story.wave}/results") == now
