"""Serve the screenshots that visitors added to their ratings."""

from __future__ import annotations

from flask import Response, request

from ...auth.access import requires
from ...ratings.screenshots import find_content
from ...storage.db import db
from ...web.problems import make_download
from ..sites.views import site_of


@requires("console", "read", right="read_personal")
def screenshot(key: str, name: str) -> Response:
    """Return a screenshot of this site by its name."""
    response = make_download(find_content(db.session, site_of(key).id, name=name), "image/webp", "screenshot.webp")
    # Browsers revalidate it each time, so that a removed screenshot disappears here, too.
    response.add_etag()
    response.make_conditional(request)
    return response
