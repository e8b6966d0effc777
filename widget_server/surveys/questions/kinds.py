"""The table of kinds: a kind is added by a file beside this one and a line here."""

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
from .survey import LongerSurvey
from .text import Written

KINDS: dict[str, QuestionKind] = {
    kind.name: kind
    for kind in (
        Reasons(),
        Choice(),
        Several(),
        NumberScale(),
        Written(),
        Comment(),
        Callback(),
        Review(),
        Chat(),
        LongerSurvey(),
    )
}
#: Kinds whose answers a submission holds, in the order of the table.
ANSWERED = tuple(name for name, kind in KINDS.items() if kind.has_answer)
FREE_TEXT = tuple(name for name, kind in KINDS.items() if kind.is_free_text)
FOR_PAGE = tuple(name for name, kind in KINDS.items() if kind.is_for_page)
REPEATABLE = tuple(name for name, kind in KINDS.items() if kind.is_repeatable)
