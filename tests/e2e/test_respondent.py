"""The pages of a respondent in a real browser: reachable, readable, light, without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Served
from tests.pages import follow, press
from tests.webapp.respond.asked import GOOD, Asked, tell
from tests.webapp.story import all_rows

pytestmark = pytest.mark.browser

CLOSES = timedelta(days=11, hours=7)
SECTIONS = tuple(GOOD["champion"])
KIB = 1024


@pytest.fixture
def asked(served: Served) -> Asked:
    return tell(served.world)


def a_gap(page: Page) -> None:
    page.get_by_role("button", name="Save and continue").click()


def overtaken(asked: Asked) -> Callable[[Page], None]:
    def prepare(page: Page) -> None:
        page.check("#worth_it")
        asked.save("worth", worth_it="2", revision="99")
        page.get_by_role("button", name="Save and continue").click()
        expect(page.get_by_text("You changed this on another device")).to_be_visible()

    return prepare


def states(asked: Asked) -> list[tuple[str, str, Callable[[Page], None] | None]]:
    """Every page and state while the round is open, before anything is saved and after."""
    at, handed = asked.at, asked.link("second", "handed")
    stop = asked.link("second", "stop")
    return [
        ("landing", at(), None),
        ("landing of a convener", at("convener"), None),
        *((f"section {name}", at(ending=f"/{name}"), None) for name in (*SECTIONS, "more")),
        ("section partners", at("convener", "/partners"), None),
        ("section team", at("convener", "/team"), None),
        ("section you of a partner", at("partner", "/you"), None),
        ("section with gaps", at(ending="/worth"), a_gap),
        ("check with gaps", at(ending="/check"), None),
        ("refused", at(ending="/check"), lambda page: page.click("text=Send my answers")),
        ("questions", at(ending="/print"), None),
        ("handed section", f"/s/{handed}/you", None),
        ("stop", at(ending="/stop"), None),
        ("opt out", f"/stop/{stop}", None),
        ("not you", at(ending="/not-you"), None),
        ("nothing to withdraw", at(ending="/withdraw"), None),
        ("not found", f"/s/{'x' * 43}", None),
        ("cut off", "/s/abc", None),
        ("find link", "/find-my-link", None),
        ("no address", "/find-my-link", lambda page: page.click("text=Mail me my link")),
        ("no section", at(ending="/nothing"), None),
    ]


def states_after(asked: Asked) -> list[tuple[str, str, Callable[[Page], None] | None]]:
    asked.save("you")
    asked.save("worth")
    return [
        ("overtaken", asked.at(ending="/worth"), overtaken(asked)),
        ("returning", asked.at(), None),
        ("later", asked.at(ending="/later"), None),
        ("withdraw", asked.at(ending="/withdraw"), None),
    ]


def states_sent(asked: Asked) -> list[tuple[str, str, Callable[[Page], None] | None]]:
    asked.send("second")
    return [
        ("sent", asked.at("second", "/sent"), None),
        ("landing after sending", asked.at("second"), None),
        ("check after sending", asked.at("second", "/check"), None),
        ("print", asked.at("second", "/print"), None),
    ]


def states_late(asked: Asked) -> list[tuple[str, str, Callable[[Page], None] | None]]:
    asked.world.clock.move(seconds=CLOSES.total_seconds() + 60)
    return [("grace", asked.at(), None), ("grace section", asked.at(ending="/scope"), None)]


def states_closed(asked: Asked) -> list[tuple[str, str, Callable[[Page], None] | None]]:
    asked.world.clock.move(hours=1)
    return [("closed", asked.at(), None), ("closed after sending", asked.at("second"), None)]


STAGES = (states, states_after, states_sent, states_late, states_closed)


def every_state(
    served: Served, asked: Asked, page: Page, look: Callable[[str, Page], None]
) -> None:
    for stage in STAGES:
        for name, address, prepare in stage(asked):
            page.goto("about:blank")
            page.goto(served.url + address)
            if prepare is not None:
                with page.expect_navigation():
                    prepare(page)
            look(name, page)


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["light", "dark", "forced"],
)
def test_no_page_or_state_has_an_accessibility_fault(
    served: Served, asked: Asked, chromium: Browser, options: dict[str, str]
) -> None:
    page = chromium.new_page(**options)

    def look(name: str, page: Page) -> None:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())

    every_state(served, asked, page, look)
    page.close()


def test_nothing_scrolls_sideways_at_320_px(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640})

    def look(name: str, page: Page) -> None:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, (name, width)

    every_state(served, asked, page, look)
    page.close()


def test_nothing_is_cut_off_with_wide_spacing_of_text(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    """The spacing people may set for themselves: no page loses words or scrolls sideways."""
    page = chromium.new_page(viewport={"width": 320, "height": 640}, bypass_csp=True)
    spacing = "* {line-height: 1.5 !important; letter-spacing: .12em !important;"
    spacing += " word-spacing: .16em !important} p {margin-bottom: 2em !important}"
    for ending in ("", "/scope", "/worth", "/check"):
        page.goto(served.url + asked.at(ending=ending))
        page.add_style_tag(content=spacing)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, ending
        cut = page.evaluate(
            "[...document.querySelectorAll('label, button, .button')].filter("
            "one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
        )
        assert not cut, (ending, cut)
    page.close()


def test_everything_to_tap_is_large_enough(served: Served, asked: Asked, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)

    def look(name: str, page: Page) -> None:
        small = page.evaluate(
            "[...document.querySelectorAll('.option label, button, .button, input.short,"
            " input[type=text], textarea, summary')].map(one => [one.textContent.trim(),"
            " one.getBoundingClientRect()]).filter(([, box]) => box.width > 0 &&"
            " (box.height < 44 || box.width < 44)).map(([words]) => words)"
        )
        assert not small, (name, small)

    every_state(served, asked, page, look)
    page.close()


def test_a_champion_gets_from_the_first_page_to_the_receipt_by_keyboard_alone(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(served.url + asked.at())

    def tab_to(selector: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                outline = page.evaluate(
                    "(() => { const one = document.activeElement;"
                    " const seen = one.type === 'radio' ? one.nextElementSibling : one;"
                    " return getComputedStyle(seen).outlineStyle })()"
                )
                assert outline != "none", f"{selector} shows no focus"
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    tab_to("a.start")
    page.keyboard.press("Enter")
    for section in SECTIONS:
        page.wait_for_url(f"**/{section}")
        for name in page.evaluate(
            "[...new Set([...document.querySelectorAll('input[type=radio]')].map(r => r.name))]"
        ):
            tab_to(f"[name='{name}']")
            page.keyboard.press("Space")
        tab_to("form button:not(.plain)")
        page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    tab_to("form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your answers are in")
    assert asked.response().state == "sent"
    page.close()


@pytest.mark.fault("T14")
def test_T14_a_whole_answer_without_script_or_cookies(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.url + asked.at())
    follow(page, "Agree and start")
    for section, answers in GOOD["champion"].items():
        assert page.url.endswith(section)
        for name, value in answers.items():
            if "--" in name:
                page.fill(f"[name='{name}']", value)
            else:
                # The tile is what a finger meets, not the round mark in it.
                page.click(f"[name='{name}'][value='{value}'] + label")
        press(page, "Save and continue")
    press(page, "Send my answers")
    assert "Thank you, Dana" in page.inner_text("h1")
    assert context.cookies() == []
    context.close()


@pytest.mark.fault("T13")
def test_T13_two_people_who_answer_in_two_tabs_of_one_browser_do_not_mix(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    """Page by page in turns, each tab with the form of its own person open all the while."""
    context = chromium.new_context()
    tabs = {who: context.new_page() for who in ("champion", "second")}
    given = {"champion": ("5", "4"), "second": ("1", "2")}
    for who, tab in tabs.items():
        tab.goto(served.url + asked.at(who, "/worth"))
    for section, number in (("worth", 0), ("team", 1)):
        for who, tab in tabs.items():
            tab.wait_for_url(f"**{asked.at(who, '/' + section)}")
            for name in GOOD["champion"][section]:
                tab.click(f"[name='{name}'][value='{given[who][number]}'] + label")
        for tab in reversed(tabs.values()):
            tab.get_by_role("button", name="Save and continue").click()
    for who, tab in tabs.items():
        tab.wait_for_url(f"**{asked.at(who, '/weights')}")
        wanted = dict.fromkeys(GOOD["champion"]["worth"], given[who][0])
        assert asked.response(who).answers == wanted | dict.fromkeys(
            GOOD["champion"]["team"], given[who][1]
        )
    context.close()


@pytest.mark.fault("T12", "T11")
def test_T12_a_scanner_that_presses_every_link_leaves_no_trace(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    """With scripts on, from a real engine, one press after the other, and time for what follows."""
    stop = f"/stop/{asked.link('champion', 'stop')}"
    with served.world.reading() as session:
        before = all_rows(session)
    pressed = set()
    for start in (asked.at(), asked.at(ending="/you"), asked.at(ending="/stop"), stop):
        page = chromium.new_page()
        page.request.head(served.url + start)
        page.goto(served.url + start)
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.outerHTML)")
        for number, link in enumerate(links):
            if "mailto:" in link:
                continue
            page.goto(served.url + start)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            page.locator("a[href]").nth(number).evaluate("one => one.click()")
            page.wait_for_load_state("networkidle")
            pressed.add(page.url.partition("#")[0])
        page.close()
    assert len(pressed) >= 5, pressed
    with served.world.reading() as session:
        assert all_rows(session) == before, "no draft, no consent, no opt-out, nothing noted"
    page = chromium.new_page()
    page.goto(served.url + asked.at())
    expect(page.get_by_role("link", name="Start")).to_be_visible()
    page.close()


def test_each_group_of_answers_is_named_by_its_question(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    page = chromium.new_page()
    page.goto(served.url + asked.at(ending="/worth"))
    group = page.get_by_role(
        "group",
        name="Working on shared needs in a group led by companies is a good use of my time.",
    )
    expect(group.get_by_role("radio")).to_have_count(6)
    assert [one.get_attribute("value") for one in group.get_by_role("radio").all()] == [
        "1", "2", "3", "4", "5", "dk",
    ]  # fmt: skip
    assert not page.locator("input:checked").count()
    page.goto(served.url + asked.at(ending="/weights"))
    rows = page.get_by_role("group", name="When each of these speaks, how much do you listen?")
    expect(rows.get_by_role("group", name="Two Rivers College")).to_be_visible()
    page.close()


def test_an_error_takes_the_focus_and_its_link_leads_to_the_question(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    page = chromium.new_page()
    page.goto(served.url + asked.at(ending="/worth"))
    page.click("[name='worth_it'][value='4'] + label")
    press(page, "Save and continue")
    assert page.title().startswith("Error: ")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_accessible_name("There is a problem")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.locator("#can_deliver")).to_be_focused()
    expect(page.locator("#q-can_deliver")).to_have_accessible_description(
        'Error: Choose an answer, or "I don\'t know"'
    )
    expect(page.locator("[name='worth_it'][value='4']")).to_be_checked()
    page.close()


def test_five_steps_stand_in_one_row_on_a_desk_and_under_each_other_on_a_phone(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    for width, rows in ((1280, 1), (390, 5)):
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.goto(served.url + asked.at(ending="/worth"))
        boxes = [
            page.locator(f"[name='worth_it'][value='{code}'] + label").bounding_box()
            for code in range(1, 6)
        ]
        assert len({round(box["y"]) for box in boxes}) == rows
        assert len({round(box["width"]) for box in boxes}) == 1
        page.close()


@pytest.mark.fault("T05")
def test_T05_pages_are_light_and_ask_nobody_else(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    for ending, most in (("", 40), ("/scope", 60), ("/part", 60), ("/check", 60)):
        context = chromium.new_context()
        page = context.new_page()
        sizes: list[int] = []
        page.on("requestfinished", lambda one, sizes=sizes: sizes.append(weight(one)))
        page.goto(served.url + asked.at(ending=ending), wait_until="networkidle")
        assert sum(sizes) <= most * KIB, (ending, sizes)
        assert len(sizes) <= 3, (ending, sizes)
        context.close()


def weight(request) -> int:
    assert request.url.startswith("http://127.0.0.1:"), request.url
    sizes = request.sizes()
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])


def test_leaving_with_unsaved_words_is_asked_about(
    served: Served, asked: Asked, chromium: Browser
) -> None:
    """An extra of the script; without it everything works the same."""
    page = chromium.new_page()
    page.goto(served.url + asked.at(ending="/scope"))
    page.fill("[name='types_missing--text']", "Tool shops")
    asked_about: list[str] = []
    page.on("dialog", lambda dialog: (asked_about.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Back").click()
    page.wait_for_url("**/you")
    assert asked_about == ["beforeunload"]
    page.close()


def test_the_icon_is_where_browsers_look_for_it(asked: Asked) -> None:
    with asked.client().get("/favicon.ico") as icon:
        assert icon.status_code == 200
        assert icon.mimetype == "image/svg+xml"
