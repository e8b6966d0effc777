"""Serve `/embed/transcript/KEY`: the ratings of one conversation, for a frame in a helpdesk.

The page is the same for every agent. The conversation and the token follow the `#` of its address, which browsers do
not send; the page's script reads both, and then works as the element of agent.js does.
"""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template

from ..auth.access import requires
from ..core import tokens
from ..core.marked_texts import N_
from ..sites.service import find_by_key, is_living
from ..web.translations import add_vary
from ..web.translations import translate as _

#: The texts of static/agent/frame.js, which the page hands to it in the reader's language.
TEXTS = (
    N_("Loading…"),
    N_("This frame was opened without a conversation. Add #conversation=…&token=… to its address."),
    N_("This conversation does not exist, or you may not see it."),
    N_("Your access has expired. Open the conversation again."),
    N_("No messages yet."),
    N_("No message"),
    N_("Visitor"),
    N_("Agent"),
    N_("Bot"),
    N_("System"),
    N_("Open. No survey yet."),
    N_("Ended. No survey yet."),
    N_("Rating: %(value)s"),
    N_("Live"),
    N_("Not live since %(value)s. Reconnecting."),
    N_("Offline since %(value)s. Reconnecting."),
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'nonce-{nonce}'; connect-src 'self' {live}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@requires("anyone", "read")
def frame(key: str) -> Response:
    """Return the page, which only the site's helpdesks may frame; a 404 without helpdesks, as for a missing site."""
    site = find_by_key(key)
    origins = site.agent_origins if site is not None and is_living(site) else []
    nonce = tokens.random_text(tokens.MAC_BYTES)
    html = render_template(
        "agent/transcript.html", nonce=nonce, is_open=bool(origins), texts={text: _(text) for text in TEXTS}
    )
    response = make_response(html, 200 if origins else 404)
    live = current_app.config["TILFREDS"].live_base_url
    policy = POLICY.format(nonce=nonce, live=live, ancestors=" ".join(origins) or "'none'")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    add_vary(response)
    return response
