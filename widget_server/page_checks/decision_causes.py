"""Causes in the decisions that are stored with a conversation: one for each reason, and for each other state."""

from __future__ import annotations

from ..core.marked_texts import N_
from .cause import Cause

#: Reasons of invitations/rules.py, as `not_asked_REASON`.
REASON_CAUSES = {
    "no_survey": Cause(
        "survey",
        N_("Not asked: no survey for the end of a chat was open."),
        N_("Open a survey for chats."),
    ),
    "ended_long_ago": Cause(
        "rules",
        N_("Not asked: the chat had ended too long ago."),
        N_("Report the end sooner, or give the survey a longer time to answer."),
    ),
    "no_visitor_message": Cause(
        "rules",
        N_("Not asked: the visitor wrote nothing."),
        N_("Send all messages to the API, or lower visitor_messages in the rules."),
    ),
    "no_person_answered": Cause(
        "rules",
        N_("Not asked: no person answered, only a bot or nothing."),
        N_("Send the messages of agents to the API, or set person_replies to 0 in the rules."),
    ),
    "too_short_after_reopen": Cause(
        "rules",
        N_("Not asked: only a few words followed the last close."),
        N_("Change reopened_minutes or reopened_visitor_messages in the rules."),
    ),
    "asked_recently": Cause(
        "rules",
        N_("Not asked: this visitor was asked a short time ago."),
        N_("Lower cooldown_days in the rules of this channel."),
    ),
    "asked_recently_here": Cause(
        "rules",
        N_("Not asked: this visitor was asked at this touchpoint a short time ago."),
        N_("Lower touchpoint_cooldown_days in the rules of this channel."),
    ),
    "not_sampled": Cause(
        "rules",
        N_("Not asked: the conversation was not in the sample."),
        N_("Lower every_nth in the rules of this channel."),
    ),
    "unknown": Cause(
        "rules",
        N_("Not asked: the server does not know what happened in the chat."),
        N_("Send its messages to the API, or turn ask_when_unknown on."),
    ),
    "manual": Cause(
        "rules",
        N_("Not asked: an agent closed the conversation without asking."),
        N_("Nothing is wrong. Ask from the conversation if you still want an answer."),
        "note",
    ),
    "imported": Cause(
        "rules",
        N_("Not asked: the conversation was imported from another system."),
        N_("Nothing is wrong. Imported conversations are never asked about."),
        "note",
    ),
    "quota": Cause(
        "rules",
        N_("Not asked: too many unverified chats came from this network or site that day."),
        N_("Create conversations with the API, so that they are verified."),
    ),
    "staff": Cause(
        "rules",
        N_("Not asked: the visitor is one of the staff."),
        N_("Nothing is wrong. Use a visitor who is no agent."),
        "note",
    ),
}
#: States of a conversation without a rating.
STATE_CAUSES = {
    "decision_open": Cause(
        "chat",
        N_("The conversation is open, so nothing was decided yet."),
        N_("Report its end with the API or tilfreds.ended(). A conversation without an end is never asked about."),
    ),
    "decision_missing": Cause(
        "chat",
        N_("The conversation has ended without a decision about a survey."),
        N_("Report the end with POST …/end, which decides."),
    ),
    "never_shown": Cause(
        "visible",
        N_("The visitor was to be asked, but no page showed the survey."),
        N_("The page was closed first, or does not know the chat. Check that page, or send the survey link."),
    ),
    "never_answered": Cause(
        "rules",
        N_("The visitor saw the survey and did not answer."),
        N_("Nothing is wrong."),
        "note",
    ),
    "decision_dismissed": Cause(
        "rules",
        N_("The visitor saw the survey and pressed “Not now”."),
        N_("Nothing is wrong."),
        "note",
    ),
    "decision_withdrawn": Cause(
        "rules",
        N_("The survey was withdrawn, because the conversation went on."),
        N_("Nothing is wrong. The next end decides again."),
        "note",
    ),
    "expired_before_shown": Cause(
        "visible",
        N_("The time to answer ended before any page showed the survey."),
        N_("Check the page of the chat, give the survey a longer time to answer, or send the survey link."),
    ),
    "decision_rated": Cause(
        "rules",
        N_("The visitor was asked and answered."),
        N_("Nothing is wrong."),
        "note",
    ),
}
DECISION_CAUSES = {**{f"not_asked_{reason}": cause for reason, cause in REASON_CAUSES.items()}, **STATE_CAUSES}
