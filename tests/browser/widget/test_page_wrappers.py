"""Pages whose own code wraps `fetch`: tools that trace requests, and applications that always send credentials."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.widget.reader import CHAT, RATING, Reader

WRAPPERS = {
    "a header": """(resource, options = {}) => {
        const headers = new Headers(options.headers);
        headers.set("x-trace", "1");
        return browserFetch(resource, { ...options, headers });
    }""",
    "credentials": '(resource, options) => browserFetch(resource, { ...options, credentials: "include" })',
    "both": """(resource, options) =>
        browserFetch(new Request(resource, { ...options, credentials: "include", headers: { "x-trace": "1" } }))""",
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_an_answer_is_sent_once(reader: Reader, wrapper: str) -> None:
    reader.page.context.add_cookies([{"name": "session", "value": "1", "url": reader.product.url}])
    reader.open(f"<script>const browserFetch = fetch; self.fetch = {WRAPPERS[wrapper]}</script>{RATING}{CHAT}")
    reader.press("Good")
    reader.says("Saved")
    reader.comment("Traced")
    assert reader.ended(conversation="c1")["asked"] is True
    expect(reader.card(1)).to_be_visible()
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (3, "Traced")
    assert [body["rev"] for body in reader.of("votes")] == [1, 2]
