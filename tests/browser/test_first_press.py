"""The shortest way through everything: a face pressed under an article is read back by the owner."""

from __future__ import annotations

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.factories import MadeSite, Make


def test_a_face_under_an_article_reaches_the_owner(
    new_page: NewPage, pages: Pages, tag: str, make: Make, site: MadeSite
) -> None:
    page = new_page()
    page.goto(pages.put(f"<h1>Returns</h1><tilfreds-rating></tilfreds-rating>{tag}", path="/returns"))
    with page.expect_response(lambda response: response.url.endswith("/votes")) as answered:
        page.get_by_role("button", name="Good").click()
    receipt = answered.value.json()
    assert receipt["status"] == "saved"
    (vote,) = done(make.back_end(site).get("/votes"))["votes"]
    assert vote["id"] == receipt["vote"]
    assert vote["answer"]["score"] == receipt["score"]
