"""Pages with the strictest policies, and pages that do odd things with the tag. Any report or error fails the test."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import CHAT, RATING, Reader
from tests.factories import Make

TRUSTED = "require-trusted-types-for 'script'; trusted-types 'none'"


def strict(reader: Reader, scripts: str = "") -> dict[str, str]:
    host = reader.product.url
    policy = f"default-src 'none'; script-src {scripts or host}; connect-src {host}; {TRUSTED}"
    return {"Content-Security-Policy": policy}


def test_an_article_is_rated_commented_changed_and_taken_back(reader: Reader) -> None:
    reader.open(headers=strict(reader))
    reader.press("Bad")
    reader.says("Saved")
    reader.comment("It was short.")
    reader.press("Good")
    reader.says("Saved")
    assert reader.lit() == ["Good"]
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"], vote["subject"]) == (3, "It was short.", reader.path)
    reader.page.reload()
    reader.says("You answered Good.")
    reader.page.get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    # What an earlier page left is sent at a load: on a slow machine that may be this page's own press, once more.
    assert sorted({body["rev"] for body in reader.of("votes")}) == [1, 2, 3, 4]


def test_a_nonce_alone_is_enough(reader: Reader) -> None:
    tag = reader.tag.replace("<script", '<script nonce="n0nce"')
    reader.open(headers=strict(reader, "'nonce-n0nce'"), tag=tag)
    reader.press("OK")
    reader.says("Saved")


def test_a_chat_ends_and_is_rated(reader: Reader) -> None:
    reader.open(CHAT, headers=strict(reader))
    assert reader.ended(conversation="c1")["asked"] is True
    reader.press("Good")
    reader.says("Saved")


def test_a_tag_manager_brings_the_script_late(reader: Reader) -> None:
    reader.open(RATING, tag="")
    reader.page.evaluate(
        """(address) => {
            const script = document.createElement("script");
            script.src = address;
            document.head.append(script);
        }""",
        f"{reader.product.url}/w/{reader.site.key}.js",
    )
    reader.press("Good")
    reader.says("Saved")


def test_the_tag_twice_and_two_ratings_of_one_article(reader: Reader) -> None:
    reader.open(RATING * 2 + '<tilfreds-rating subject="/other"></tilfreds-rating>' + reader.tag)
    reader.press("Good")
    reader.says("Saved", at=1)
    assert (reader.lit(0), reader.lit(1), reader.lit(2)) == (["Good"], ["Good"], [])
    assert len(reader.votes()) == 1


def test_taken_out_and_put_back_in_it_goes_on_where_it_was(reader: Reader) -> None:
    reader.open()
    reader.page.evaluate(
        """() => {
            const rating = document.querySelector("tilfreds-rating");
            for (let time = 0; time < 50; time++) { rating.remove(); document.body.append(rating); }
        }"""
    )
    reader.press("Good")
    reader.page.evaluate(
        """() => {
            const rating = document.querySelector("tilfreds-rating");
            rating.remove();
            document.body.prepend(rating);
        }"""
    )
    reader.says("Saved")
    reader.page.evaluate(
        "() => document.querySelector('tilfreds-rating').replaceWith(document.createElement('tilfreds-rating'))"
    )
    reader.says("You answered Good.")


def test_a_new_subject_on_the_same_element_is_a_new_question(reader: Reader) -> None:
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    reader.page.evaluate("() => document.querySelector('tilfreds-rating').setAttribute('subject', '/second')")
    expect(reader.card().locator("output")).to_be_empty()
    reader.press("Bad")
    reader.says("Saved")
    assert {vote["subject"]: vote["answer"]["score"] for vote in reader.votes()} == {reader.path: 3, "/second": 1}


def test_rules_and_scripts_of_the_page_do_not_reach_the_card(reader: Reader) -> None:
    """A hostile style sheet would show in the sizes; clobbered names would break the vote."""
    reader.open(RATING)
    plain = reader.face("Good").bounding_box()
    assert plain is not None
    style = """<style>* { all: unset !important; font: 40px serif !important; letter-spacing: 1em }
        button { display: none }
        tilfreds-rating { text-transform: uppercase; visibility: visible; line-height: 4 }</style>"""
    reader.open(f'{style}<form id="settings" name="document"></form><p id="live"></p>{RATING}')
    changed = reader.face("Good").bounding_box()
    assert changed is not None
    assert (changed["height"], reader.face("Good").inner_text()) == (plain["height"], "Good")
    reader.press("Good")
    reader.says("Saved")


def test_messages_of_frames_and_windows_have_no_effect(reader: Reader) -> None:
    """Nothing of ours listens to them: frames of any origin may shout into the page."""
    shout = """<script>
      const kinds = ["start", "end", "ended", "voted", "message", "dismissed"];
      for (const type of kinds) {
        parent.postMessage(`tilfreds:${type}`, "*");
        parent.postMessage({ type: `tilfreds:${type}`, conversation: "c1", score: 1 }, "*");
      }
      parent.postMessage("shouted", "*");
    </script>"""
    listener = "<script>self.heard = []; addEventListener('message', ({ data }) => heard.push(data))</script>"
    reader.open(listener + RATING + CHAT)
    expect(reader.face("Good")).to_be_visible()
    before = len(reader.of("ended")) + len(reader.of("votes"))
    reader.page.evaluate(
        "(content) => document.body.append(Object.assign(document.createElement('iframe'), { srcdoc: content }))", shout
    )
    wait_until_true(reader.page, "heard.includes('shouted')")
    assert reader.page.evaluate("heard.length") > 10
    assert (reader.lit(), len(reader.of("ended")) + len(reader.of("votes"))) == ([], before)
    expect(reader.page.locator("tilfreds-rating [part=card]")).to_have_count(1)


def test_an_element_no_survey_asks_about_says_so_once(reader: Reader, make: Make) -> None:
    console_lines: list[str] = []
    reader.page.on("console", lambda message: console_lines.append(message.text))
    reader.site = make.site(allowed_origins=["http://127.0.0.1:*"])
    reader.tag = f'<script async src="{reader.product.url}/w/{reader.site.key}.js"></script>'
    reader.open()
    wait_until_true(reader.page, "self.tilfreds")
    reader.page.wait_for_timeout(300)
    assert console_lines == ["tilfreds: No open survey asks about article. Open one or remove the tag."]


def test_a_page_that_isolates_itself_loads_and_measures_everything(reader: Reader) -> None:
    """COEP lets in only files whose owner says so; times of others are known only of those that allow it."""
    isolated = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}
    reader.open(RATING + CHAT, headers={**strict(reader), **isolated})
    reader.press("Good")
    reader.says("Saved")
    assert reader.ended(conversation="c1")["asked"] is True
    reader.press("OK", at=1)
    reader.says("Saved", at=1)
    assert reader.page.evaluate("crossOriginIsolated")
    measured: dict[str, int] = reader.page.evaluate(
        """() => Object.fromEntries(performance.getEntriesByType("resource")
            .filter(({ name }) => name.includes("/w/"))
            .map(({ name, encodedBodySize }) => [name.replace(/.*[/]|[-.].*/g, ""), encodedBodySize]))"""
    )
    assert set(measured) >= {reader.site.key, "en", "page", "votes", "ended"}
    assert all(measured[name] > 0 for name in (reader.site.key, "en", "page", "votes", "ended")), measured
