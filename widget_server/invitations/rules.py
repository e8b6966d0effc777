"""The rules of asking: pure functions over facts, with the table of their defaults.

A rule returns True (nothing against asking), False (do not ask; its code goes into the ledger) or None (the facts are
unknown). The site's `ask_when_unknown` decides about None; the default is to ask. A test compares the rules with
`docs/reference/rules.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from ..core.errors import Invalid
from ..core.marked_texts import N_, marked


@dataclass(frozen=True)
class RuleSettings:
    """The thresholds of the rules in one channel."""

    #: Messages that the visitor must have written in the segment.
    visitor_messages: int = 1
    #: Messages that a person, not a bot, must have written in it.
    person_replies: int = 1
    #: A segment that opens within this many minutes after a close ...
    reopened_minutes: int = 10
    #: ... needs this many messages of the visitor, so that thanks and a farewell do not lead to another survey.
    reopened_visitor_messages: int = 2
    #: Days since the visitor last saw a survey in another conversation ...
    cooldown_days: int = 0
    #: ... and in another one of the same touchpoint.
    touchpoint_cooldown_days: int = 0
    #: If all other rules allow it, ask every n-th time, starting with the first.
    every_nth: int = 1


NO_MESSAGES = RuleSettings(visitor_messages=0, person_replies=0, reopened_minutes=0, reopened_visitor_messages=0)
#: Minimum values that are not 0.
MIN_VALUES = {"every_nth": 1}
MAX_VALUE = 10_000
DEFAULTS: dict[str, RuleSettings] = {
    "chat": RuleSettings(),
    "email": RuleSettings(cooldown_days=14),
    "phone": NO_MESSAGES,
    "in_person": NO_MESSAGES,
    **{channel: RuleSettings() for channel in ("whatsapp", "sms", "telegram", "messenger", "social", "other")},
}


@dataclass(frozen=True)
class Case:
    """The facts of one segment at its end."""

    survey_open: bool
    messages_known: bool
    visitor_messages: int
    person_replies: int
    #: Time since the segment ended, and the response window of the survey, which counts from that end.
    ended_ago: timedelta = timedelta(0)
    window: timedelta | None = None
    #: Time from the previous close to this opening; None in a conversation's first segment.
    reopened_after: timedelta | None = None
    #: Time since the visitor last saw a survey in another conversation; None: never.
    last_shown: timedelta | None = None
    #: The same for conversations of this touchpoint. All conversations without a touchpoint count as one touchpoint.
    last_shown_here: timedelta | None = None
    #: Whether the visitor's identity is known.
    visitor_known: bool = False


def is_survey_open(case: Case, settings: RuleSettings) -> bool | None:
    return case.survey_open


def is_within_window(case: Case, settings: RuleSettings) -> bool | None:
    return case.window is None or case.ended_ago <= case.window


def has_visitor_written(case: Case, settings: RuleSettings) -> bool | None:
    return _has_enough(case.visitor_messages, settings.visitor_messages, case.messages_known)


def has_person_answered(case: Case, settings: RuleSettings) -> bool | None:
    return _has_enough(case.person_replies, settings.person_replies, case.messages_known)


def has_enough_after_reopening(case: Case, settings: RuleSettings) -> bool | None:
    if case.reopened_after is None or case.reopened_after > timedelta(minutes=settings.reopened_minutes):
        return True
    return _has_enough(case.visitor_messages, settings.reopened_visitor_messages, case.messages_known)


def is_cooldown_over(case: Case, settings: RuleSettings) -> bool | None:
    return _is_long_ago(case.last_shown, settings.cooldown_days, case.visitor_known)


def is_touchpoint_cooldown_over(case: Case, settings: RuleSettings) -> bool | None:
    return _is_long_ago(case.last_shown_here, settings.touchpoint_cooldown_days, case.visitor_known)


def _is_long_ago(last_shown: timedelta | None, days: int, visitor_known: bool) -> bool | None:
    if days == 0:
        return True
    return (last_shown is None or last_shown >= timedelta(days=days)) if visitor_known else None


def _has_enough(count: int, min_count: int, messages_known: bool) -> bool | None:
    if min_count == 0:
        return True
    return count >= min_count if messages_known else None


Rule = Callable[[Case, RuleSettings], bool | None]
#: In order: the first rule that returns False gives the reason.
RULES: dict[str, Rule] = {
    "no_survey": is_survey_open,
    "ended_long_ago": is_within_window,
    "no_visitor_message": has_visitor_written,
    "no_person_answered": has_person_answered,
    "too_short_after_reopen": has_enough_after_reopening,
    "asked_recently": is_cooldown_over,
    "asked_recently_here": is_touchpoint_cooldown_over,
}
#: Reasons that no rule returns.
NOT_SAMPLED = "not_sampled"
UNKNOWN = "unknown"
MANUAL = "manual"
IMPORTED = "imported"
QUOTA = "quota"
STAFF = "staff"
#: Reasons that facts may change which arrive after the end, so a repeated end decides again.
REASONS_OF_MISSING_FACTS = ("no_visitor_message", "no_person_answered", "too_short_after_reopen", UNKNOWN)
#: Every reason as a text for agents and documents.
REASONS = {
    "no_survey": N_("no survey is open for the end of a chat"),
    "ended_long_ago": N_("the time to answer was over"),
    "no_visitor_message": N_("the visitor wrote nothing"),
    "no_person_answered": N_("no person answered"),
    "too_short_after_reopen": N_("only a few words after the close"),
    "asked_recently": N_("this visitor was asked a short time ago"),
    "asked_recently_here": N_("this visitor was asked at this touchpoint a short time ago"),
    NOT_SAMPLED: N_("not in the sample"),
    UNKNOWN: N_("what happened in the chat is not known"),
    MANUAL: N_("closed without asking"),
    IMPORTED: N_("imported from another system"),
    QUOTA: N_("too many unverified chats today"),
    STAFF: N_("the visitor is one of the staff"),
}


def to_reason_text(reason: str | None, context: Mapping[str, Any], translate: Callable[[str], str] = str) -> str | None:
    """Return a reason not to ask as a text, with the agent and the note in the frozen `context`; None without one."""
    if reason is None:
        return None
    text = translate(REASONS.get(reason, reason))
    agent, note = context.get("by"), context.get("note")
    return (
        text + (translate(marked(" by %(name)s", name=agent["name"])) if agent else "") + (f": {note}" if note else "")
    )


def find_reason_not_to_ask(case: Case, settings: RuleSettings, *, ask_when_unknown: bool) -> str | None:
    """Return the code of the first rule against asking, or None to ask."""
    for reason, rule in RULES.items():
        verdict = rule(case, settings)
        if verdict is False:
            return reason
        if verdict is None and not ask_when_unknown:
            return UNKNOWN
    return None


def is_sampled(number: int, settings: RuleSettings) -> bool:
    """Return whether to ask in the `number`-th case, from 1, of those that all rules allow."""
    return (number - 1) % settings.every_nth == 0


def build_settings(channel: str, overrides: Mapping[str, Any]) -> RuleSettings:
    """Return the channel's defaults with the site's overrides, {channel: {setting: whole number}}."""
    return replace(DEFAULTS[channel], **overrides.get(channel, {}))


def check_overrides(overrides: Mapping[str, Any]) -> None:
    """Raise `Invalid` for an unknown channel or setting, or a value out of range."""
    setting_names = [field.name for field in fields(RuleSettings)]
    for channel, settings in overrides.items():
        if channel not in DEFAULTS:
            raise Invalid(
                f"Unknown channel {channel}. Rules exist for {', '.join(DEFAULTS)}.", pointer=f"/rules/{channel}"
            )
        if not isinstance(settings, dict):
            raise Invalid("Rules of a channel must be an object of settings.", pointer=f"/rules/{channel}")
        for name, value in settings.items():
            min_value = MIN_VALUES.get(name, 0)
            if name not in setting_names:
                detail = f"Unknown setting {name}. Use one of {', '.join(setting_names)}."
                raise Invalid(detail, pointer=f"/rules/{channel}/{name}")
            if type(value) is not int or not min_value <= value <= MAX_VALUE:
                detail = f"{name} must be a whole number from {min_value} to {MAX_VALUE:,}."
                raise Invalid(detail, pointer=f"/rules/{channel}/{name}")
