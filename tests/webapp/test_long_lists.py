"""Lists of a result that have no end by themselves: so many on a page, the rest a link away."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.analysis.waves import worked_example
from tests.conftest import World
from tests.webapp.sample_document import sample_document
from tests.webapp.story import Story, csrf_token, tell
from tests.webapp.test_by_name import convener
from tests.webapp.test_take_snapshot import tell as tell_answers
from webapp.models import SnapshotText
from webapp.queries import spoken

RISK, SCOPE = "biggest_risk", "why--scope"


@pytest.fixture
def story(world: World) -> Story:
    comments = [
        {"question": question, "role": None, "text": f"Remark {n:02d} on {question}"}
        for question in (RISK, SCOPE)
        for n in range(60)
    ]
    return tell(world, comments=comments)


def remarks(story: Story, query: str = "", level: str = "editor") -> list[str]:
    page = story.signed_in(level).get(f"/waves/{story.wave}/results/comments{query}")
    assert page.status_code == 200, query
    return re.findall(r"Remark \d\d on [\w-]+", page.text)


def test_comments_stand_fifty_on_a_page_each_once(story: Story) -> None:
    pages = [remarks(story, f"?page={number}") for number in (1, 2, 3)]
    assert [len(one) for one in pages] == [50, 50, 20]
    assert len({one for page in pages for one in page}) == 120
    client = story.signed_in("viewer")
    address = f"/waves/{story.wave}/results/comments"
    text = client.get(address).text
    assert "120 comments. They were shuffled once" in text
    assert "Page 1 of 3, 120 in all." in text
    assert f'href="{address}?page=2"' in text
    assert client.get(f"{address}?page=4").status_code == 404
    assert client.get(f"{address}?page=x").status_code == 200


def test_the_comments_on_one_question_can_be_read_alone(story: Story) -> None:
    assert remarks(story, f"?question={SCOPE}") == [f"Remark {n:02d} on {SCOPE}" for n in range(50)]
    assert len(remarks(story, f"?question={SCOPE}&page=2")) == 10
    client = story.signed_in("viewer")
    address = f"/waves/{story.wave}/results/comments"
    assert "60 comments on this question." in client.get(f"{address}?question={SCOPE}").text
    assert f"{address}?question={SCOPE}" in client.get(address).text
    assert client.get(f"{address}?question=nothing").status_code == 404


def test_who_hides_a_comment_comes_back_to_its_page(story: Story) -> None:
    client = story.signed_in("editor")
    with story.world.reading() as session:
        rows = session.scalars(select(SnapshotText).where(SnapshotText.kind == "comment"))
        key = next(one.id for one in rows if one.content["text"] == f"Remark 55 on {SCOPE}")
    address = f"/waves/{story.wave}/results/comments"
    token = csrf_token(client.get("/partnerships"))
    answer = client.post(f"{address}/{key}/hide", data={"csrf_token": token})
    assert answer.location == f"{address}?page=3#comment-{key}"
    assert f'id="comment-{key}"' in client.get(answer.location).text
    assert "119 comments, 1 hidden." in client.get(address).text


def test_people_who_answered_by_name_stand_so_many_on_a_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "MOST_LISTED", 4)
    monkeypatch.setattr("webapp.queries.MOST_LISTED", 4)
    told = tell_answers(world, worked_example(), mode="named")
    told.close()
    client = convener(told).signed_in("viewer")
    address = f"/waves/{told.wave}/results/by-name"
    people = [
        re.findall(r"<summary>(Person \w+)", client.get(f"{address}?page={number}").text)
        for number in (1, 2, 3)
    ]
    assert [len(one) for one in people] == [4, 4, 3]
    assert len({one for page in people for one in page}) == 11
    assert [one[7] for page in people for one in page] == [*"cc", *"pppppp", *"xxx"]
    assert client.get(f"{address}?page=4").status_code == 404


def test_the_map_shows_the_beginning_of_long_lists_and_folds_the_rest(sqlite_world: World) -> None:
    document = sample_document()
    body = next(one for one in document["organizations"] if one["quarter"] == "win_over")
    many = [{**body, "id": f"b{n}", "name": f"Body {n:02d}"} for n in range(13)]
    document["organizations"] = many
    document["named_missing"] = [{"name": f"Guild {n:03d}", "count": 1} for n in range(70)]
    story = tell(sqlite_world, **document)
    text = story.signed_in("viewer").get(f"/waves/{story.wave}/results/map").text
    folded = "".join(re.findall(r"<details>.*?</details>", text, re.DOTALL))
    assert "<summary>3 more</summary>" in folded
    assert "Body 09" not in folded.partition("Show the numbers")[0]
    assert "Body 10" in folded
    assert "<summary>40 more</summary>" in folded
    assert "Guild 010" in folded
    assert "Guild 049" in text
    assert "Guild 050" not in text
    assert "70 were named in all. The 50 named most often stand here" in text
    overview = story.signed_in("viewer").get(f"/waves/{story.wave}/results").text
    assert "and 70 organizations it lacks" in overview
