"""Serve `/embed/transcript/KEY`: the ratings of one conversation, for a frame in a helpdesk.

The page is the same for every agent. The conversation and the token follow the `#` of its address, which browsers do
not send; the page's script reads both, and then works as the element of agent.js does.
"""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template

from ..auth.access import requires
from ..core import tokens
from ..sites.service import find_by_key, is_living

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
    html = render_template("agent/transcript.html", nonce=nonce, is_open=bool(origins))
    response = make_response(html, 200 if origins else 404)
    live = current_app.config["TILFREDS"].live_base_url
    policy = POLICY.format(nonce=nonce, live=live, ancestors=" ".join(origins) or "'none'")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
