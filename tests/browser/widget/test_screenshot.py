"""A visitor adds a screenshot after the press, from a file or drawn from the page, and the agent sees it live."""

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
    """Return a site whose surveys offer screenshots."""
    site = make.site(allowed_origins=["http://127.0.0.1:*", "http://localhost:*"])
    make.survey(site, screenshot=True)
    make.survey(site, "article", screenshot=True)
    return site


class Offer:
    """The part of a card for a screenshot."""

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
    """Return the screenshot of the only vote from the API."""
    (vote,) = reader.votes()
    if vote["screenshot"] is None:
        return None
    answer = reader.make.back_end(reader.site).get(f"/votes/{vote['id']}/screenshot")
    return Image.open(io.BytesIO(answer.get_data()))


@pytest.fixture
def talk(product: Product, site: MadeSite, make: Make) -> Talk:
    """Return a chat at its end, whose page the reader opens."""
    surveys = done(make.back_end(site).get("/surveys"))["surveys"]
    client: Any = product.client
    return Talk(make.back_end(site), WidgetPage(client, site.key, surveys[0]["revisions"][0]["id"], origin=None)).chat()


def test_a_file_is_chosen_sent_seen_by_the_agent_and_removed(
    reader: Reader, offer: Offer, talk: Talk, new_page: NewPage, watch: Watch
) -> None:
    # The part tests whether the page can be drawn when the visitor opens it, so a policy that forbids it is logged.
    watch.expect("policy breached: img-src data")
    watch.expect("Loading the image 'data:image/svg")
    token = talk.ask()
    agent = Agent(reader.product, reader.site, new_page, viewport={"width": 1180, "height": 700})
    agent.read(talk)
    thumbnail = agent.bands.locator("img")
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
    expect(thumbnail).to_be_visible()
    expect(thumbnail).to_have_js_property("naturalWidth", 600)
    small = thumbnail.bounding_box()
    thumbnail.click()
    large = thumbnail.bounding_box()
    assert small and large and (small["width"], large["width"] > 400) == (160, True)

    reader.press("Good")
    reader.says("Saved")
    offer.says("✓ Screenshot saved.")
    assert stored(reader), "a changed answer keeps it"
    offer.button("Remove screenshot").click()
    offer.says("The screenshot has been removed.")
    expect(thumbnail).to_have_count(0)
    assert stored(reader) is None
    assert reader.votes()[0]["answer"]["score"] == 3


def test_the_drawn_page_matches_the_visible_one_without_private_parts(reader: Reader, offer: Offer) -> None:
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
    screenshot = stored(reader)
    assert screenshot is not None and screenshot.size == (900, 640)
    pixels = screenshot.convert("RGB")
    near = {
        name: pixels.getpixel(at) for name, at in {"blue": (40, 50), "hidden": (40, 140), "fixed": (850, 620)}.items()
    }
    assert [name for name, colour in COLOURS.items() if not alike(near[name], colour)] == [], near


COLOURS = {"blue": (0, 0, 255), "hidden": (255, 255, 255), "fixed": (0, 136, 0)}


def alike(colour: Any, expected: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 24 for one, other in zip(colour, expected, strict=True))


def test_an_unsent_file_shows_an_error_and_the_answer_stays(reader: Reader, offer: Offer, watch: Watch) -> None:
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
    for answer, words in ((None, "Not sent."), (refusal("too_many", 429), "Too many images at once.")):
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
    noise = Image.effect_noise((1920, 1440), 80).convert("RGB")
    file = io.BytesIO()
    noise.save(file, "PNG", compress_level=1)
    assert len(file.getvalue()) > MAX_BYTES
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    offer.open()
    offer.choose(file.getvalue())
    offer.button("Send").click()
    offer.says("✓ Screenshot saved.")
    image = stored(reader)
    assert image is not None and image.width < 1920 and round(image.width / image.height, 1) == 1.3


def test_a_survey_without_screenshots_makes_no_offer(reader: Reader, make: Make) -> None:
    make.survey(reader.site, "article")
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    expect(reader.page.get_by_role("button", name="Add a comment")).to_be_visible()
    expect(reader.card().locator("aside")).to_have_count(0)
