"""Erasing a person, purging a round, doing it again after a restore: nothing of a name is left."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.kept import answered, close
from tests.webapp.respond.asked import Asked, words
from tests.webapp.story import all_rows, csrf_token
from webapp import links, queries
from webapp.erasures import ErasureLog
from webapp.faults import Refused
from webapp.models import (
    Employer,
    Export,
    Invitation,
    Link,
    Membership,
    Message,
    Partnership,
    Person,
    PlanItem,
    Response,
    Snapshot,
    SnapshotText,
    User,
    Wave,
)
from webapp.operations import audit, erasing, purging
from webapp.operations.take_snapshot import redraw
from webapp.worker import Worker

EMAIL = "champion@people.example"
SAID = "Tool and die shops"


@pytest.fixture
def named(world: World) -> Asked:
    """A closed round in which every answer is shown by name."""
    return answered(world, mode="named")


def erase(asked: Asked, email: str = EMAIL) -> erasing.Erased:
    with asked.world.writing() as session:
        erased = erasing.erase(session, asked.world.clock, email)
        session.commit()
    return erased


def everything(asked: Asked) -> str:
    with asked.world.reading() as session:
        return "\n".join(all_rows(session))


def test_an_erased_person_is_nowhere_in_the_database(named: Asked) -> None:
    asked = named
    token = asked.tokens["champion"]
    stop = asked.link("champion", links.STOP)
    with asked.world.reading() as session:
        before = session.scalars(select(Snapshot.body)).one()
        assert session.scalars(
            select(SnapshotText.id).where(SnapshotText.kind == "answer")
        ).all(), "the story holds named answers"
    assert erase(asked) == erasing.Erased(1, (asked.wave,), 0)
    left = everything(asked)
    person = asked.invitations["champion"]
    for gone in ("Dana", EMAIL):
        assert gone not in left
    with asked.world.reading() as session:
        assert session.get(Invitation, person) is None
        assert not session.scalars(select(Link).where(Link.invitation_id == person)).all()
        assert not session.scalars(select(Message).where(Message.invitation_id == person)).all()
        assert len(session.scalars(select(Response)).all()) == 1
        answers = session.scalars(select(SnapshotText).where(SnapshotText.kind == "answer")).all()
        assert answers
        assert person not in {one.content["respondent"] for one in answers}
        assert session.scalars(select(PlanItem.owner)).one() == ""
        assert session.scalars(select(Snapshot.body)).one() == before, "no figure is computed again"
        export = session.scalars(select(Export)).one()
        assert (export.content, export.made_at) == (None, None), "the file is made again"
    for address in (f"/s/{token}", f"/s/{token}/check", f"/stop/{stop}"):
        page = asked.client().get(address)
        assert page.status_code == 410
        assert "Nothing is kept about the person" in words(page)
        assert "Dana" not in words(page)
    assert asked.client().get(asked.at("second")).status_code == 410, "closed, as for everyone"


def test_the_remarks_of_an_erased_person_go_and_those_of_others_stay(named: Asked) -> None:
    asked = named

    def remarks() -> list[str]:
        with asked.world.reading() as session:
            rows = session.scalars(select(SnapshotText).where(SnapshotText.kind == "comment"))
            return [one.content["text"] for one in rows]

    both = remarks()
    assert both.count(SAID) == 2, "both champions wrote the same words"
    erase(asked)
    assert remarks().count(SAID) == 1


@pytest.mark.fault("L16")
def test_L16_someone_erased_while_answering_reads_a_polite_page_and_keeps_the_words(
    world: World,
) -> None:
    asked = answered(world, closed=False)
    erase(asked)
    answer = asked.save("scope")
    assert answer.status_code == 410
    assert "This link has ended" in words(answer)
    assert SAID in words(answer)


@pytest.mark.fault("P21")
def test_P21_whoever_takes_answers_back_after_the_close_leaves_the_files_too(
    world: World,
) -> None:
    asked = answered(world)
    assert asked.client().post(asked.at(ending="/withdraw")).status_code == 200
    assert asked.response().answers == {}
    with world.reading() as session:
        export = session.scalars(select(Export)).one()
    assert (export.content, export.made_at) == (None, None), "made again without the answers"


def test_an_interim_look_forgets_the_erased_too(world: World) -> None:
    asked = answered(world)
    person = asked.invitations["champion"]
    basis = {"champion": {"digests": {person: "1", "x": "2"}, "answers": [{"id": person}]}}
    with world.writing() as session:
        session.scalars(select(Snapshot)).one().basis = basis
        session.commit()
    erase(asked)
    with world.reading() as session:
        kept = session.scalars(select(Snapshot.basis)).one()
    assert kept == {"champion": {"digests": {"x": "2"}, "answers": []}}


def test_an_account_goes_too_but_no_partnership_loses_its_only_owner(world: World) -> None:
    asked = answered(world, closed=False)
    with pytest.raises(Refused, match="only owner of Two Rivers Metal Partnership"):
        erase(asked, "cora@board.example")
    with world.writing() as session:
        other = User(email="o@x.example", folded_email="o@x.example", created_at=world.clock.now())
        session.add(other)
        session.flush()
        session.add(
            Membership(
                user_id=other.id, partnership_id=asked.partnership, level="owner",
                created_at=world.clock.now(),
            )
        )  # fmt: skip
        session.commit()
    assert erase(asked, "cora@board.example") == erasing.Erased(0, (), 1)
    assert "cora@board.example" not in everything(asked)


def test_pictures_are_drawn_again_without_an_erased_name(sqlite_world: World) -> None:
    asked = answered(sqlite_world)
    with sqlite_world.writing() as session:
        session.execute(SnapshotText.__table__.delete())
        redraw(session, asked.wave)
        session.commit()
    with sqlite_world.reading() as session:
        taken = queries.final_snapshot(session, session.get_one(Wave, asked.wave))
        assert {one.format for one in taken.charts} == {"svg", "png"}
        assert not any(b"Harlan Chamber" in one.content for one in taken.charts)


@pytest.mark.fault("P21")
def test_P21_a_name_taken_back_leaves_the_pictures_at_once_and_the_worker_draws_them_again(
    world: World,
) -> None:
    asked = answered(world, closed=False)
    body = asked.organizations["Harlan Chamber of Commerce"]
    with world.writing() as session:
        session.get_one(Invitation, asked.invitations["champion"]).organization_id = body
        session.commit()
    close(asked)
    client = signed_in(asked)
    picture, page = f"/waves/{asked.wave}/charts/map.svg", f"/waves/{asked.wave}/results/map"
    assert b"Harlan Chamber" in client.get(picture).data
    assert picture in client.get(page).text
    figures = snapshot_bodies(asked)

    assert asked.client().post(asked.at(ending="/withdraw")).status_code == 200
    waiting = client.get(picture)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "5")
    assert "being drawn again" in words(waiting)
    assert picture not in client.get(page).text
    assert "being drawn again" in words(client.get(page))
    assert client.get(f"/waves/{asked.wave}/results.json").json["charts"]
    with world.reading() as session:
        assert not queries.pending_exports(session), "no file is made without its pictures"

    assert Worker(world.database, world.settings, world.clock).run_once().well
    drawn = client.get(picture)
    assert drawn.status_code == 200
    assert b"Harlan Chamber" not in drawn.data
    assert b"[removed]" in drawn.data
    assert picture in client.get(page).text
    assert snapshot_bodies(asked) == figures, "no figure is computed again"
    with world.reading() as session:
        content = session.scalars(select(Export.content)).one()
    with ZipFile(BytesIO(content)) as files:
        assert "charts/map.svg" in files.namelist()
        for name in files.namelist():
            assert b"Harlan Chamber" not in files.read(name), name


def test_pictures_stay_where_no_name_goes(world: World) -> None:
    asked = answered(world)
    client = signed_in(asked)
    address = f"/waves/{asked.wave}/charts/map.svg"
    before = client.get(address).data
    asked.client().post(asked.at(ending="/withdraw"))
    assert client.get(address).data == before


@pytest.mark.fault("P21")
@pytest.mark.parametrize("changed", [False, True])
def test_P21_words_that_were_changed_since_a_look_go_with_the_answers(
    world: World, changed: bool
) -> None:
    asked = answered(world, closed=False)
    world.clock.move(hours=1)
    with world.writing() as session:
        looked = Snapshot(
            wave_id=asked.wave, kind="interim", taken_at=world.clock.now(), body={}, digest="0"
        )
        session.add(looked)
        session.flush()
        for place, said in enumerate((SAID, "Somebody else's words")):
            content = {"question": "types_missing", "role": None, "text": said}
            session.add(
                SnapshotText(snapshot_id=looked.id, kind="comment", position=place, content=content)
            )
        session.commit()
    world.clock.move(hours=1)
    if changed:
        assert asked.save("scope", **{"types_missing--text": "Milder words"}).status_code == 303
        assert asked.response().state == "sent"
    assert asked.client().post(asked.at(ending="/withdraw")).status_code == 200
    with world.reading() as session:
        left = [one.content["text"] for one in session.scalars(select(SnapshotText))]
    assert left == ([] if changed else ["Somebody else's words"])


def snapshot_bodies(asked: Asked) -> list[object]:
    with asked.world.reading() as session:
        return list(session.scalars(select(Snapshot.body)))


def signed_in(asked: Asked) -> CheckingClient:
    """The browser of the partnership's owner."""
    client = asked.world.client()
    with asked.world.writing() as session:
        user = session.scalars(select(User)).one()
        token = links.mint_sign_in(session, asked.world.clock, user, timedelta(minutes=15))
        session.commit()
    form = {"csrf_token": csrf_token(client.get(f"/sign-in/{token}"))}
    client.post(f"/sign-in/{token}", data=form)
    return client


