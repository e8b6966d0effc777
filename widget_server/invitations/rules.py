"""Who is asked, and why not: pure rules over facts, three-valued, with the one table of defaults.

Each rule answers True (nothing against asking), False (its reason stands in the ledger) or None (the facts are not
known). What None does is the site's choice; the default is to ask. A test compares this table with
`docs/reference/rules.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from ..core.errors import Invalid


@dataclass(frozen=True)
class RuleSettings:
    """What the rules of one channel compare with."""

    #: Messages of the visitor that the segment must hold.
    visitor_messages: int = 1
    #: Messages of a person, not a bot, that it must hold.
    person_replies: int = 1
    #: After a close, a segment opened within this many minutes ...
    reopened_minutes: int = 10
    #: ... must hold this many messages of the visitor, so that thanks and a farewell ask nobody anew.
    reopened_visitor_messages: int = 2
    #: Days since this visitor was last shown a question in another conversation ...
    cooldown_days: int = 0
    #: ... and in another one of the same touchpoint.
    touchpoint_cooldown_days: int = 0
    #: Of those whom nothing else is against, only every so many-th is asked, the first one first.
    every_nth: int = 1


NO_MESSAGES = RuleSettings(visitor_messages=0, person_replies=0, reopened_minutes=0, reopened_visitor_messages=0)
#: The least that a setting can be, where that is not 0.
MIN_VALUES = {"every_nth": 1}
MAX_VALUE = 10_000
DEFAULTS: dict[str, RuleSettings] = {
    "chat": RuleSettings(),
    "email": RuleSettings(cooldown_days=14),
    "phone": NO_MESSAGES,
    "in_person": NO_MESSAGES,
}


@dataclass(frozen=True)
class Case:
    """The facts of one segment at its end."""

    survey_open: bool
    messages_known: bool
    visitor_messages: int
    person_replies: int
    #: Time from the close before to this opening; None in a conversation's first segment.
    reopened_after: timedelta | None = None
    #: Time since the visitor was last shown a question elsewhere; None: never.
    last_shown: timedelta | None = None
    #: The same, of conversations of the same touchpoint; those that name none are one touchpoint together.
    last_shown_here: timedelta | None = None
    #: Whether anybody knows who the visitor is.
    visitor_known: bool = False


def survey_open(case: Case, settings: RuleSettings) -> bool | None:
    return case.survey_open


def visitor_wrote(case: Case, settings: RuleSettings) -> bool | None:
    return _enough(case.visitor_messages, settings.visitor_messages, case.messages_known)


def person_answered(case: Case, settings: RuleSettings) -> bool | None:
    return _enough(case.person_replies, settings.person_replies, case.messages_known)


def enough_after_reopening(case: Case, settings: RuleSettings) -> bool | None:
    if case.reopened_after is None or case.reopened_after > timedelta(minutes=settings.reopened_minutes):
        return True
    return _enough(case.visitor_messages, settings.reopened_visitor_messages, case.messages_known)


def not_asked_recently(case: Case, settings: RuleSettings) -> bool | None:
    return _long_ago(case.last_shown, settings.cooldown_days, case.visitor_known)


def not_asked_recently_here(case: Case, settings: RuleSettings) -> bool | None:
    return _long_ago(case.last_shown_here, settings.touchpoint_cooldown_days, case.visitor_known)


def _long_ago(shown: timedelta | None, days: int, known: bool) -> bool | None:
    if days == 0:
        return True
    return (shown is None or shown >= timedelta(days=days)) if known else None


def _enough(count: int, needed: int, known: bool) -> bool | None:
    if needed == 0:
        return True
    return count >= needed if known else None


Rule = Callable[[Case, RuleSettings], bool | None]
#: In the order in which they are asked: the first that says no gives the reason.
RULES: dict[str, Rule] = {
    "no_survey": survey_open,
    "no_visitor_message": visitor_wrote,
    "no_person_answered": person_answered,
    "too_short_after_reopen": enough_after_reopening,
    "asked_recently": not_asked_recently,
    "asked_recently_here": not_asked_recently_here,
}
#: Reasons that no rule gives: who comes in between, or somebody's own decision.
NOT_SAMPLED = "not_sampled"
UNKNOWN = "unknown"
MANUAL = "manual"
QUOTA = "quota"
STAFF = "staff"
#: Every reason in words, for agents and documents.
REASONS = {
    "no_survey": "no survey is open for the end of a chat",
    "no_visitor_message": "the visitor wrote nothing",
    "no_person_answered": "no person answered",
    "too_short_after_reopen": "only a few words after the close",
    "asked_recently": "this visitor was asked a short time ago",
    "asked_recently_here": "this visitor was asked at this touchpoint a short time ago",
    NOT_SAMPLED: "only every so many-th is asked, and this was not one",
    UNKNOWN: "what happened in the chat is not known",
    MANUAL: "closed without asking",
    QUOTA: "too many unproven chats today",
    STAFF: "the visitor is one of the staff",
}


def reason_in_words(reason: str | None, context: Mapping[str, Any]) -> str | None:
    """Why nobody was asked, for people; `context` is what was frozen with it. None: somebody was, or is not decided."""
    if reason is None:
        return None
    words = REASONS.get(reason, reason)
    by, note = context.get("by"), context.get("note")
    return words + (f" by {by['name']}" if by else "") + (f": {note}" if note else "")


def reason_not_to_ask(case: Case, settings: RuleSettings, *, ask_when_unknown: bool) -> str | None:
    """The code of the first rule that is against asking; None asks."""
    for reason, rule in RULES.items():
        verdict = rule(case, settings)
        if verdict is False:
            return reason
        if verdict is None and not ask_when_unknown:
            return UNKNOWN
    return None


def is_sampled(number: int, settings: RuleSettings) -> bool:
    """Whether the `number`-th, from 1, of those whom no rule is against is asked."""
    return (number - 1) % settings.every_nth == 0


def settings_for(channel: str, overrides: Mapping[str, Any]) -> RuleSettings:
    """The channel's defaults with the site's departures, {channel: {setting: whole number}}."""
    return replace(DEFAULTS[channel], **overrides.get(channel, {}))


def check_overrides(overrides: Mapping[str, Any]) -> None:
    """Raise `Invalid` unless these departures can be used."""
    known = {field.name for field in fields(RuleSettings)}
    for channel, settings in overrides.items():
        if channel not in DEFAULTS or not isinstance(settings, dict):
            raise Invalid(f"Rules are given for {', '.join(DEFAULTS)}.", pointer=f"/rules/{channel}")
        for name, value in settings.items():
            least = MIN_VALUES.get(name, 0)
            if name not in known or type(value) is not int or not least <= value <= MAX_VALUE:
                problem = f"{name} is no rule setting with a whole number from {least} to {MAX_VALUE:,}."
                raise Invalid(problem, pointer=f"/rules/{channel}/{name}")
