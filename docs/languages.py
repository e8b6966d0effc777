"""Shows every language of the widget in every state: `make languages`, then open the address it prints.

The widget is the real one, built. What answers it is made up: it saves, fails or refuses as the place on the page says,
and keeps nothing.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, render_template, request, send_from_directory
from werkzeug.serving import make_server

from widget_server.surveys.default_texts import describe_language, languages, screenshot_words, widget_words, words_for
from widget_server.surveys.models import PLACEMENTS
from widget_server.surveys.presentation import presentation_of
from widget_server.surveys.scales import LOOKS, THREE, THUMBS
from widget_server.widget.files import DIST, read_manifest
from widget_server.widget.loader import fill

FOLDER = Path(__file__).parent / "languages"
HOST, PORT = "127.0.0.1", 8650
#: What the page of all languages shows of each.
STATES = {
    "rest": "At rest",
    "saved": "Saved",
    "kept": "Kept",
    "closed": "Refused",
    "comment": "Comment",
    "answered": "Answered",
}
#: What the page of one language shows beside them.
OTHERS = {
    "saving": "Saving",
    "open": "Kept by the page alone",
    "comment_saved": "Comment saved",
    "removed": "Removed",
    "further": "A follow-up question",
    "further_given": "A follow-up question, answered",
    "further_review": "A review elsewhere",
    "further_chat": "The way to the chat",
}
#: The follow-up questions that have words of ours. The last answer alone leads to them, so the other states stay as
#: they are.
QUESTIONS: tuple[dict[str, str], ...] = (
    {"id": "call", "kind": "callback"},
    {"id": "review", "kind": "review", "link": "https://example.org/"},
    {"id": "chat", "kind": "chat"},
)
#: Every refusal that has words. The widget goes by the code; that the status is final is all that it asks of it.
REFUSALS = (
    *("withdrawn", "expired", "closed", "bad_token", "bad_signature", "signature_expired"),
    *("staff", "origin", "unknown_site", "invalid", "conflict", "too_large"),
)
REFUSED = 409
#: A page that is being read is not to change by itself.
NEVER = "86400"


def create_page() -> Flask:
    """The pages, and a server that is none."""
    app = Flask(__name__, template_folder=str(FOLDER), static_folder=str(FOLDER), static_url_path="/-")
    app.add_url_rule("/", view_func=every)
    app.add_url_rule("/<code>", view_func=one)
    app.add_url_rule("/w/review.js", view_func=script)
    app.add_url_rule("/w/-/<name>", view_func=part)
    app.add_url_rule("/w/review/votes", view_func=votes, methods=["POST"])
    for name in ("seen", "dismissed"):
        app.add_url_rule(f"/w/review/{name}", name, lambda: ("", 204), methods=["POST"])
    return app


def every() -> str:
    return page(languages(), STATES)


def one(code: str) -> str:
    if code not in languages():
        abort(404)
    return page([code], {**STATES, **OTHERS, **{refusal: f"Refused: {refusal}" for refusal in REFUSALS}})


def page(codes: list[str], states: dict[str, str]) -> str:
    look, placement = chosen()
    shown = [describe_language(code) for code in codes]
    return render_template(
        "page.html",
        languages=shown,
        states=states,
        looks=list(LOOKS),
        places=PLACEMENTS,
        look=look,
        placement=placement,
        # What is said about a screenshot is read on a language's own page, beside English.
        words=screenshot_words(codes[0]) if len(codes) == 1 else {},
        english=screenshot_words("en"),
    )


def chosen() -> tuple[str, str]:
    """The look, and whose words: those about a chat, or about an article."""
    look, placement = request.args.get("look", "faces"), request.args.get("placement", "article")
    if look not in LOOKS or placement not in PLACEMENTS:
        abort(404)
    return look, placement


def script() -> Response:
    """The widget's file as for a site that speaks every language."""
    way = (DIST / "questions" / "further.js").read_text("utf-8")
    return Response(f"{fill(settings(*chosen()))}({way})(null);", content_type="text/javascript; charset=utf-8")


def settings(look: str, placement: str) -> dict[str, Any]:
    survey = {
        **presentation_of(look, LOOKS[look].scale),
        "revision": "review",
        "comment": True,
        "questions": [{**question, "scores": [last_score(look)]} for question in QUESTIONS],
        "texts": {code: words_for(code, placement, look) for code in languages()},
    }
    return {
        "lang": "en",
        "surveys": {"article": survey},
        "texts": {code: widget_words(code) for code in languages()},
        "later": read_manifest()["later"],
    }


def last_score(look: str) -> int:
    """Of the last button in the card: looks with many steps ascend, the others begin with the best."""
    scale = LOOKS[look].scale
    return scale.low if scale in (THREE, THUMBS) else scale.high


def part(name: str) -> Response:
    return send_from_directory(DIST, name)


def votes() -> Any:
    """The answer that the subject asks for by its first word."""
    vote = request.get_json(force=True)
    state = str(vote["subject"]).partition("/")[0]
    if state == "kept":
        return {"code": "unavailable"}, 503, {"Retry-After": NEVER}
    if state in REFUSALS:
        return {"code": state}, REFUSED
    told = {"score": vote.get("score"), "comment": bool(vote.get("comment")), "rev": vote["rev"]}
    return {"vote": "review", "state": "saved", **told}


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    print(f"Every language in every state: http://{HOST}:{PORT}/  (Ctrl-C ends it)", flush=True)
    make_server(HOST, PORT, create_page(), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