@pytest.mark.fault("D04")
def test_D04_the_log_names_nobody_and_erases_again(world: World) -> None:
    asked = answered(world, closed=False)
    log = ErasureLog.of(world.settings)
    assert not log.holds(EMAIL)
    log.add(EMAIL, world.clock.now())
    assert b"champion" not in log.path.read_bytes()
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    newer = replace(world.settings, secret_key="n" * 40, secret_key_fallbacks=("k" * 40,))
    assert ErasureLog.of(newer).holds(EMAIL), "written under the older key"
    lost = replace(newer, secret_key_fallbacks=())
    assert (ErasureLog.of(lost).holds(EMAIL), ErasureLog.of(lost).unreadable) == (False, 1)
    with world.writing() as session:
        again = erasing.erase_again(session, world.clock, ErasureLog.of(newer), None)
        session.commit()
    assert again == erasing.Again((erasing.Erased(1, (asked.wave,), 0),), ())
    assert EMAIL not in everything(asked)
    assert "second@people.example" in everything(asked)


@pytest.mark.fault("D04")
def test_D04_an_only_owner_of_then_stops_no_restore_and_is_told(world: World) -> None:
    """Erased when there was another owner; in the older backup there is none."""
    asked = answered(world, closed=False)
    log = ErasureLog.of(world.settings)
    for email in ("cora@board.example", EMAIL):
        log.add(email, world.clock.now())
    with world.writing() as session:
        again = erasing.erase_again(session, world.clock, log, world.clock.now())
        session.commit()
    assert [one.people for one in again.erased] == [1]
    (kept,) = again.kept
    assert "only owner of Two Rivers Metal Partnership" in kept
    assert EMAIL not in everything(asked)
    assert "cora@board.example" in everything(asked)


