"""After the press a visitor shows what they see: chosen from a file, or drawn from the page. The agent sees it live."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.back_end import done
from tests.browser.agent import Agent
from tests.browser.conftest import NewPage
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import RATING, Reader, refusal
from tests.browser.widget.test_policies import strict
from tests.conversations.talk import Talk
from tests.factories import MadeSite, Make
from tests.serving import Product
from tests.widget.conftest import Page as WidgetPage
from tests.widget.pictures import picture
from widget_server.ratings.images import MAX_BYTES


@pytest.fixture
def site(make: Make) -> MadeSite:
    """A site whose surveys take screenshots."""
    made = make.site(allowed_origins=["http://127.0.0.1:*", "http://localhost:*"])
    make.survey(made, screenshot=True)
    make.survey(made, "article", screenshot=True)
    return made


class Offer:
    """The part of a card that a screenshot is added with."""

    def __init__(self, reader: Reader) -> None:
        self.page = reader.page
        self.place = reader.card().locator("aside")

    def open(self) -> None:
        self.button("Add a screenshot").click()

    def button(self, name: str) -> Locator:
        return self.place.get_by_role("button", name=name, exact=True)

    def choose(self, content: bytes, name: str = "a.png", mime: str = "image/png", by: str = "Choose an image") -> None:
        with self.page.expect_file_chooser() as chooser:
            self.button(by).click()
        chooser.value.set_files({"name": name, "mimeType": mime, "buffer": content})

    def says(self, words: str) -> None:
        expect(self.place.get_by_role("status")).to_have_text(words)


@pytest.fixture
def offer(reader: Reader) -> Offer:
    return Offer(reader)


def stored(reader: Reader) -> Image.Image | None:
    """What the API has of the one vote's picture."""
    (vote,) = reader.votes()
    if vote["screenshot"] is None:
        return None
    answer = reader.make.back_end(reader.site).get(f"/votes/{vote['id']}/screenshot")
    return Image.open(io.BytesIO(answer.get_data()))


@pytest.fixture
def talk(product: Product, site: MadeSite, make: Make) -> Talk:
    """A chat at its end; its site's page is left to the reader."""
    surveys = done(make.back_end(site).get("/surveys"))["surveys"]
    client: Any = product.client
    return Talk(make.back_end(site), WidgetPage(client, site.key, surveys[0]["revisions"][0]["id"], origin=None)).chat()


def test_a_file_is_chosen_sent_seen_by_the_agent_and_taken_away(
    reader: Reader, offer: Offer, talk: Talk, new_page: NewPage, watch: Watch
) -> None:
    # Whether a page can be drawn is tried once the visitor asks for the part; a policy that forbids it says so then.
    watch.expect("policy breached: img-src data")
    watch.expect("Loading the image 'data:image/svg")
    token = talk.ask()
    agent = Agent(reader.product, reader.site, new_page, viewport={"width": 1180, "height": 700})
    agent.read(talk)
    shown = agent.bands.locator("img")
    reader.open(f'<tilfreds-rating token="{token}"></tilfreds-rating>', headers=strict(reader))
    expect(offer.place).to_have_count(0)
    reader.press("Bad")
    reader.says("Saved")
    offer.open()
    expect(offer.button("Capture this page")).to_have_count(0)

    offer.choose(picture(size=(600, 300)))
    expect(offer.place.get_by_role("img", name="The image")).to_be_visible()
    assert stored(reader) is None, "nothing is sent before the press of Send"
    offer.button("Send").click()
    offer.says("✓ Screenshot saved.")
    expect(offer.button("Remove screenshot")).to_be_focused()
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 600)
    small = shown.bounding_box()
    shown.click()
    large = shown.bounding_box()
    assert small and large and (small["width"], large["width"] > 400) == (160, True)

    reader.press("Good")
    reader.says("Saved")
    offer.says("✓ Screenshot saved.")
    assert stored(reader), "a changed answer keeps it"
    offer.button("Remove screenshot").click()
    offer.says("The screenshot has been removed.")
    expect(shown).to_have_count(0)
    assert stored(reader) is None
    assert reader.votes()[0]["answer"]["score"] == 3


