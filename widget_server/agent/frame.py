"""`/embed/transcript/KEY`: what was thought of one conversation, for a frame of the owner's helpdesk.

The page is the same for everybody. Which conversation and with which token stands behind the `#` of its address, which
no browser sends; its script reads both, and then does what the element of agent.js does.
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
    """In frames of the site's own helpdesk alone. A site that named none is answered as one that is not here."""
    site = find_by_key(key)
    origins = site.agent_origins if site is not None and is_living(site) else []
    nonce = tokens.random_text(tokens.MAC_BYTES)
    page = render_template("agent/transcript.html", nonce=nonce, is_open=bool(origins))
    response = make_response(page, 200 if origins else 404)
    live = current_app.config["TILFREDS"].live_base_url
    policy = POLICY.format(nonce=nonce, live=live, ancestors=" ".join(origins) or "'none'")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