@pytest.mark.fault("D04")
def test_D04_a_line_that_was_cut_off_hides_no_other(world: World) -> None:
    """The power failed while one was written."""
    log = ErasureLog.of(world.settings)
    log.add(EMAIL, world.clock.now())
    log.path.write_bytes(log.path.read_bytes() + log.path.read_bytes()[:40])
    log.add("second@people.example", world.clock.now())
    assert log.holds(EMAIL)
    assert log.holds("second@people.example")
    assert log.unreadable == 1


def purge(asked: Asked, days: int = 365) -> list[purging.Purge]:
    with asked.world.writing() as session:
        done = [
            purging.purge(session, asked.world.clock, wave)
            for wave in purging.due(session, asked.world.clock, days)
        ]
        session.commit()
    return done


@pytest.mark.fault("P23", "T09")
def test_P23_T09_after_the_time_for_keeping_only_figures_are_left(named: Asked) -> None:
    asked = named
    world = asked.world
    stop = asked.link("champion", links.STOP)
    world.clock.move(days=364)
    assert purge(asked) == []
    world.clock.move(days=2)
    with world.reading() as session:
        (wave,) = purging.due(session, world.clock, 365)
        told = purging.would_go(session, wave)
        body = session.scalars(select(Snapshot.body)).one()
    assert told == purging.Purge(
        asked.wave, invitations=4, responses=2, people=4, companies=1, stay=0, held_by=""
    )
    goes, stays = told.sentences
    assert goes == (
        "That 4 people were asked, with every link and mail; the answers and remarks of 2 people; "
        "4 people of the roster; 1 company of the employer list."
    )
    assert stays == "Nobody stays on the roster. The figures and pictures stay."
    assert "Dana" in everything(asked), "a dry run deletes nothing"
    assert purge(asked) == [told]
    left = everything(asked)
    for gone in ("Dana", "Rita", "people.example", SAID, "Harlan Chamber of Commerce'}"):
        assert gone not in left, gone
    with world.reading() as session:
        for table in (Person, Invitation, Link, Response, Message, Employer):
            assert not session.scalars(select(table)).all(), table
        assert session.scalars(select(Snapshot.body)).one() == body
        assert session.get_one(Wave, asked.wave).purged_at == world.clock.now()
    for address in (asked.at(), asked.at(ending="/print"), f"/stop/{stop}"):
        page = asked.client().get(address)
        assert page.status_code == 410
        assert "Dana" not in words(page)
        assert "Two Rivers" not in words(page)
    assert purge(asked) == [], "once is enough"


