"""The target of a verified visitor's vote on a subject, such as an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from ..subjects.service import ensure_subject
from ..visitors.erasures import find_erasure, hash_person
from ..visitors.service import find_visitor_id, visitor_id_for
from . import statements
from .submission import Submission
from .target import Target

#: The channel of votes without an invitation, such as those on articles.
PAGE_CHANNEL = "page"


#: A signature may end while the vote is on its way.
DELIVERY_TIME = timedelta(minutes=1)


@dataclass(frozen=True)
class NamedVisitor:
    """A visitor on a subject, as a signature names them that is valid until `expires` (Unix seconds)."""

    site_id: UUID
    kind: str
    subject: str
    external_id: str
    expires: int


def target_of_browser(connection: Connection, site_id: UUID, kind: str, subject: str, submission: Submission) -> Target:
    """Return the target of an unverified vote, which belongs to the browser that sent it."""
    subject_id = ensure_subject(connection, site_id, kind, subject, submission.received_at)
    return Target(PAGE_CHANNEL, False, subject_id=subject_id, subject_kind=kind, voter=f"b:{submission.client_hash}")


def target_of_visitor(connection: Connection, named_visitor: NamedVisitor, submission: Submission) -> Target:
    """Return the target of a visitor whose signature is checked. The visitor is stored if new.

    An erased visitor is not stored again for an answer from before the erasure, nor by the page that holds the erased
    answer. Any other later answer is that of a visitor who came back.

    A signature that ended before the vote arrived is valid only by the age that the page claims for its press. Unless
    the server saw this browser's vote of this visitor before the end, the vote is unverified.
    """
    site_id = named_visitor.site_id
    person_hash = hash_person(site_id, named_visitor.external_id)
    erased_at = find_erasure(connection, site_id, person_hash)
    subject_id = ensure_subject(connection, site_id, named_visitor.kind, named_visitor.subject, submission.received_at)
    if erased_at is not None:
        target = Target(
            PAGE_CHANNEL,
            True,
            subject_id=subject_id,
            subject_kind=named_visitor.kind,
            voter=erased_voter(person_hash),
            erased_at=erased_at,
        )
        if submission.intended_at < erased_at or _holds_erased_vote(connection, site_id, target, submission):
            return target
    end = datetime.fromtimestamp(named_visitor.expires, UTC)
    if end + DELIVERY_TIME < submission.received_at:
        known_visitor = find_visitor_id(connection, site_id, named_visitor.external_id)
        if not _was_seen(connection, site_id, subject_id, known_visitor, submission, end):
            return target_of_browser(connection, site_id, named_visitor.kind, named_visitor.subject, submission)
    visitor_id = visitor_id_for(connection, site_id, named_visitor.external_id, submission.received_at)
    return Target(
        PAGE_CHANNEL,
        True,
        subject_id=subject_id,
        subject_kind=named_visitor.kind,
        voter=f"v:{visitor_id}",
        visitor_id=visitor_id,
    )


def _was_seen(
    connection: Connection,
    site_id: UUID,
    subject_id: UUID,
    visitor_id: UUID | None,
    submission: Submission,
    end: datetime,
) -> bool:
    """Return whether this browser's vote of this visitor arrived before the signature's end."""
    where = {"site": site_id, "subject": subject_id, "voter": f"v:{visitor_id}"}
    vote = statements.OF_SUBJECT.first(connection, where) if visitor_id is not None else None
    return vote is not None and vote.client_hash == submission.client_hash and (vote.received_at or end) < end


def erased_voter(person_hash: str) -> str:
    """Return the voter of an erased visitor's vote on a subject."""
    return f"e:{person_hash}"


def _holds_erased_vote(connection: Connection, site_id: UUID, target: Target, submission: Submission) -> bool:
    """Return whether this client sent an answer of the erased vote."""
    where = {"site": site_id, "subject": target.subject_id, "voter": target.voter}
    vote = statements.OF_SUBJECT.first(connection, where)
    if vote is None:
        return False
    of_client = {"site": site_id, "vote": vote.id, "client": submission.client_hash, "rev_least": 0}
    return (
        vote.client_hash == submission.client_hash
        or statements.NEWEST_OF_CLIENT.first(connection, of_client) is not None
    )
