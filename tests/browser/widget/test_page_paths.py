"""What an article is: the page's path, its canonical link, and the contents around the faces."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.widget.reader import RATING, Reader

SLOW = """(path) => {
  history.pushState({}, "", path);
  self.draw = () => document.querySelector("main").innerHTML = "<h1>Two</h1>" + self.tag;
}"""


def subjects(reader: Reader) -> dict[str, str]:
    return {vote["subject"]: vote["answer"]["word"] for vote in reader.votes()}


def test_the_address_changes_long_before_the_contents(reader: Reader) -> None:
    """A vote belongs to the article that is still shown, whether the element leaves with it or stays."""
    for element_leaves in (True, False):
        tag = RATING if element_leaves else ""
        first = reader.open(f"<main><h1>One</h1>{tag}</main>{'' if element_leaves else RATING}").path
        expect(reader.face("Good")).to_be_visible()
        reader.page.evaluate("(tag) => { self.tag = tag; }", tag)
        reader.page.evaluate(SLOW, f"{first}/two")
        # Two checks of the element pass.
        reader.page.wait_for_timeout(500)
        reader.press("Good")
        reader.says("Saved")
        reader.page.evaluate("draw()")
        expect(reader.card().locator("output")).to_be_empty()
        reader.press("Bad")
        reader.says("Saved")
        assert {first: "Good", f"{first}/two": "Bad"}.items() <= subjects(reader).items()


def test_text_that_a_framework_replaces_in_place_is_new_contents(reader: Reader) -> None:
    first = reader.open(f"<main><h1>One</h1></main>{RATING}").path
    expect(reader.face("Good")).to_be_visible()
    reader.page.evaluate("document.querySelector('h1').firstChild.data = 'Two'; history.pushState({}, '', '/in-place')")
    reader.page.wait_for_timeout(500)
    reader.press("Good")
    reader.says("Saved")
    assert first not in subjects(reader)
    assert subjects(reader)["/in-place"] == "Good"


def test_contents_that_change_unseen_belong_to_the_address_after_a_while(reader: Reader) -> None:
    """A page may draw its contents where no script of another root can look."""
    reader.page.clock.install()
    reader.open(f"<main></main>{RATING}")
    expect(reader.face("Good")).to_be_visible()
    # A part that follows the page loads once the card was painted.
    reader.page.wait_for_load_state("networkidle")
    reader.page.evaluate("history.pushState({}, '', '/unseen')")
    reader.page.clock.run_for(7_000)
    reader.press("Good")
    reader.page.clock.run_for(1_000)
    reader.says("Saved")
    assert subjects(reader)["/unseen"] == "Good"


def test_a_path_with_a_slash_or_an_index_is_the_same_article(reader: Reader) -> None:
    path = reader.open().path
    reader.press("Good")
    reader.says("Saved")
    for name in (f"{path}/", f"{path}/index.html", f"{path}/index.htm"):
        reader.page.goto(reader.pages.put(RATING + reader.tag, name))
        reader.says("You answered Good.")
    assert subjects(reader)[path] == "Good"


def test_routes_in_the_fragment_are_paths(reader: Reader) -> None:
    """Their queries name headings, or contain secrets; other fragments are headings."""
    path = reader.open().path
    expect(reader.face("Good")).to_be_visible()
    for route, subject in (
        ("#/returns?id=parcels", f"{path}#/returns"),
        ("#!/sizes/", f"{path}#!/sizes"),
        ("#heading", path),
    ):
        reader.page.goto("about:blank")
        reader.page.goto(f"{reader.pages.url}{path}{route}")
        reader.press("OK")
        reader.says("Saved")
        assert subject in subjects(reader)
    assert len([subject for subject in subjects(reader) if subject.startswith(path)]) == 3


def test_a_canonical_link_of_the_same_origin_decides(reader: Reader) -> None:
    own, other = reader.pages.url, reader.pages.other_url
    for href, subject in ((f"{own}/guide-1?x=1", "/guide-1"), (f"{other}/guide-2", None), (f"{own}/", None)):
        path = reader.open(f'<link rel="canonical" href="{href}">{RATING}').path
        reader.press("Good")
        reader.says("Saved")
        assert (subject or path) in subjects(reader)


def test_a_canonical_link_that_stays_behind_does_not_decide(reader: Reader) -> None:
    """Many pages change their address and contents, but not the links in their head."""
    reader.open(f'<link rel="canonical" href="/first-guide"><main>One</main>{RATING}')
    expect(reader.face("Good")).to_be_visible()
    reader.page.evaluate("history.pushState({}, '', '/second-guide'); document.querySelector('main').innerHTML = 'Two'")
    reader.page.wait_for_timeout(500)
    reader.press("Bad")
    reader.says("Saved")
    assert subjects(reader)["/second-guide"] == "Bad"


def test_a_frame_made_by_srcdoc_has_the_path_of_its_page(reader: Reader) -> None:
    inner = f"<!doctype html><html lang=en>{reader.tag}{RATING}".replace('"', "&quot;")
    reader.open(f'<iframe srcdoc="{inner}" width="900" height="600"></iframe>', tag="")
    frame = reader.page.frame_locator("iframe")
    frame.get_by_role("button", name="Good").click()
    expect(frame.locator("tilfreds-rating output")).to_contain_text("Saved")
    assert reader.path in subjects(reader)
