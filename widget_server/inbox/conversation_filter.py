"""What a list of conversations is asked for: one value for pages and the API, and the words that may stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..conversations.models import CHANNELS
from ..core.errors import Invalid
from ..core.text import has_controls
from ..invitations.rules import REASONS

#: How the segment stands that the list shows, the last one that was asked, else the last; or that nobody saw an answer.
LIST_STATUSES = ("all", "unread", "rated", "negative", "waiting", "not_asked")
SENTIMENT_FILTERS = ("positive", "neutral", "negative")
#: What happened on the way: a worse answer became a better one; asked anew after it was opened again.
HISTORY_FILTERS = ("recovered", "asked_again")
#: Fields that take one of a few words.
WORDS: dict[str, tuple[str, ...]] = {
    "status": LIST_STATUSES,
    "sentiment": SENTIMENT_FILTERS,
    "reason": tuple(REASONS),
    "history": HISTORY_FILTERS,
    "channel": CHANNELS,
}
MAX_VALUE_LENGTH = 200


@dataclass(frozen=True)
class ConversationFilter:
    """All that are given must hold; None asks for everything."""

    status: str = "all"
    sentiment: str | None = None
    #: The code of the reason why nobody was asked.
    reason: str | None = None
    history: str | None = None
    #: The owner's id of an agent who wrote in it.
    agent: str | None = None
    team: str | None = None
    channel: str | None = None
    #: Its case type, product area or touchpoint.
    tag: str | None = None
    #: Words of a comment.
    q: str | None = None

    def active_values(self) -> dict[str, str]:
        """Return what narrows the list, as an address has it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value for name, value in values.items() if value is not None and (name, value) != ("status", "all")
        }


EVERYTHING = ConversationFilter()
NAMES = tuple(field.name for field in fields(ConversationFilter))


def parse_filter(query: Mapping[str, list[str]]) -> ConversationFilter:
    """Parse the filter in an address. Empty form fields count as left out; an unknown word raises `Invalid`."""
    filter_values: dict[str, str] = {}
    for name in NAMES:
        values = [text for text in query.get(name, []) if text.strip()]
        if len(values) > 1:
            raise Invalid(f"The address names “{name}” more than once: leave one of them.", pointer=f"/{name}")
        if values:
            filter_values[name] = _checked(name, values[0])
    return ConversationFilter(**filter_values)


def _checked(name: str, value: str) -> str:
    if name in WORDS and value not in WORDS[name]:
        known = ", ".join(WORDS[name])
        raise Invalid(f"The list cannot be narrowed by this “{name}”. Choose one of: {known}.", pointer=f"/{name}")
    if len(value) > MAX_VALUE_LENGTH or has_controls(value):
        problem = (
            f"What stands in the address as “{name}” may have {MAX_VALUE_LENGTH} letters, and no control characters."
        )
        raise Invalid(problem, pointer=f"/{name}")
    return value
