"""The kind `chat`: a button that opens the chat, or a link to it."""

from __future__ import annotations

from .base import QuestionKind


class Chat(QuestionKind):
    name = "chat"
    has_default_text = True
    has_link = True
    is_pressed = True