def test_people_of_a_round_that_is_being_prepared_stay_on_the_roster(world: World) -> None:
    asked = answered(world)
    world.clock.move(days=366)
    with world.writing() as session:
        session.add(
            Wave(
                partnership_id=asked.partnership, state="draft", closes_wall="2027-07-01T17:00",
                closes_at=world.clock.now() + timedelta(days=9), created_at=world.clock.now(),
            )
        )  # fmt: skip
        session.commit()
    (gone,) = purge(asked)
    assert gone == purging.Purge(
        asked.wave, invitations=4, responses=2, people=0, companies=0, stay=4, held_by="draft"
    )
    assert gone.sentences[1] == (
        "4 people stay on the roster: a round is being prepared. The figures and pictures stay."
    )
    with world.reading() as session:
        assert len(session.scalars(select(Person)).all()) == 4
        assert len(session.scalars(select(Employer)).all()) == 1
    assert SAID not in everything(asked)

    cancel_draft(asked)
    world.clock.move(days=366)
    (later,) = purge(asked)
    assert (later.people, later.companies, later.stay) == (4, 1, 0), "no round is left to ask them"
    assert "people.example" not in everything(asked)


@pytest.mark.fault("P23")
def test_P23_a_draft_that_nobody_opens_or_cancels_keeps_the_roster_only_so_long(
    world: World,
) -> None:
    asked = answered(world)
    planned = world.clock.now() + timedelta(days=300)
    draft = Wave(
        partnership_id=asked.partnership, state="draft", closes_wall="2027-04-01T17:00",
        closes_at=planned, created_at=world.clock.now(),
    )  # fmt: skip
    with world.writing() as session:
        session.add(draft)
        session.commit()
    world.clock.move(days=366)
    assert [(one.people, one.held_by) for one in purge(asked)] == [(0, "draft")]
    page = words(signed_in(asked).get(f"/waves/{draft.id}"))
    assert "The names are kept until" in page
    assert "To keep the roster, move the day on which this round closes." in page
    world.clock.move(days=298)
    assert purge(asked) == [], "the planned close is 364 days ago"
    world.clock.move(days=2)
    (gone,) = purge(asked)
    assert (gone.wave, gone.people, gone.companies, gone.stay) == (draft.id, 4, 1, 0)
    assert "people.example" not in everything(asked)
    with world.reading() as session:
        kept = session.get_one(Wave, draft.id)
        assert (kept.state, kept.purged_at) == ("canceled", world.clock.now())
    assert purge(asked) == []


