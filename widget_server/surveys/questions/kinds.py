"""The table of kinds. A new kind is a file in this folder and a line here."""

from __future__ import annotations

from .base import QuestionKind
from .callback import Callback
from .chat import Chat
from .choice import Choice
from .comment import Comment
from .reasons import Reasons
from .review import Review
from .scale import NumberScale
from .several import Several
from .survey import SurveyLink
from .text import ShortText

KINDS: dict[str, QuestionKind] = {
    kind.name: kind
    for kind in (
        Reasons(),
        Choice(),
        Several(),
        NumberScale(),
        ShortText(),
        Comment(),
        Callback(),
        Review(),
        Chat(),
        SurveyLink(),
    )
}
#: Kinds with an entry in a submission's `answers`, in the order of the table.
ANSWERED = tuple(name for name, kind in KINDS.items() if kind.has_answer)
FREE_TEXT = tuple(name for name, kind in KINDS.items() if kind.is_free_text)
FOR_PAGE = tuple(name for name, kind in KINDS.items() if kind.is_for_page)
REPEATABLE = tuple(name for name, kind in KINDS.items() if kind.is_repeatable)
