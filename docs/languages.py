"""Show every language of the widget in every state: run `make languages` and open the address that it prints.

The widget is the built one. The server behind it is not: it saves, fails or refuses as the place on the page asks, and
stores nothing.
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
#: The states of each language on the page of all languages.
STATES = {
    "rest": "At rest",
    "saved": "Saved",
    "kept": "Kept",
    "closed": "Refused",
    "comment": "Comment",
    "answered": "Answered",
}
#: The further states on the page of one language.
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
#: The follow-up questions that have built-in texts. Only the last answer leads to them, so other states do not change.
QUESTIONS: tuple[dict[str, str], ...] = (
    {"id": "call", "kind": "callback"},
    {"id": "review", "kind": "review", "link": "https://example.org/"},
    {"id": "chat", "kind": "chat"},
)
#: Every refusal with a text. The widget reads the code, and needs a final status and the type of a problem document.
REFUSALS = (
    *("withdrawn", "expired", "closed", "bad_token", "bad_signature", "signature_expired"),
    *("staff", "origin", "unknown_site", "invalid", "conflict", "too_large"),
)
REFUSED = 409
#: Keep the widget from retrying while a reviewer reads the page.
NEVER = "86400"


def create_page() -> Flask:
    """Return the application with the pages and the pretended API of the widget."""
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
    look, placement = requested_look()
    descriptions = [describe_language(code) for code in codes]
    return render_template(
        "page.html",
        languages=descriptions,
        states=states,
        looks=list(LOOKS),
        places=PLACEMENTS,
        look=look,
        placement=placement,
        # A language's page shows the texts about screenshots beside the English ones.
        words=screenshot_words(codes[0]) if len(codes) == 1 else {},
        english=screenshot_words("en"),
    )


def requested_look() -> tuple[str, str]:
    """Return the look and the placement that the address asks for."""
    look, placement = request.args.get("look", "faces"), request.args.get("placement", "article")
    if look not in LOOKS or placement not in PLACEMENTS:
        abort(404)
    return look, placement


def script() -> Response:
    """Return the widget's file of a site that speaks every language."""
    further_questions = (DIST / "questions" / "further.js").read_text("utf-8")
    return Response(
        f"{fill(settings(*requested_look()))}({further_questions})(null);",
        content_type="text/javascript; charset=utf-8",
    )


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
    """Return the score of the last button: looks with many points ascend, the others begin with the best."""
    scale = LOOKS[look].scale
    return scale.low if scale in (THREE, THUMBS) else scale.high


def part(name: str) -> Response:
    return send_from_directory(DIST, name)


def votes() -> Any:
    """Return the reply that the first word of the subject asks for."""
    vote = request.get_json(force=True)
    state = str(vote["subject"]).partition("/")[0]
    if state == "kept":
        return {"code": "unavailable"}, 503, {"Retry-After": NEVER}
    if state in REFUSALS:
        # The widget drops an answer only if the refusal is a problem document.
        return {"code": state}, REFUSED, {"Content-Type": "application/problem+json"}
    receipt = {"score": vote.get("score"), "comment": bool(vote.get("comment")), "rev": vote["rev"]}
    return {"vote": "review", "status": "saved", **receipt}


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    print(f"Every language in every state: http://{HOST}:{PORT}/  (Ctrl-C ends it)", flush=True)
    make_server(HOST, PORT, create_page(), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