def test_people_brought_in_for_a_late_draft_are_kept_as_long_again(world: World) -> None:
    asked = answered(world, closed=False)
    asked.change_wave(state="draft", open_slot=None, closes_at=world.clock.now())
    world.clock.move(days=300)
    with world.writing() as session:
        partnership = session.get_one(Partnership, asked.partnership)
        audit.record(session, world.clock, "command line", "import roster", partnership=partnership)
        session.commit()
    world.clock.move(days=364)
    assert purge(asked) == []
    world.clock.move(days=2)
    assert [one.people for one in purge(asked)] == [4]


def cancel_draft(asked: Asked) -> None:
    with asked.world.writing() as session:
        draft = session.scalars(select(Wave).where(Wave.state == "draft")).one()
        draft.state, draft.closed_at = "canceled", asked.world.clock.now()
        session.commit()


def test_whoever_was_brought_in_after_the_close_and_not_asked_yet_stays(world: World) -> None:
    asked = answered(world)
    world.clock.move(days=100)
    with world.writing() as session:
        session.add(
            Person(
                partnership_id=asked.partnership, name="Nia New", email="nia@new.example",
                folded_email="nia@new.example", role="champion",
            )
        )  # fmt: skip
        partnership = session.get_one(Partnership, asked.partnership)
        audit.record(session, world.clock, "command line", "import roster", partnership=partnership)
        session.commit()
    world.clock.move(days=266)
    (gone,) = purge(asked)
    assert (gone.people, gone.stay) == (4, 1)
    assert "they came after the close" in gone.sentences[1]
    with world.reading() as session:
        assert session.scalars(select(Person.email)).all() == ["nia@new.example"]


def test_the_page_of_a_closed_round_says_beforehand_what_goes_and_what_stays(
    world: World,
) -> None:
    asked = answered(world)
    address = f"/waves/{asked.wave}"
    page = signed_in(asked).get(address)
    assert "The names are kept until" in words(page)
    assert "Then deleted for good: That 4 people were asked" in words(page)
    assert "<details>" in page.text
    world.clock.move(days=336)
    soon = signed_in(asked).get(address)
    assert "<details open>" in soon.text
    world.clock.move(days=30)
    purge(asked)
    assert "The names are kept until" not in words(signed_in(asked).get(address))


def test_a_canceled_round_is_purged_and_an_open_one_never(world: World) -> None:
    asked = answered(world, closed=False)
    world.clock.move(days=900)
    assert purge(asked) == []
    asked.change_wave(state="canceled", open_slot=None, closed_at=world.clock.now())
    world.clock.move(days=366)
    assert [one.wave for one in purge(asked)] == [asked.wave]


def test_the_conveners_pages_still_open_after_a_purge(sqlite_world: World) -> None:
    asked = answered(sqlite_world)
    sqlite_world.clock.move(days=366)
    purge(asked)
    client = signed_in(asked)
    for address in (f"/waves/{asked.wave}", f"/waves/{asked.wave}/results"):
        assert client.get(address).status_code == 200, address
    assert "names, addresses and answers were deleted" in words(client.get(f"/waves/{asked.wave}"))
