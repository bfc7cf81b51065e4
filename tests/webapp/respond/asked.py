"""A partnership whose people are asked, told straight into the tables, and how they answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from tests.checking import CheckingClient
from tests.conftest import World
from webapp import links
from webapp.models import (
    Invitation,
    Link,
    Membership,
    Message,
    Organization,
    Partnership,
    Person,
    Response,
    User,
    Wave,
)

FACTS: dict[str, Any] = {
    "area": "Harlan, Mead and Pine counties",
    "sector_definition": "Companies that cut, form, weld or finish metal parts",
    "naics": ["332", "333"],
    "sub_sectors": ["Machining", "Welding and fabrication", "Coating and finishing"],
    "criteria": ["job_quality", "firm_size"],
    "min_employees": 20,
    "ancillary_decided": "partly",
    "launch_date": "2026-09-17",
    "decision": "whether we launch in September",
    "results_date": "2026-06-19",
    "convening_team": "Two Rivers Workforce Board",
    "letter_draft": "Dear fellow owner,\n\nfour of us have talked about what holds our shops back.",
    "show_champions": True,
}
PEOPLE = {
    "convener": ("Cora Bell", "Two Rivers Workforce Board", "Director"),
    "partner": ("Sam Wu", "Harlan Chamber of Commerce", "President"),
    "champion": ("Dana Kim", "Acme Machining", "CEO"),
    "second": ("Rita Sol", "Sol Welding", "Owner"),
}
BODIES = ("Harlan Chamber of Commerce", "Two Rivers College", "Metal Makers Association")

# A whole set of good answers, section by section.
GOOD: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "champion": {
        "you": {"x_as": "self", "x_subsector": "s1"},
        "scope": {
            "who_decides": "leaders",
            "geo_fit": "4",
            "def_clear": "5",
            "size_right": "dk",
            "types_missing": "some",
            "types_missing--text": "Tool and die shops",
        },
        "part": {
            "x_sign": "yes",
            "x_welcome": "if_date",
            "x_spread": "3_5",
            "launch_timing": "yes",
        },
        "worth": {"worth_it": "5", "can_deliver": "4", "stay_with": "4"},
        "team": {"convener_standing": "4", "follows_industry": "3", "keeps_word": "dk"},
        "weights": {},
    },
}


@dataclass
class Asked:
    """Ids and tokens of what was told."""

    world: World
    partnership: str
    wave: str
    invitations: dict[str, str]
    tokens: dict[str, str]
    organizations: dict[str, str] = field(default_factory=dict)

    def client(self) -> CheckingClient:
        return self.world.client(cookies=False)

    def at(self, who: str = "champion", ending: str = "") -> str:
        return f"/s/{self.tokens[who]}{ending}"

    def link(self, who: str, purpose: str) -> str:
        """One more token for a person."""
        with self.world.writing() as session:
            invitation = session.get(Invitation, self.invitations[who])
            token = links.mint(session, self.world.clock, invitation, purpose)
            session.commit()
        return token

    def unlink(self, who: str) -> None:
        """As if no mail had gone to this person yet."""
        with self.world.writing() as session:
            session.execute(delete(Link).where(Link.invitation_id == self.invitations[who]))
            session.commit()

    def response(self, who: str = "champion") -> Response | None:
        with self.world.reading() as session:
            return session.scalar(
                select(Response).where(Response.invitation_id == self.invitations[who])
            )

    def invitation(self, who: str = "champion") -> Invitation:
        with self.world.reading() as session:
            return session.get(Invitation, self.invitations[who])

    def messages(self, kind: str) -> list[Message]:
        with self.world.reading() as session:
            return list(session.scalars(select(Message).where(Message.kind == kind)))

    def change_wave(self, **values: Any) -> None:
        with self.world.writing() as session:
            wave = session.get(Wave, self.wave)
            for name, value in values.items():
                setattr(wave, name, value)
            session.commit()

    def revoke(self, who: str) -> None:
        with self.world.writing() as session:
            for link in session.scalars(
                select(Link).where(Link.invitation_id == self.invitations[who])
            ):
                link.revoked_at = self.world.clock.now()
            session.commit()

    def save(self, section: str, who: str = "champion", **changes: Any) -> Any:
        """Post a good copy of a section, with changes; ``None`` leaves a field out."""
        data = {**GOOD["champion"].get(section, {}), **changes}
        data = {key: value for key, value in data.items() if value is not None}
        return self.client().post(self.at(who, f"/{section}"), data=data)

    def answer_all(self, who: str = "champion") -> None:
        for section in GOOD["champion"]:
            answer = self.save(section, who)
            assert answer.status_code == 303, (section, answer.get_data(as_text=True))

    def send(self, who: str = "champion") -> Any:
        self.answer_all(who)
        return self.client().post(self.at(who, "/send"))


def tell(world: World, *, mode: str = "protected", **facts: Any) -> Asked:
    """One partnership, a wave that closes in eleven days, four people with a mailed link each."""
    now = world.clock.now()
    with world.writing() as session:
        owner = User(
            email="cora@board.example", folded_email="cora@board.example", name="Cora Bell",
            created_at=now,
        )  # fmt: skip
        partnership = Partnership(
            name="Two Rivers Metal Partnership",
            region="Two Rivers",
            sector="Metal manufacturing",
            timezone="America/Chicago",
            facts={**FACTS, **facts},
            created_at=now,
        )
        session.add_all([owner, partnership])
        session.flush()
        session.add(
            Membership(
                user_id=owner.id, partnership_id=partnership.id, level="owner", created_at=now
            )
        )
        bodies = {}
        for place, name in enumerate(BODIES):
            body = Organization(
                partnership_id=partnership.id,
                name=name,
                folded_name=name.casefold(),
                kind="association",
                in_facts=True,
                position=place,
            )
            session.add(body)
            session.flush()
            bodies[name] = body.id
        wave = Wave(
            partnership_id=partnership.id,
            open_slot=partnership.id,
            state="open",
            mode=mode,
            closes_wall="2026-06-12T17:00",
            closes_at=now + timedelta(days=11, hours=7),
            created_at=now,
            opened_at=now,
        )
        session.add(wave)
        session.flush()
        invitations, tokens = {}, {}
        for place, (who, (name, organization, title)) in enumerate(PEOPLE.items()):
            role = "champion" if who == "second" else who
            person = Person(
                partnership_id=partnership.id,
                name=name,
                email=f"{who}@people.example",
                folded_email=f"{who}@people.example",
                role=role,
                organization_id=bodies.get(organization),
                organization_name=organization,
                title=title,
                introduced_by="Pat Lee" if role == "champion" else "",
                status="said_yes" if role == "champion" else "",
                position=place,
            )
            session.add(person)
            session.flush()
            invitation = Invitation(
                wave_id=wave.id,
                person_id=person.id,
                role=role,
                organization_id=bodies.get(organization),
                created_at=now,
            )
            session.add(invitation)
            session.flush()
            invitations[who] = invitation.id
            tokens[who] = links.mint(session, world.clock, invitation, links.MAILED)
        session.commit()
        return Asked(world, partnership.id, wave.id, invitations, tokens, bodies)


def words(answer: Any) -> str:
    """What a page says, without markup and with single spaces."""
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    text = text.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")
    return " ".join(text.split())


def at_once(world: World, *posts: tuple[str, dict[str, str]]) -> list[int]:
    """Post everything at the same moment, each from a process-like application of its own."""
    barrier = threading.Barrier(len(posts))
    statuses: list[int] = []

    def post(path: str, data: dict[str, str]) -> None:
        client = world.app.test_client(use_cookies=False)
        barrier.wait()
        statuses.append(client.post(path, data=data).status_code)

    threads = [threading.Thread(target=post, args=one) for one in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def crowd(asked: Asked, people: int) -> None:
    """So many more champions with a mailed link each, called "0", "1", "2" ..."""
    with asked.world.writing() as session:
        for place in range(people):
            person = Person(
                partnership_id=asked.partnership,
                name=f"Person {place}",
                email=f"n{place}@people.example",
                folded_email=f"n{place}@people.example",
                role="champion",
            )
            session.add(person)
            session.flush()
            invitation = Invitation(
                wave_id=asked.wave,
                person_id=person.id,
                role="champion",
                created_at=asked.world.clock.now(),
            )
            session.add(invitation)
            session.flush()
            asked.invitations[str(place)] = invitation.id
            asked.tokens[str(place)] = links.mint(session, asked.world.clock, invitation, "mailed")
        session.commit()
