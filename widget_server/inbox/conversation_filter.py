"""The filter of a list of conversations, for pages and the API, and its allowed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..conversations.models import CHANNELS
from ..core.errors import Invalid
from ..core.text import has_controls
from ..invitations.rules import REASONS
from ..surveys.scales import SENTIMENTS

#: The status of the segment that the list shows: the last one that was asked about, else the last one. `unread` means
#: that no user has opened the answer yet.
LIST_STATUSES = ("all", "unread", "rated", "negative", "waiting", "not_asked")
SENTIMENT_FILTERS: tuple[str, ...] = tuple(SENTIMENTS.values())
#: `recovered`: a worse answer became a better one. `asked_again`: asked again after the conversation was reopened.
HISTORY_FILTERS = ("recovered", "asked_again")
#: The allowed values of the fields that accept only some.
ALLOWED_VALUES: dict[str, tuple[str, ...]] = {
    "status": LIST_STATUSES,
    "sentiment": SENTIMENT_FILTERS,
    "reason": tuple(REASONS),
    "history": HISTORY_FILTERS,
    "channel": CHANNELS,
}
MAX_VALUE_LENGTH = 200


@dataclass(frozen=True)
class ConversationFilter:
    """A filter whose fields must all match; None matches everything."""

    status: str = "all"
    sentiment: str | None = None
    #: The code of the reason why the visitor was not asked.
    reason: str | None = None
    history: str | None = None
    #: The owner's id of an agent who wrote in the conversation.
    agent: str | None = None
    team: str | None = None
    channel: str | None = None
    #: The case type, product area or touchpoint of the conversation.
    tag: str | None = None
    #: Words of a comment.
    q: str | None = None

    def active_values(self) -> dict[str, str]:
        """Return the fields that narrow the list, by their names in the address."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value for name, value in values.items() if value is not None and (name, value) != ("status", "all")
        }


EVERYTHING = ConversationFilter()
NAMES = tuple(field.name for field in fields(ConversationFilter))


def parse_filter(query: Mapping[str, list[str]]) -> ConversationFilter:
    """Parse the filter in an address. Empty fields are ignored, because forms send them.

    Raises: Invalid: a field has an unknown value, a value that is too long, or several values.
    """
    filter_values: dict[str, str] = {}
    for name in NAMES:
        values = [text for text in query.get(name, []) if text.strip()]
        if len(values) > 1:
            raise Invalid(f"Filter “{name}” has more than one value; give it once.", pointer=f"/{name}")
        if values:
            filter_values[name] = _check_value(name, values[0])
    return ConversationFilter(**filter_values)


def _check_value(name: str, value: str) -> str:
    if name in ALLOWED_VALUES and value not in ALLOWED_VALUES[name]:
        choices = ", ".join(ALLOWED_VALUES[name])
        raise Invalid(f"Filter “{name}” has an unknown value; choose one of: {choices}.", pointer=f"/{name}")
    if len(value) > MAX_VALUE_LENGTH or has_controls(value):
        problem = f"Filter “{name}” must have at most {MAX_VALUE_LENGTH} characters and no control characters."
        raise Invalid(problem, pointer=f"/{name}")
    return value
