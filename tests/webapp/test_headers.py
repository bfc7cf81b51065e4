"""What every answer carries, and what stands in front of the pages."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.conftest import World, make_world, sqlite_url
from tests.webapp.story import Story, csrf_token, tell

PUBLIC = "https://muster.example.org"


@pytest.fixture
def story(sqlite_world: World) -> Story:
    return tell(sqlite_world)


@pytest.fixture
def public_world(tmp_path):
    made = make_world(sqlite_url(tmp_path), tmp_path, public_url=PUBLIC, trusted_proxies="1")
    yield made
    made.database.dispose()


@pytest.mark.fault("W05")
def test_W05_the_policy_allows_nothing_but_our_own_files(story: Story) -> None:
    client = story.signed_in("owner")
    for path in ("/partnerships", "/sign-in", "/nothing-here", f"/waves/{story.wave}/results"):
        policy = client.get(path).headers["Content-Security-Policy"]
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert parts["default-src"] == "'none'"
        for name in ("base-uri", "object-src", "frame-ancestors"):
            assert parts[name] == "'none'"
        for name in ("script-src", "style-src", "img-src", "form-action"):
            assert parts[name] == "'self'"


@pytest.mark.fault("W06")
def test_W06_personal_pages_are_kept_by_no_cache(story: Story) -> None:
    client = story.signed_in("owner")
    for path in ("/partnerships", f"/waves/{story.wave}", f"/waves/{story.wave}/results.json"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.fault("W06")
def test_W06_strict_transport_only_where_there_is_https(story: Story, public_world: World) -> None:
    assert "Strict-Transport-Security" not in story.world.client().get("/sign-in").headers
    secure = {"X-Forwarded-Proto": "https"}
    for path in ("/sign-in", "/nothing-here"):
        answer = public_world.client().get(path, base_url=PUBLIC, headers=secure)
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.fault("W06")
def test_W06_errors_carry_the_headers_too(story: Story) -> None:
    story.world.app.config["PROPAGATE_EXCEPTIONS"] = False
    story.world.app.view_functions["partnerships.start"] = lambda: 1 / 0
    answer = story.world.client().get("/")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_token_pages_send_no_referrer_and_are_not_indexed(story: Story) -> None:
    answer = story.world.client().get(f"/sign-in/{'x' * 43}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.fault("W14")
def test_W14_http_is_sent_to_https_before_anything_else(public_world: World) -> None:
    client = public_world.client()
    for path in ("/s/some-token?x=1", "/sign-in/some-token"):
        answer = client.get(path, base_url="http://muster.example.org")
        assert answer.status_code == 308
        assert answer.location == PUBLIC + path
    health = client.get("/healthz", base_url="http://muster.example.org")
    assert health.status_code == 200


@pytest.mark.fault("W09")
def test_W09_an_untrusted_proxy_is_not_believed(tmp_path) -> None:
    world = make_world(sqlite_url(tmp_path), tmp_path, public_url=PUBLIC)
    spoofed = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = world.client().get("/sign-in", base_url="http://muster.example.org", headers=spoofed)
    world.database.dispose()
    assert answer.status_code == 308
    assert answer.location == f"{PUBLIC}/sign-in"


@pytest.mark.fault("W09")
def test_W09_a_forwarded_host_of_a_trusted_proxy_is_still_checked(public_world: World) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = public_world.client().get("/sign-in", base_url=PUBLIC, headers=headers)
    assert answer.status_code == 400


@pytest.mark.fault("W09")
def test_W09_limits_count_the_true_address(sqlite_world: World) -> None:
    client = sqlite_world.client()
    address = f"/sign-in/{'x' * 43}"
    tell(sqlite_world)
    form = {"csrf_token": csrf_token(client.get("/sign-in"))}
    statuses = [
        client.post(address, data=form, headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code
        for number in range(40)
    ]
    assert statuses[0] == 410
    assert statuses[-1] == 429


def style_address(world: World) -> str:
    page = world.client().get("/sign-in").text
    found = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert found, "no style sheet"
    return found[1]


def test_static_files_have_hashed_names_and_never_expire(sqlite_world: World) -> None:
    address = style_address(sqlite_world)
    assert re.fullmatch(r"/static/muster\.[0-9a-f]{12}\.css", address)
    answer = sqlite_world.client().get(address, buffered=True)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_static_files_are_compressed_before_they_are_asked_for(sqlite_world: World) -> None:
    address = style_address(sqlite_world)
    plain = sqlite_world.client().get(address, buffered=True).data
    packed = sqlite_world.client().get(address, buffered=True, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain
    brotli = sqlite_world.client().get(
        address, buffered=True, headers={"Accept-Encoding": "br, gzip"}
    )
    assert brotli.headers["Content-Encoding"] == "br"


def test_static_files_are_served_where_nothing_can_be_written(tmp_path) -> None:
    url = sqlite_url(tmp_path)
    (tmp_path / "static").write_text("in the way")
    world = make_world(url, tmp_path)
    assert world.client().get(style_address(world), buffered=True).status_code == 200
    world.database.dispose()


LOCAL = ("http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000")


@pytest.mark.fault("W08")
@pytest.mark.parametrize(
    ("public", "here", "nowhere"),
    [
        *((one, (*LOCAL, "http://LOCALHOST"), ("http://127.0.0.2:8000",)) for one in LOCAL),
        ("http://127.0.0.2:8000", (*LOCAL, "http://127.0.0.2:8000"), ("http://127.0.0.3",)),
        ("http://[0:0:0:0:0:0:0:1]:8000", LOCAL, ("http://[::2]:8000",)),
        (PUBLIC, (PUBLIC, "https://MUSTER.example.org:443"), (*LOCAL, "https://example.org")),
        ("https://[2001:db8::1]", ("https://[2001:DB8:0::1]",), ("https://[2001:db8::2]",)),
        ("https://b\u00fccher.example", ("https://xn--bcher-kva.example",), ("https://b.example",)),
    ],
)
def test_W08_pages_are_there_under_our_own_names_only(
    tmp_path: Path, public: str, here: tuple[str, ...], nowhere: tuple[str, ...]
) -> None:
    world = make_world(sqlite_url(tmp_path), tmp_path, public_url=public, trusted_proxies="1")
    client = world.client(cookies=False)
    forged = ("http://evil.example", "http://localhost.evil.example", "http://[::1].evil.example")
    for address, good in (
        *((one, True) for one in here),
        *((one, False) for one in (*nowhere, *forged, "http://a_b", "http://")),
    ):
        scheme, _, host = address.partition("://")
        headers = {"Host": host, "X-Forwarded-Proto": scheme}
        answer = client.get("/sign-in", headers=headers)
        assert answer.status_code == (200 if good else 400), address
        if not good:
            told = "This site is not reached by that name."
            assert (
                answer.text == f"{told}{f' Its address is {public}' if here[0] in LOCAL else ''}\n"
            )
        # Watchers on the machine name the machine.
        local = address in (*LOCAL, "http://LOCALHOST")
        watched = client.get("/healthz", headers=headers)
        assert watched.status_code == (200 if good or local else 400), address
    world.database.dispose()
