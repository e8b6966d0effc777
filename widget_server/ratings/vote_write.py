"""The columns of a vote that a submission sets."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ..core.text import fold
from ..sites.site_cache import SiteSettings
from .shown_revision import ShownRevision
from .submission import Submission
from .target import Target


@dataclass(frozen=True)
class VoteWrite:
    """A submission with everything that is needed to write it."""

    connection: Connection
    site: SiteSettings
    target: Target
    submission: Submission
    revision: ShownRevision

    @functools.cached_property
    def values(self) -> dict[str, Any]:
        """Return the columns of the vote that the submission sets, by name."""
        score, reasons, answers, comment = self.submission.answer
        return {
            "client_hash": self.submission.client_hash,
            "rev": self.submission.rev,
            "revision_id": self.submission.revision_id,
            "score": score,
            "reasons": reasons,
            "answers": answers,
            "outcomes": self.revision.outcomes(self.submission),
            "comment": comment,
            "comment_folded": None if comment is None else fold(comment),
            "verified": self.target.verified,
            "intended_at": self.submission.intended_at,
            "changed_at": self.submission.received_at,
            "language": self.submission.language,
            "page": self.submission.page,
            "updated_at": self.submission.received_at,
        }

    def listed_values(self, *, is_recovered: bool) -> dict[str, Any]:
        """Return what the conversation repeats of the answer for lists, and the keys of its rows."""
        score = self.submission.score
        return {
            "of_site": self.site.id,
            "of_conversation": self.target.conversation_id,
            "of_segment": self.target.segment_id,
            "at": self.submission.received_at,
            "sentiment": None if score is None else self.revision.scale.sentiment(score),
            "is_recovered": is_recovered,
        }