def test_the_page_is_drawn_as_it_is_seen_without_what_is_private(reader: Reader, offer: Offer) -> None:
    private = "position: absolute; top: 900px; width: 80px; height: 80px; background: #f00"
    reader.open(
        f"""<style>body {{ margin: 0; height: 3000px }}
          tilfreds-rating {{ position: absolute; top: 1000px; left: 300px }}</style>
        <div style="position: absolute; top: 820px; width: 80px; height: 60px; background: #00f"></div>
        <div data-tilfreds-hide style="{private}"></div>
        <div style="position: fixed; bottom: 0; right: 0; width: 100px; height: 50px; background: #080"></div>
        {RATING}"""
    )
    reader.page.set_viewport_size({"width": 900, "height": 640})
    reader.page.evaluate("scrollTo(0, 800)")
    reader.press("OK")
    reader.says("Saved")
    offer.open()
    offer.button("Capture this page").click()
    expect(offer.button("Send")).to_be_visible()
    offer.button("Send").click()
    offer.says("✓ Screenshot saved.")
    drawn = stored(reader)
    assert drawn is not None and drawn.size == (900, 640)
    seen = drawn.convert("RGB")
    near = {
        name: seen.getpixel(at) for name, at in {"blue": (40, 50), "hidden": (40, 140), "fixed": (850, 620)}.items()
    }
    assert [name for name, wanted in COLOURS.items() if not alike(near[name], wanted)] == [], near


COLOURS = {"blue": (0, 0, 255), "hidden": (255, 255, 255), "fixed": (0, 136, 0)}


def alike(colour: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 24 for one, other in zip(colour, wanted, strict=True))


def test_what_cannot_be_sent_is_said_and_the_answer_stands(reader: Reader, offer: Offer, watch: Watch) -> None:
    watch.expect(failed("/screenshot", "ERR_FAILED"))
    watch.expect(failed("/screenshot", "429"))
    watch.expect("answer 429: .*/screenshot")
    watch.expect(failed("/screenshot", "409"))
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    offer.open()
    offer.choose(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png")
    offer.says("This file is not an image that can be read.")
    offer.choose(picture())
    away = "**/w/*/votes/*/screenshot"
    for answer, words in ((None, "Not sent."), (refusal("too_many", 429), "Too many pictures at once.")):
        reader.page.route(away, answer or (lambda route: route.abort()))
        offer.button("Send").click()
        expect(offer.place.get_by_role("status")).to_contain_text(words)
        reader.page.unroute(away)
    offer.button("Send").click()
    offer.says("✓ Screenshot saved.")
    reader.page.reload()
    reader.page.get_by_role("button", name="Change").click()
    reader.press("OK")
    offer.open()
    offer.says("✓ Screenshot saved.")
    reader.page.route(away, refusal("removed", 409))
    offer.button("Remove screenshot").click()
    offer.says("Nothing more can be added to this answer.")
    expect(offer.place.get_by_role("button")).to_have_count(0)
    assert [vote["answer"]["score"] for vote in reader.votes()] == [2]


def test_a_large_photograph_is_made_small_enough(reader: Reader, offer: Offer) -> None:
    noise = Image.effect_noise((2400, 1800), 80).convert("RGB")
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert len(file.getvalue()) > MAX_BYTES
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    offer.open()
    offer.choose(file.getvalue())
    offer.button("Send").click()
    offer.says("✓ Screenshot saved.")
    kept = stored(reader)
    assert kept is not None and kept.width < 2400 and round(kept.width / kept.height, 1) == 1.3


def test_the_offer_is_not_there_where_the_survey_has_none(reader: Reader, make: Make) -> None:
    make.survey(reader.site, "article")
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    expect(reader.page.get_by_role("button", name="Add a comment")).to_be_visible()
    expect(reader.card().locator("aside")).to_have_count(0)
