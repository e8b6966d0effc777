"""Screenshots of votes: check who may add one, store it, find it and remove it.

A screenshot is a resource beside the vote and never changes it. Adding and removing are Core transactions without a
commit (see group_commit.py); a picture is decoded before they begin (images.py).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select, update

from ..conversations.models import Segment
from ..core import tokens
from ..core.errors import Conflict, Forbidden, NotFound
from ..events.publish import publish
from ..sites.models import Site
from ..storage.db import table_of
from ..storage.prepared import AnySession, Prepared, PreparedQuery
from ..surveys.models import SurveyRevision
from .images import Picture
from .models import Screenshot, Vote
from .rows import HeldVoteRow, ScreenshotRow
from .statements import to_insert

NAME_BYTES = 16
NAME = re.compile(r"[A-Za-z0-9_-]{22}")
SCREENSHOT, VOTE, SITE = table_of(Screenshot), table_of(Vote), table_of(Site)
REVISION, SEGMENT = table_of(SurveyRevision), table_of(Segment)


@dataclass(frozen=True)
class StoredScreenshot:
    """The data of a screenshot without its content."""

    name: str
    width: int
    height: int
    #: In bytes.
    size: int
    at: datetime


_vote_query = (
    select(
        VOTE.c.id,
        VOTE.c.client_hash,
        VOTE.c.score,
        VOTE.c.version,
        VOTE.c.segment_id,
        VOTE.c.subject_id,
        SEGMENT.c.conversation_id,
        REVISION.c.settings,
        SITE.c.removed_at,
        VOTE.c.erased_at,
    )
    .select_from(
        VOTE.join(SITE, SITE.c.id == VOTE.c.site_id)
        .join(REVISION, (REVISION.c.site_id == VOTE.c.site_id) & (REVISION.c.id == VOTE.c.revision_id))
        .outerjoin(SEGMENT, (SEGMENT.c.site_id == VOTE.c.site_id) & (SEGMENT.c.id == VOTE.c.segment_id))
    )
    .where(VOTE.c.site_id == bindparam("site"), VOTE.c.id == bindparam("vote"))
)
_HELD_VOTE = PreparedQuery[HeldVoteRow](_vote_query)
#: The lock prevents that vote or site are removed before the screenshot is committed.
_LOCKED_VOTE = PreparedQuery[HeldVoteRow](_vote_query.with_for_update(read=True, of=(VOTE, SITE)))
#: Taken first, because two screenshots that share a lock of their vote could not both change the vote.
_VOTE_LOCK = PreparedQuery[object](
    select(VOTE.c.id)
    .where(VOTE.c.site_id == bindparam("site"), VOTE.c.id == bindparam("vote"))
    .with_for_update(key_share=True)
)
_STORED_SCREENSHOT = PreparedQuery[ScreenshotRow](
    select(SCREENSHOT.c.sent_hash, SCREENSHOT.c.name, SCREENSHOT.c.width, SCREENSHOT.c.height)
    .add_columns(SCREENSHOT.c.size, SCREENSHOT.c.stored_at)
    .where(SCREENSHOT.c.site_id == bindparam("site"), SCREENSHOT.c.vote_id == bindparam("vote"))
)
_ADD_SCREENSHOT = to_insert(SCREENSHOT)
_SET_UPDATED = Prepared(
    update(VOTE)
    .where(VOTE.c.site_id == bindparam("of_site"), VOTE.c.id == bindparam("of_vote"))
    .values(updated_at=bindparam("at", type_=VOTE.c.updated_at.type))
)
DELETE_SCREENSHOT = Prepared(
    delete(SCREENSHOT).where(SCREENSHOT.c.site_id == bindparam("of_site"), SCREENSHOT.c.vote_id == bindparam("of_vote"))
)


def find_held_vote(
    connection: Connection, site_id: UUID, vote_id: UUID, client_hash: str, *, lock: bool = False
) -> HeldVoteRow:
    """Return the vote whose current answer this client sent.

    Raises: Forbidden: the answer is another client's, or the vote does not exist. Both have the same error, so that a
    client cannot find out which votes exist.
    """
    if lock:
        _VOTE_LOCK.first(connection, {"site": site_id, "vote": vote_id})
    vote = (_LOCKED_VOTE if lock else _HELD_VOTE).first(connection, {"site": site_id, "vote": vote_id})
    if vote is None or vote.removed_at is not None or not hmac.compare_digest(vote.client_hash, client_hash):
        raise Forbidden("Only the browser that sent the current answer may change its screenshot.", code="not_yours")
    return vote


def check_offered(vote: HeldVoteRow) -> None:
    """Raise `Conflict` if the answer was removed or erased, or its survey has no screenshot."""
    if vote.erased_at is not None:
        raise Conflict("This answer was erased; a screenshot cannot be added any more.", code="erased")
    if vote.score is None:
        raise Conflict("The answer was removed; answer again before you add a screenshot.", code="removed")
    if not vote.settings.get("screenshot"):
        raise Conflict("This survey does not accept screenshots.", code="not_offered")


def add_screenshot(
    connection: Connection,
    site_id: UUID,
    vote_id: UUID,
    client_hash: str,
    sent_hash: str,
    picture: Picture,
    at: datetime,
) -> StoredScreenshot:
    """Store the picture in place of an earlier one. A retry with the same bytes changes nothing."""
    vote = find_held_vote(connection, site_id, vote_id, client_hash, lock=True)
    check_offered(vote)
    existing = _STORED_SCREENSHOT.first(connection, {"site": site_id, "vote": vote_id})
    if existing is not None and existing.sent_hash == sent_hash:
        return StoredScreenshot(existing.name, existing.width, existing.height, existing.size, existing.stored_at)
    stored = StoredScreenshot(tokens.random_text(NAME_BYTES), picture.width, picture.height, len(picture.content), at)
    if existing is not None:
        DELETE_SCREENSHOT.run(connection, {"of_site": site_id, "of_vote": vote_id})
    _ADD_SCREENSHOT.run(
        connection,
        {
            "site_id": site_id,
            "vote_id": vote_id,
            "subject_id": vote.subject_id,
            "name": stored.name,
            "sent_hash": sent_hash,
            "width": stored.width,
            "height": stored.height,
            "size": stored.size,
            "content": picture.content,
            "stored_at": at,
        },
    )
    _publish(connection, site_id, vote, "screenshot.added", at)
    return stored


def remove_screenshot(connection: Connection, site_id: UUID, vote_id: UUID, client_hash: str, at: datetime) -> None:
    """Remove the picture of a vote, if it has one."""
    vote = find_held_vote(connection, site_id, vote_id, client_hash, lock=True)
    if _STORED_SCREENSHOT.first(connection, {"site": site_id, "vote": vote_id}) is not None:
        DELETE_SCREENSHOT.run(connection, {"of_site": site_id, "of_vote": vote_id})
        _publish(connection, site_id, vote, "screenshot.removed", at)


def _publish(connection: Connection, site_id: UUID, vote: HeldVoteRow, kind: str, at: datetime) -> None:
    _SET_UPDATED.run(connection, {"of_site": site_id, "of_vote": vote.id, "at": at})
    publish(
        connection,
        site_id,
        kind,
        at=at,
        conversation_id=vote.conversation_id,
        segment_id=vote.segment_id,
        subject_id=vote.subject_id,
        vote_id=vote.id,
        version=vote.version,
    )


def screenshots_of(session: AnySession, site_id: UUID, vote_ids: Collection[UUID]) -> dict[UUID, StoredScreenshot]:
    """Return the screenshots of these votes by vote, without their content."""
    columns = (SCREENSHOT.c.name, SCREENSHOT.c.width, SCREENSHOT.c.height, SCREENSHOT.c.size, SCREENSHOT.c.stored_at)
    query = select(SCREENSHOT.c.vote_id, *columns).where(
        SCREENSHOT.c.site_id == site_id, SCREENSHOT.c.vote_id.in_(vote_ids)
    )
    return {vote_id: StoredScreenshot(*row) for vote_id, *row in session.execute(query)}


def find_content(session: AnySession, site_id: UUID, *, vote_id: UUID | None = None, name: str | None = None) -> bytes:
    """Return the WebP file with this vote or this name.

    Raises: NotFound: the site has no such screenshot.
    """
    if name is not None and not NAME.fullmatch(name):
        raise _not_found()
    condition = SCREENSHOT.c.vote_id == vote_id if vote_id is not None else SCREENSHOT.c.name == name
    query = select(SCREENSHOT.c.content).where(SCREENSHOT.c.site_id == site_id, condition)
    content: bytes | None = session.scalar(query)
    if content is None:
        raise _not_found()
    return content


def _not_found() -> NotFound:
    return NotFound("There is no such screenshot.")
