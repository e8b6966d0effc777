"""A picture that a visitor added, for those who may read the transcript."""

from __future__ import annotations

from flask import Response, request

from ...auth.access import requires
from ...ratings.screenshots import find_content
from ...storage.db import db
from ...web.problems import make_download
from ..sites.views import site_of


@requires("console", "read")
def screenshot(key: str, name: str) -> Response:
    """The picture of this name. Another site's is answered like one that is not there."""
    response = make_download(find_content(db.session, site_of(key).id, name=name), "image/webp", "screenshot.webp")
    # Asked again each time, so that one which was taken away is gone here too.
    response.add_etag()
    response.make_conditional(request)
    return response
