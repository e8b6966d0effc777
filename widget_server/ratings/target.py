"""What a press is for: the row that decides where its vote is kept, and whether it still may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from ..conversations.models import Segment
from ..conversations.service import is_of_staff
from ..core.errors import Conflict, Forbidden
from ..invitations.credit import credit_of
from ..invitations.models import Invitation
from ..invitations.rules import STAFF
from ..storage.db import table_of
from ..storage.prepared import PreparedQuery
from .rows import InvitationRow
from .submission import Submission

INVITATION = table_of(Invitation)
SEGMENT = table_of(Segment)
#: States in which a first press counts only if it was made before.
LATE = ("withdrawn", "expired")


@dataclass(frozen=True)
class Target:
    """Where a vote belongs. Exactly one of `segment_id`, `invitation_id`, `subject_id` is set."""

    channel: str
    verified: bool
    segment_id: UUID | None = None
    invitation_id: UUID | None = None
    subject_id: UUID | None = None
    voter: str | None = None
    visitor_id: UUID | None = None
    #: The invitation that asked; its row is locked while the vote is cast.
    invitation: InvitationRow | None = None
    conversation_id: UUID | None = None
    #: Why the vote is kept and not counted.
    suspicion_reason: str | None = None

    @property
    def agent_ids(self) -> Sequence[UUID]:
        """Who is credited with the vote, as frozen when asking."""
        if self.invitation is None:
            return ()
        return [UUID(agent["id"]) for agent in credit_of(self.invitation.context)]


_ASKED = PreparedQuery[InvitationRow](
    select(INVITATION, SEGMENT.c.conversation_id, SEGMENT.c.pinned_at)
    .select_from(
        INVITATION.outerjoin(
            SEGMENT, (SEGMENT.c.site_id == INVITATION.c.site_id) & (SEGMENT.c.id == INVITATION.c.segment_id)
        )
    )
    .where(INVITATION.c.site_id == bindparam("site"), INVITATION.c.id == bindparam("invitation"))
    .with_for_update(of=INVITATION)
)


def target_of_invitation(connection: Connection, site_id: UUID, invitation_id: UUID) -> Target:
    """The target of a proven token; its invitation is locked until the end of the transaction."""
    wanted = {"site": site_id, "invitation": invitation_id}
    row = _ASKED.first(connection, wanted)
    if row is not None and row.segment_id is not None and row.conversation_id is None:
        # While this waited for the row it became another part's, which is found now that it is locked.
        row = _ASKED.first(connection, wanted)
    if row is None or row.status == "not_asked":
        raise Forbidden("This token was not made here.", code="bad_token")
    return Target(
        channel=row.channel,
        verified=row.proof != "page",
        segment_id=row.segment_id,
        invitation_id=None if row.segment_id else row.id,
        visitor_id=row.visitor_id,
        invitation=row,
        conversation_id=row.conversation_id,
        suspicion_reason=STAFF if _is_of_staff(connection, row) else None,
    )


def _is_of_staff(connection: Connection, asked: InvitationRow) -> bool:
    """Whether a press made before the question was over is one of staff, for whom it was withdrawn (adoption.py)."""
    if asked.status not in LATE or asked.conversation_id is None:
        return False
    return is_of_staff(connection, asked.site_id, asked.conversation_id)


def check_in_time(target: Target, submission: Submission) -> None:
    """A 409 with its reason for a press made after the question was over. A press made before always counts.

    An answer may be changed for as long as the question may be answered, also when the chat went on meanwhile.
    """
    invitation = target.invitation
    if invitation is None:
        return
    withdrawn_at = invitation.withdrawn_at if invitation.status == "withdrawn" else None
    if withdrawn_at is not None and withdrawn_at <= submission.intended_at:
        raise Conflict("The chat went on, so this question is over. It is asked anew at the end.", code="withdrawn")
    if invitation.expires_at < submission.intended_at:
        raise Conflict("The time to answer this question is over.", code="expired")
