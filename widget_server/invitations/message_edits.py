"""Edits and removals of single messages, with what they change in the decisions about their segment.

Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..conversations import message_changes
from ..conversations.models import Conversation, Message
from ..conversations.segments import set_pin
from . import late_facts
from .conversation_state import ConversationState, lock_state


def edit_message(conversation: Conversation, external_id: str, fields: Mapping[str, Any]) -> Message:
    """Change the text or the agent of a message; see `message_changes.edit_message`."""
    state = lock_state(conversation)
    message = message_changes.edit_message(conversation, external_id, fields)
    _update_segment(state, message)
    return message


def remove_message(conversation: Conversation, external_id: str) -> Message:
    """Delete the text and the agent of a message, and move a pin that no vote has fixed."""
    state = lock_state(conversation)
    message = message_changes.remove_message(conversation, external_id)
    _update_segment(state, message)
    return message


def _update_segment(state: ConversationState, message: Message) -> None:
    segment = next(segment for segment in state.segments if segment.id == message.segment_id)
    set_pin(segment)
    late_facts.complete_decisions(state, segment)
