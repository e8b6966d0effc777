"""One vote stays one vote: from two tabs, with storage cleared, offline and back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.back_end import Api
from tests.browser.conftest import NewPage
from tests.browser.main_job.krans import Faces, Krans, Visitor, ratings, votes
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import REQUESTS

#: The browser's part; tests/ratings covers the server's on both databases.

ARTICLE = "/help/slipping-chain"
RETRY_MS = 30_000


def words(api: Api) -> list[str]:
    return [vote["answer"]["word"] for vote in votes(api)]


def test_two_tabs_of_a_chat_give_one_vote_and_the_later_press_wins(visitor: Visitor, api: Api) -> None:
    visitor.chat("My chain slips")
    visitor.press("Good")
    visitor.saved()
    # A tab opened from this one has its chat.
    with visitor.page.expect_popup() as opened:
        visitor.page.evaluate("open(location.href)")
    second = Faces(opened.value)
    expect(second.page.locator("tilfreds-rating")).to_contain_text("You answered Good", timeout=RETRY_MS)
    second.change_to("Bad")
    second.saved()
    assert words(api) == ["Bad"]


def test_two_tabs_of_an_article_give_one_vote_and_the_later_press_wins(
    new_page: NewPage, krans: Krans, api: Api
) -> None:
    first = Faces(new_page())
    second = Faces(first.page.context.new_page())
    for tab in (first, second):
        tab.page.goto(krans.url + ARTICLE)
    first.press("Good")
    first.saved()
    second.change_to("OK")
    second.saved()
    assert words(api) == ["OK"]


def test_a_chat_with_cleared_storage_keeps_its_one_vote(visitor: Visitor, api: Api) -> None:
    visitor.chat("My chain slips")
    visitor.press("Good")
    visitor.saved()
    visitor.page.evaluate("localStorage.clear()")
    visitor.page.reload()
    expect(visitor.page.locator("tilfreds-rating")).to_contain_text("Good", timeout=RETRY_MS)
    visitor.change_to("Bad")
    visitor.saved()
    assert ratings(api, visitor.id) == [("rated", "Bad", True)]
    assert words(api) == ["Bad"]


def test_an_article_with_cleared_storage_has_another_reader(new_page: NewPage, krans: Krans, api: Api) -> None:
    reader = Faces(new_page())
    for word in ("Good", "Bad"):
        reader.page.goto(krans.url + ARTICLE)
        reader.press(word)
        reader.saved()
        reader.page.evaluate("localStorage.clear()")
    assert sorted(words(api)) == ["Bad", "Good"]


def test_a_press_without_connection_is_sent_when_it_is_back(visitor: Visitor, api: Api, watch: Watch) -> None:
    visitor.chat("My chain slips")
    expect(visitor.face("Good")).to_be_visible()
    # The shop requests its chat's messages meanwhile.
    watch.expect(failed(rf"({REQUESTS}|/chats/[\w/-]+)", "ERR_INTERNET_DISCONNECTED"))
    visitor.page.context.set_offline(True)
    visitor.press("Bad")
    expect(visitor.status).to_contain_text("Kept")
    visitor.press("Good")
    expect(visitor.status).to_contain_text("Kept")
    assert not any("Saved" in text for text in visitor.said)
    visitor.page.context.set_offline(False)
    expect(visitor.status).to_contain_text("Saved", timeout=RETRY_MS)
    assert ratings(api, visitor.id) == [("rated", "Good", True)]
    assert words(api) == ["Good"]


def test_a_press_of_a_page_that_was_left_without_connection_is_sent_from_the_next_page(
    new_page: NewPage, krans: Krans, api: Api, watch: Watch
) -> None:
    reader = Faces(new_page())
    reader.page.goto(krans.url + ARTICLE)
    expect(reader.face("Good")).to_be_visible()
    watch.expect(failed(REQUESTS, "ERR_INTERNET_DISCONNECTED"))
    reader.page.context.set_offline(True)
    reader.press("Good")
    expect(reader.status).to_contain_text("Kept")
    reader.page.close()
    context = watch.contexts[0]
    context.set_offline(False)
    page = context.new_page()
    with page.expect_response("**/votes") as response:
        page.goto(krans.url + "/help/tyre-size")
    assert response.value.ok
    assert [(vote["subject"], vote["answer"]["word"]) for vote in votes(api)] == [(ARTICLE, "Good")]
