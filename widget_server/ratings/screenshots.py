"""The picture of a vote: who may add one, storing, finding and taking it away.

It is a resource beside the vote and never touches it. Adding and removing are Core transactions without a commit
(see group_commit.py); a picture is decoded before one begins (pictures.py).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select

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
from .statements import inserted

NAME_BYTES = 16
NAME = re.compile(r"[A-Za-z0-9_-]{22}")
SCREENSHOT, VOTE, SITE = table_of(Screenshot), table_of(Vote), table_of(Site)
REVISION, SEGMENT = table_of(SurveyRevision), table_of(Segment)


@dataclass(frozen=True)
class StoredScreenshot:
    """What is told of a picture; the picture itself is read only to be shown."""

    name: str
    width: int
    height: int
    #: In bytes.
    size: int
    at: datetime


_held = (
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
    )
    .select_from(
        VOTE.join(SITE, SITE.c.id == VOTE.c.site_id)
        .join(REVISION, (REVISION.c.site_id == VOTE.c.site_id) & (REVISION.c.id == VOTE.c.revision_id))
        .outerjoin(SEGMENT, (SEGMENT.c.site_id == VOTE.c.site_id) & (SEGMENT.c.id == VOTE.c.segment_id))
    )
    .where(VOTE.c.site_id == bindparam("site"), VOTE.c.id == bindparam("vote"))
)
_HELD = PreparedQuery[HeldVoteRow](_held)
#: The answer is not removed, nor the site, before what stands on them is committed.
_HELD_FAST = PreparedQuery[HeldVoteRow](_held.with_for_update(read=True, of=(VOTE, SITE)))
_KEPT = PreparedQuery[ScreenshotRow](
    select(SCREENSHOT.c.sent_hash, SCREENSHOT.c.name, SCREENSHOT.c.width, SCREENSHOT.c.height)
    .add_columns(SCREENSHOT.c.size, SCREENSHOT.c.stored_at)
    .where(SCREENSHOT.c.site_id == bindparam("site"), SCREENSHOT.c.vote_id == bindparam("vote"))
)
_ADD = inserted(SCREENSHOT)
FORGET = Prepared(
    delete(SCREENSHOT).where(SCREENSHOT.c.site_id == bindparam("of_site"), SCREENSHOT.c.vote_id == bindparam("of_vote"))
)


def find_held(
    connection: Connection, site_id: UUID, vote_id: UUID, client_hash: str, *, lock: bool = False
) -> HeldVoteRow:
    """The vote that this client holds. 403 for anybody else and for what is not there: the answer is the same."""
    found = (_HELD_FAST if lock else _HELD).first(connection, {"site": site_id, "vote": vote_id})
    if found is None or found.removed_at is not None or not hmac.compare_digest(found.client_hash, client_hash):
        raise Forbidden("Only the browser whose answer stands may do this.", code="not_yours")
    return found


def check_offered(held: HeldVoteRow) -> None:
    """A 409 unless the answer stands and its survey offers a screenshot."""
    if held.score is None:
        raise Conflict("The answer was removed, so nothing can be added to it.", code="removed")
    if not held.settings.get("screenshot"):
        raise Conflict("This survey takes no screenshot.", code="not_offered")


def add_screenshot(
    connection: Connection,
    site_id: UUID,
    vote_id: UUID,
    client_hash: str,
    sent_hash: str,
    picture: Picture,
    at: datetime,
) -> StoredScreenshot:
    """Store the picture in place of an earlier one; the same bytes sent again change nothing."""
    held = find_held(connection, site_id, vote_id, client_hash, lock=True)
    check_offered(held)
    kept = _KEPT.first(connection, {"site": site_id, "vote": vote_id})
    if kept is not None and kept.sent_hash == sent_hash:
        return StoredScreenshot(kept.name, kept.width, kept.height, kept.size, kept.stored_at)
    stored = StoredScreenshot(tokens.random_text(NAME_BYTES), picture.width, picture.height, len(picture.content), at)
    if kept is not None:
        FORGET.run(connection, {"of_site": site_id, "of_vote": vote_id})
    _ADD.run(
        connection,
        {
            "site_id": site_id,
            "vote_id": vote_id,
            "name": stored.name,
            "sent_hash": sent_hash,
            "width": stored.width,
            "height": stored.height,
            "size": stored.size,
            "content": picture.content,
            "stored_at": at,
        },
    )
    _tell(connection, site_id, held, "screenshot.added", at)
    return stored


def remove_screenshot(connection: Connection, site_id: UUID, vote_id: UUID, client_hash: str, at: datetime) -> None:
    """Take the picture away; the same again changes nothing."""
    held = find_held(connection, site_id, vote_id, client_hash, lock=True)
    if _KEPT.first(connection, {"site": site_id, "vote": vote_id}) is not None:
        FORGET.run(connection, {"of_site": site_id, "of_vote": vote_id})
        _tell(connection, site_id, held, "screenshot.removed", at)


def _tell(connection: Connection, site_id: UUID, held: HeldVoteRow, kind: str, at: datetime) -> None:
    publish(
        connection,
        site_id,
        kind,
        at=at,
        conversation_id=held.conversation_id,
        segment_id=held.segment_id,
        subject_id=held.subject_id,
        vote_id=held.id,
        version=held.version,
    )


def screenshots_of(session: AnySession, site_id: UUID, vote_ids: Collection[UUID]) -> dict[UUID, StoredScreenshot]:
    """What is stored with these votes, without the pictures themselves."""
    told = (SCREENSHOT.c.name, SCREENSHOT.c.width, SCREENSHOT.c.height, SCREENSHOT.c.size, SCREENSHOT.c.stored_at)
    wanted = select(SCREENSHOT.c.vote_id, *told).where(
        SCREENSHOT.c.site_id == site_id, SCREENSHOT.c.vote_id.in_(vote_ids)
    )
    return {vote_id: StoredScreenshot(*row) for vote_id, *row in session.execute(wanted)}


def find_content(session: AnySession, site_id: UUID, *, vote_id: UUID | None = None, name: str | None = None) -> bytes:
    """The picture of a vote, or of this name; 404 when the site has none."""
    if name is not None and not NAME.fullmatch(name):
        raise _absent()
    wanted = SCREENSHOT.c.vote_id == vote_id if vote_id is not None else SCREENSHOT.c.name == name
    content: bytes | None = session.scalar(select(SCREENSHOT.c.content).where(SCREENSHOT.c.site_id == site_id, wanted))
    if content is None:
        raise _absent()
    return content


def _absent() -> NotFound:
    return NotFound("There is no such screenshot.")
