"""Conversations, segments and ratings as values for the schemas of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ...conversations.models import Conversation, Segment
from ...inbox.conversation_list import ConversationRow
from ...inbox.transcripts import InvitationSummary, Transcript, TranscriptSegment
from ...invitations.models import Invitation
from ...invitations.rules import to_reason_text
from .schemas import ConversationFacts, InvitationOut

COLUMNS = tuple(name for name in ConversationFacts().fields if name != "visitor")
INVITATION_COLUMNS = tuple(
    field.attribute or name for name, field in InvitationOut().fields.items() if name not in ("segment", "reason_text")
)


def facts_out(conversation: Conversation, visitor: str | None) -> dict[str, Any]:
    return {**{name: getattr(conversation, name) for name in COLUMNS}, "visitor": visitor}


def transcript_out(transcript: Transcript) -> dict[str, Any]:
    values = {field.name: getattr(transcript, field.name) for field in fields(transcript)}
    return {**values, "segments": [segment_out(segment) for segment in values.pop("segments")]}


def segment_out(segment: TranscriptSegment) -> dict[str, Any]:
    values = {field.name: getattr(segment, field.name) for field in fields(segment)}
    external_ids = {message.id: message.external_id for message in segment.messages}
    pin = external_ids.get(segment.pin_message_id) if segment.pin_message_id else None
    return {**values, **reason_out(segment.invitation), "pin": pin}


def row_out(row: ConversationRow) -> dict[str, Any]:
    return {**{field.name: getattr(row, field.name) for field in fields(row)}, **reason_out(row.invitation)}


def reason_out(invitation: InvitationSummary | Invitation | None) -> dict[str, str | None]:
    """Return the reason why the visitor was not asked, as a code and as text."""
    if invitation is None:
        return {"reason": None, "reason_text": None}
    return {"reason": invitation.reason, "reason_text": to_reason_text(invitation.reason, invitation.context)}


def ledger_out(ledger: Sequence[Invitation], segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Return every invitation with the number of its segment."""
    numbers = {segment.id: segment.number for segment in segments}
    return [
        {
            **{name: getattr(invitation, name) for name in INVITATION_COLUMNS},
            **reason_out(invitation),
            "segment": numbers.get(invitation.segment_id) if invitation.segment_id else None,
        }
        for invitation in ledger
    ]
