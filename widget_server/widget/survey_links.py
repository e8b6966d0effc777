"""Build the link to the survey page of one vote; the link permits to answer there and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app

from ..ratings.submission import Receipt
from ..sites.signatures import SiteKey, survey_token
from ..sites.site_cache import SiteSettings

#: Equals the time that the browser stores the answer.
LINK_LIFETIME = timedelta(hours=48)


def survey_address(keys: Sequence[SiteKey], site: SiteSettings, receipt: Receipt) -> str | None:
    """Return the address of the survey page; None where no survey page follows the answer."""
    if receipt.survey_holder is None:
        return None
    expires = int((receipt.saved_at + LINK_LIFETIME).timestamp())
    token = survey_token(keys, site.id, receipt.vote_id, receipt.survey_holder, expires)
    return f"{current_app.config['PUBLIC_URL']}/survey/{site.key}/{token}"
