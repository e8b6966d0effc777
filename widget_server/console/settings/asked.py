"""The group "Who is asked": the rules of each channel with the reasons that they give."""

from __future__ import annotations

from dataclasses import asdict

from ...core.marked_texts import N_
from ...invitations.rules import DEFAULTS, REASONS
from ...sites.models import Site
from ..formatting import CHANNELS
from .group import Group
from .setting import Setting

#: Each rule's label, its sentence, and the reason that a person who was not asked has in the console.
RULE_TEXTS = {
    "visitor_messages": (
        N_("Messages of the visitor"),
        N_("The visitor must have written at least this many."),
        "no_visitor_message",
    ),
    "person_replies": (
        N_("Answers of a person"),
        N_("A person must have written at least this many; a bot does not count."),
        "no_person_answered",
    ),
    "reopened_minutes": (
        N_("Short return: minutes"),
        N_("A chat that opens again within these minutes counts as a short return, such as a thank-you."),
        "too_short_after_reopen",
    ),
    "reopened_visitor_messages": (
        N_("Short return: messages"),
        N_("After a short return the visitor must have written at least this many."),
        "too_short_after_reopen",
    ),
    "cooldown_days": (
        N_("Days between questions"),
        N_("Days since the visitor last saw a question in another conversation."),
        "asked_recently",
    ),
    "touchpoint_cooldown_days": (
        N_("Days between questions of a touchpoint"),
        N_("Days since the visitor last saw a question at the same touchpoint."),
        "asked_recently_here",
    ),
    "every_nth": (
        N_("Every nth"),
        N_("Ask only every nth conversation that all other rules allow; 1 asks always."),
        "not_sampled",
    ),
}
COMMON = (
    Setting(
        "ask_when_unknown",
        N_("Ask when facts are missing"),
        N_("Ask if a rule cannot decide, such as without the messages of the chat."),
        N_("On"),
        "chat_end",
        "switch",
    ),
    Setting(
        "article_share",
        N_("Share of article views"),
        N_("Percentage of the views of an article that show the card, drawn at random."),
        "100",
        "pages",
        "percent",
    ),
)


def rule_settings(channel: str) -> tuple[Setting, ...]:
    """Return the rules of a channel. The search has channel `*` for all of them."""
    defaults = asdict(DEFAULTS["chat" if channel == "*" else channel])
    return tuple(
        Setting(
            f"rules.{channel}.{name}",
            label,
            help_text,
            str(defaults[name]),
            "chat_end",
            "number",
            anchor="rules",
        )
        for name, (label, help_text, _reason) in RULE_TEXTS.items()
    )


def expand(site: Site) -> tuple[Setting, ...]:
    return (*COMMON, *(setting for channel in DEFAULTS for setting in rule_settings(channel)))


ASKED = Group(
    "asked",
    N_("Who is asked"),
    N_("When a chat ends, these rules decide whether the visitor is asked; the first that says no gives the reason."),
    (*COMMON, *rule_settings("*")),
    template="console/settings_asked.html",
    expand=expand,
    values=lambda site: {
        "channels": {channel: (CHANNELS[channel], rule_settings(channel)) for channel in DEFAULTS},
        "reasons": {name: REASONS[reason] for name, (_label, _help, reason) in RULE_TEXTS.items()},
    },
)
