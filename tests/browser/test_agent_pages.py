"""The pages of the console: three steps on a phone, opening in place, and accessibility."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.accessibility import SCHEMES, turn, violations
from tests.browser.conftest import NewPage
from tests.serving import Product

from .agent import Agent, Desk, sign_in_link

#: These pages are the same whatever database is behind them.

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


def test_the_button_of_a_link_signs_in(product: Product, new_page: NewPage) -> None:
    """Sign in through the pages once; the other tests send what the button sends."""
    page = new_page()
    page.goto(sign_in_link(product))
    expect(page.get_by_label("Link or code")).to_be_hidden()
    assert "#" not in page.url, "the code does not stay in the history"
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/console/(?!sign-in)"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_on_a_phone_list_transcript_and_side_are_three_steps(signed_in: Callable[..., Agent], desk: Desk) -> None:
    talk = desk.talk(title="Order 4411").chat()
    talk.vote(talk.ask(), 1)
    agent = signed_in(**PHONE)
    page = agent.page
    agent.open()
    side = page.get_by_role("complementary", name="Details")
    transcript = page.locator("main.transcript")
    list_ = page.get_by_role("navigation", name="Conversations")
    expect(list_).to_be_visible()

    agent.rows.first.click()
    expect(transcript).to_be_visible()
    expect(list_).to_be_hidden()
    expect(side).to_be_hidden()

    page.get_by_role("link", name="Details").click()
    expect(side).to_be_visible()
    expect(transcript).to_be_hidden()

    page.go_back()
    expect(transcript).to_be_visible()
    page.get_by_role("link", name="‹ Conversations").click()
    expect(list_).to_be_visible()
    expect(transcript).to_be_hidden()


def trend_of(desk: Desk) -> str:
    """Return the page of an agent with a very long name."""
    desk.product.make.agent(desk.site, "anna", "A" * 120, team="T" * 60)
    return f"agents/{done(desk.product.make.back_end(desk.site).get('/agents'))['agents'][0]['id']}"


def test_no_page_is_wider_than_its_window(signed_in: Callable[..., Agent], desk: Desk) -> None:
    talk = desk.talk(title="W" * 120, custom_fields={"K" * 40: "v" * 200})
    talk.tell(page="/" + "p" * 200)
    talk.say("visitor", "x" * 400)
    talk.say("agent", "https://shop.example/" + "a" * 300)
    talk.vote(talk.ask(), 1, comment="y" * 300)
    for _ in range(6):
        desk.readers.vote({"kind": "article", "subject": "/" + "z" * 300}, 1, comment="w" * 300)
    agent = signed_in()
    conversation = f"conversations/{talk.read()['id']}"
    for path in ("conversations", conversation, f"{conversation}#about", "articles", "agents", trend_of(desk)):
        agent.open(path)
        for width in (320, 375, 768, 1180):
            agent.page.set_viewport_size({"width": width, "height": 800})
            beyond = agent.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{path} at {width}"


def test_choosing_a_conversation_leaves_the_list_where_it_is(signed_in: Callable[..., Agent], desk: Desk) -> None:
    for number in range(30):
        desk.talk(title=f"Talk {number}").say("visitor", f"Words of {number}")
    agent = signed_in(viewport={"width": 1180, "height": 600})
    agent.open()
    page = agent.page
    rows = page.locator(".rows")
    rows.evaluate("one => { one.scrollTop = 500 }")
    row = agent.rows.nth(10)
    title = row.locator("b").inner_text()

    row.click()

    expect(page.locator("h1")).to_have_text(title)
    expect(row).to_have_attribute("aria-current", "page")
    assert page.title().startswith(title)
    assert rows.evaluate("one => one.scrollTop") == 500
    page.locator("a.row", has_text="Talk 18").click()
    expect(page.locator(".message")).to_contain_text("Words of 18")
    page.go_back()
    expect(page.locator("h1")).to_have_text(title)
    page.reload()
    expect(page.locator("h1")).to_have_text(title)


def test_a_conversation_chosen_in_place_is_followed_live(signed_in: Callable[..., Agent], desk: Desk) -> None:
    first, second = desk.talk(title="First").chat(), desk.talk(title="Second").chat()
    agent = signed_in(viewport={"width": 1180, "height": 700})
    agent.read(first)
    agent.rows.filter(has_text="Second").click()
    expect(agent.page.locator("h1")).to_have_text("Second")
    second.vote(second.ask(), 2)
    expect(agent.bands).to_contain_text(["OK"])


def test_the_history_opens_on_demand_with_the_keyboard(signed_in: Callable[..., Agent], desk: Desk) -> None:
    talk = desk.talk().chat()
    token = talk.ask()
    talk.vote(token, 1, id="A" * 22, rev=1)
    talk.vote(token, 3, id="A" * 22, rev=2)
    agent = signed_in()
    agent.read(talk)
    history = agent.bands.locator("ol")
    expect(history).to_be_hidden()
    agent.bands.locator("summary").focus()
    agent.page.keyboard.press("Enter")
    expect(history).to_be_visible()


def test_the_first_commands_can_be_copied(signed_in: Callable[..., Agent], desk: Desk) -> None:
    agent = signed_in(permissions=["clipboard-read", "clipboard-write"])
    agent.open()
    agent.page.get_by_role("button", name="Copy").click()
    expect(agent.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = agent.page.evaluate("navigator.clipboard.readText()")
    assert copied.count("curl -X") == 3
    assert desk.product.url in copied


def test_the_pages_are_accessible(signed_in: Callable[..., Agent], desk: Desk, subtests: pytest.Subtests) -> None:
    rated, waiting, not_asked = desk.talk(title="Rated").chat(), desk.talk(title="طلب").chat(), desk.talk()
    token = rated.ask()
    rated.vote(token, 1, id="A" * 22, comment="Slow")
    rated.vote(token, 3, id="A" * 22, rev=2)
    waiting.ask()
    not_asked.say("visitor")
    not_asked.end()
    for subject in ("/help/a", *["/help/enough-for-a-share"] * 6):
        desk.readers.vote({"kind": "article", "subject": subject}, 1, comment="Why?")
    # The policy of the page would keep the checker out, too.
    agent = signed_in(viewport={"width": 1180, "height": 900}, bypass_csp=True)
    paths = [f"conversations/{talk.read()['id']}" for talk in (rated, waiting, not_asked)]
    for path in ["conversations", *paths, "articles", "agents", trend_of(desk)]:
        agent.open(path)
        for scheme in SCHEMES:
            with subtests.test(path=path, scheme=scheme):
                turn(agent.page, scheme)
                assert violations(agent.page) == []
