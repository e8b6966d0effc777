"""The link to the longer survey of one vote: whoever holds it may answer there, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app

from ..ratings.submission import Receipt
from ..sites.signatures import SiteKey, survey_token
from ..sites.site_cache import SiteSettings

#: As long as the browser keeps the answer that it follows.
LINK_LASTS = timedelta(hours=48)


def survey_address(keys: Sequence[SiteKey], site: SiteSettings, receipt: Receipt) -> str | None:
    """None where no longer survey follows the answer."""
    if receipt.surveyed is None:
        return None
    expires = int((receipt.saved_at + LINK_LASTS).timestamp())
    token = survey_token(keys, site.id, receipt.vote_id, receipt.surveyed, expires)
    return f"{current_app.config['PUBLIC_URL']}/survey/{site.key}/{token}"
