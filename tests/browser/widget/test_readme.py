"""Each example of static/README.md works in a real page as described, and the page lists everything."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.back_end import done
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import Reader
from tests.invitations.signing import sign, signed
from tests.js.test_node import STATIC, built, node

SOURCE = STATIC / "src"
README = (STATIC / "README.md").read_text("utf-8")
#: The computed value of a rule or value of an example, where the browser formats it otherwise.
COMPUTED = {
    "#14213d": "rgb(20, 33, 61)",
    "#fdf6e3": "rgb(253, 246, 227)",
    "#00695c": "rgb(0, 105, 92)",
    "#8a5a00": "rgb(138, 90, 0)",
    "#b3261e": "rgb(179, 38, 30)",
    "#5a32a3": "rgb(90, 50, 163)",
    "#c77700": "rgb(199, 119, 0)",
}
#: Where a custom property shows: the part (a choice when it is pressed) and the property of style.
SHOWS = {
    "ink": ("card", "color"),
    "paper": ("card", "background-color"),
    "positive": ("Good", "color"),
    "neutral": ("OK", "color"),
    "negative": ("Bad", "color"),
    "accent": ("csat", "color"),
    "star": ("stars", "color"),
    "radius": ("card", "border-radius"),
    "font": ("card", "font-family"),
    "scheme": ("card", "color-scheme"),
}


def examples(first: str) -> dict[str, str]:
    """Return the examples of the table whose first column has this title, by their first cell."""
    table = README[README.index(f"\n| {first} |") :].split("\n\n")[0]
    rows = [re.split(r" *\| *", line.strip("| ")) for line in table.strip().splitlines()[2:]]
    examples_by_name = {row[0]: row[-1] for row in rows}
    assert all(re.fullmatch(r"`[^`]+`", example) for example in examples_by_name.values()), examples_by_name
    return {name.replace("`", ""): example.strip("`") for name, example in examples_by_name.items()}


def source(*names: str) -> str:
    files = [SOURCE / name for name in names] or sorted(SOURCE.rglob("*.js")) + sorted(SOURCE.rglob("*.css"))
    return "\n".join(file.read_text("utf-8") for file in files)


def parts_of(code: str) -> set[str]:
    return set(re.findall(r'part: "(\w+)"', code))


def test_nothing_is_missing_in_the_readme() -> None:
    attributes = re.search(
        r"const \{\n([^}]*(?:@type \{Fields\}[^}]*)?)\n +\} = Object.fromEntries", source("rating.js")
    )
    assert attributes is not None
    read = set(re.findall(r"^ +(\w+)", attributes[1], re.MULTILINE)) | set(
        re.findall(r'findValue\("(\w+)"\)', source("later/chat.js"))
    )
    assert {name for row in examples("Attribute") for name in row.split(", ")} == read | {"lang"}
    # Other pages document the placements.
    widget_source = source(
        *[str(file.relative_to(SOURCE)) for file in SOURCE.rglob("*.js") if "placements" not in file.parts]
    )
    further = source("later/question-controls.js", "later/further.js")
    assert set(examples("Part")) == parts_of(widget_source) - parts_of(further)
    section = README[README.index("In follow-up questions (") :].split("\n\n")[0]
    assert parts_of(further) <= set(re.findall(r"`(\w+)`", section))
    assert set(examples("Property")) == set(re.findall(r"var\((--tilfreds-\w+)", source()))
    fired = set(re.findall(r'dispatchEvent\(createEvent\("(\w+)"', widget_source)) | set(
        re.findall(r'fire\(rating, "(\w+)"', widget_source)
    )
    fired |= set(re.findall(r'\? "changed" : "voted"', widget_source) and ["changed", "voted"])
    # The page itself may dispatch a start, and `started` does so for it.
    assert set(examples("Event")) == {f"tilfreds:{name}" for name in fired - {"start"}}
    methods = re.search(r"const api = \{(.*?)\n\};", source("widget.js"), re.DOTALL)
    assert methods is not None
    assert [re.sub(r"\(.*", "", name) for name in examples("Method")] == [
        f"tilfreds.{name}" for name in re.findall(r"^  (\w+)[:,]", methods[1], re.MULTILINE)
    ]


@pytest.mark.skipif(not (STATIC / "node_modules").is_dir(), reason="needs static/node_modules")
def test_the_examples_keep_to_the_types(tmp_path: Path) -> None:
    """Check the examples with the types, and that the types reject wrong code."""
    good = ";\n".join([*examples("Event").values(), *examples("Method").values()])
    wrong = """
      // @ts-expect-error there is no such event
      tilfreds.on("answered", () => {});
      // @ts-expect-error a place is needed
      tilfreds.ask({ subject: "order" });
      // @ts-expect-error its detail has no such field
      document.addEventListener("tilfreds:voted", (event) => event.detail.stars);
      // @ts-expect-error it may not be there yet
      self.tilfreds.browser();
      document.querySelector("tilfreds-rating")?.shadowRoot.querySelector("section");
      tilfreds.ended().then((told) => told?.asked === false && told.reason.length);
    """
    (tmp_path / "use.ts").write_text(f"{good};\n{wrong}\nexport {{}};")
    options = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2023,dom", "--types", ""]
    node(str(built() / "typescript/bin/tsc"), *options, str(STATIC / "tilfreds.d.ts"), str(tmp_path / "use.ts"))


def style(page: Page, part: str, name: str) -> str:
    element = page.locator(f"tilfreds-rating [part={part}]").first
    return element.evaluate("(node, name) => getComputedStyle(node).getPropertyValue(name)", name)


def test_every_example_works_as_described(reader: Reader) -> None:
    attributes_do(reader)
    looks_do(reader)
    events_and_methods_do(reader)


def token_of(reader: Reader, conversation: str, expires: int) -> str:
    """Return the invitation token that a back end gets on behalf of its visitor."""
    reader.make.end(reader.site, conversation)
    proof = signed(reader.site, expires, "ann", kind="conversation", subject=conversation)
    body = {"conversation": conversation, "revisions": [], **proof}
    return done(reader.product.client.post(f"/w/{reader.site.key}/ended", json=body))["token"]


def attributes_do(reader: Reader) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"languages": ["en", "da"]}))
    conversation = reader.make.chat(reader.site)
    expires = int(time.time()) + 600
    own: dict[str, Any] = {
        "SIGNATURE": sign(reader.site, expires=expires, visitor="customer-17"),
        "EXPIRES": str(expires),
        "TOKEN": token_of(reader, conversation, expires),
    }
    rows = examples("Attribute")
    body = "".join(rows.values())
    for name, value in own.items():
        body = body.replace(name, value)
    reader.open(body)

    def card(name: str) -> Any:
        return reader.page.locator("tilfreds-rating").nth(list(rows).index(name)).locator("[part=card]")

    def press(name: str) -> dict[str, Any]:
        with reader.page.expect_response("**/votes") as answered:
            card(name).get_by_role("button", name="Good", exact=True).click()
        vote = answered.value.json()["vote"]
        return next(one for one in reader.votes() if one["id"] == vote)

    assert press("subject")["subject"] == "/help/returns"
    assert press("kind")["subject"] == reader.path
    assert reader.of("votes")[-1]["kind"] == "page"
    assert press("visitor, signature, expires")["verified"] is True
    assert press("token")["subject"] == conversation
    expect(card("look").locator("svg")).to_have_count(0)
    expect(card("lang")).to_have_attribute("lang", "da")
    expect(card("conversation")).to_have_count(0)
    reader.tell("end")
    expect(card("conversation").get_by_role("group")).to_be_visible()
    assert [body["conversation"] for body in reader.of("ended")] == ["c-17"]


def looks_do(reader: Reader) -> None:
    rules = {**examples("Property"), **examples("Part")}
    reader.open(f"<style>{' '.join(rules.values())}</style><tilfreds-rating></tilfreds-rating>")
    reader.press("Good")
    reader.says("Saved")
    for name, rule in examples("Part").items():
        if name == "done":
            reader.page.get_by_role("button", name="Add a comment").click()
        rule_match = re.search(r"\{ ([\w-]+): (.*) \}", rule)
        assert rule_match is not None
        if name != "choice":
            assert style(reader.page, name, rule_match[1]).startswith(rule_match[2]), rule
        else:
            assert style(reader.page, name, "padding-left") == rule_match[2], rule
    for name, rule in examples("Property").items():
        value = rule.partition(": ")[2].removesuffix(" }")
        place, shows = SHOWS[name.removeprefix("--tilfreds-")]
        if place != "card":
            continue
        assert style(reader.page, place, shows) == COMPUTED.get(value, value), rule
    for look, words in {"faces": ["Good", "OK", "Bad"], "csat": ["10"], "stars": ["Great"]}.items():
        pressed_do(reader, look, words)


def pressed_do(reader: Reader, look: str, words: list[str]) -> None:
    """Check that pressed answers have the colours of the examples."""
    rules = examples("Property")
    reader.make.survey(reader.site, "article", look=look)
    # The browser keeps the site's file for five minutes.
    tag = reader.tag.replace(".js", f".js?{look}")
    reader.open(f"<style>{' '.join(rules.values())}</style><tilfreds-rating></tilfreds-rating>", tag=tag)
    for word in words:
        reader.card().get_by_role("button", name=re.compile(f"^{word}")).click()
        place = word if look == "faces" else look
        name = next(f"--tilfreds-{name}" for name, (where, _) in SHOWS.items() if where == place)
        value = rules[name].partition(": ")[2].removesuffix(" }")
        # A colour takes a moment to change.
        expect(reader.card().locator("[aria-pressed=true]")).to_have_css("color", COMPUTED[value])


def events_and_methods_do(reader: Reader) -> None:
    console_lines: list[str] = []
    reader.page.on("console", lambda message: console_lines.append(message.text))
    listeners = ";\n".join(examples("Event").values())
    # Events must cross a shadow root of the page.
    inner = """<div id="host"></div><script>
      const root = document.querySelector("#host").attachShadow({ mode: "open" });
      root.append(document.createElement("tilfreds-rating"));
    </script><div id="thanks"></div>"""
    reader.open(f"<script>{listeners}</script>{inner}")
    wait_until_true(reader.page, "self.tilfreds")
    methods = {re.sub(r"\(.*", "", name): example for name, example in examples("Method").items()}
    reader.page.evaluate(f"() => {{ {methods['tilfreds.on']} }}")
    reader.press("Good")
    reader.says("Saved")
    reader.comment("Fine")
    reader.card().get_by_role("button", name="Not now").click()
    expect(reader.page.locator("[part=card]")).to_have_count(0)
    wait_until_true(reader.page, "true")
    assert sorted(console_lines) == sorted(["shown", "voted 3", "on 3", "changed true", "dismissed"])

    console_lines.clear()
    reader.page.evaluate(f"() => {{ {methods['tilfreds.ask']} }}")
    reader.page.locator("#thanks > tilfreds-rating[kind=page][subject=order]").get_by_role("button", name="Bad").click()
    reader.says("Saved")
    assert "order" in [vote["subject"] for vote in reader.votes() if vote["answer"]["score"] == 1]
    script = (
        'document.querySelector("tilfreds-rating") === await tilfreds.ask({ target: document.body, visitor: null })'
    )
    assert reader.page.evaluate(f"async () => {script}") is False
    assert reader.page.evaluate("async () => (await tilfreds.ask({ target: '#none' })) ?? null") is None
    assert any("Target #none was not found" in one for one in console_lines)

    console_lines.clear()
    reader.page.evaluate(f"() => {{ {methods['tilfreds.browser']} }}")
    reader.page.evaluate(f"async () => {{ await {methods['tilfreds.ended']} }}")
    assert {"browser 64", "asked true"} <= set(console_lines)
