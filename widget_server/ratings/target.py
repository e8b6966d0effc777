"""The target of a vote: the row that decides where it is stored, and whether it is still accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from ..conversations.models import Segment
from ..conversations.service import is_of_staff
from ..core.errors import Conflict, Forbidden
from ..invitations.credit import read_credited_agents
from ..invitations.models import Invitation
from ..invitations.rules import STAFF
from ..storage.db import table_of
from ..storage.prepared import PreparedQuery
from .rows import InvitationRow
from .submission import Submission

INVITATION = table_of(Invitation)
SEGMENT = table_of(Segment)
#: Statuses in which a first press is accepted only if it was made before.
LATE = ("withdrawn", "expired")


@dataclass(frozen=True)
class Target:
    """The target of a vote. Exactly one of `segment_id`, `invitation_id`, `subject_id` is set."""

    channel: str
    verified: bool
    segment_id: UUID | None = None
    invitation_id: UUID | None = None
    subject_id: UUID | None = None
    #: The kind of the subject, for its first vote.
    subject_kind: str | None = None
    voter: str | None = None
    visitor_id: UUID | None = None
    #: The invitation that is answered; its row is locked until the vote is committed.
    invitation: InvitationRow | None = None
    conversation_id: UUID | None = None
    #: The reason why the vote is stored as suspected.
    suspicion_reason: str | None = None
    #: When the visitor was erased, if that is known without the vote.
    erased_at: datetime | None = None

    @property
    def kind(self) -> str:
        """Return what is rated: conversation, invitation, or the kind of the subject."""
        return self.subject_kind or ("conversation" if self.segment_id is not None else "invitation")

    @property
    def decided_at(self) -> datetime | None:
        """Return when the visitor was asked, if there is an invitation."""
        return None if self.invitation is None else self.invitation.decided_at

    @property
    def agent_ids(self) -> Sequence[UUID]:
        """Return the agents who are credited with the vote, as frozen when the visitor was asked."""
        if self.invitation is None:
            return ()
        return [UUID(agent["id"]) for agent in read_credited_agents(self.invitation.context)]


_LOCKED_INVITATION = PreparedQuery[InvitationRow](
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
    """Return the target of a verified token. Its invitation is locked until the transaction ends.

    Raises: Forbidden: the site has no such invitation, or its visitor was not asked.
    """
    parameters = {"site": site_id, "invitation": invitation_id}
    row = _LOCKED_INVITATION.first(connection, parameters)
    if row is not None and row.segment_id is not None and row.conversation_id is None:
        # A merge moved the invitation to another segment during the wait for its lock, so the row is read again.
        row = _LOCKED_INVITATION.first(connection, parameters)
    if row is None or row.status == "not_asked":
        raise Forbidden("Invitation token is invalid; reload the page.", code="bad_token")
    return Target(
        channel=row.channel,
        verified=row.proof != "page",
        segment_id=row.segment_id,
        invitation_id=None if row.segment_id else row.id,
        visitor_id=row.visitor_id,
        invitation=row,
        conversation_id=row.conversation_id,
        suspicion_reason=STAFF if _is_of_staff(connection, row) else None,
        erased_at=row.erased_at,
    )


def _is_of_staff(connection: Connection, invitation: InvitationRow) -> bool:
    """Return whether the question was withdrawn because its visitor is staff (claim_merge.py).

    A press from before the withdrawal is still accepted, but must be suspected.
    """
    if invitation.status not in LATE or invitation.conversation_id is None:
        return False
    return is_of_staff(connection, invitation.site_id, invitation.conversation_id)


def check_in_time(target: Target, submission: Submission) -> None:
    """Raise `Conflict` for a press after the question was withdrawn or expired. An earlier press is accepted.

    An answer may be changed as long as its question may be answered, also after the chat continued.
    """
    invitation = target.invitation
    if invitation is None:
        return
    withdrawn_at = invitation.withdrawn_at if invitation.status == "withdrawn" else None
    if withdrawn_at is not None and withdrawn_at <= submission.intended_at:
        raise Conflict(
            "The chat continued, so this question is closed; it is asked again at the next end.", code="withdrawn"
        )
    if invitation.expires_at < submission.intended_at:
        raise Conflict("The time to answer this question is over.", code="expired")
