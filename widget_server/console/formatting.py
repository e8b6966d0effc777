"""How the console says things: moments in the site's time zone, spans of time, languages, statuses and proof."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

from ..inbox.conversation_list import ConversationRow
from ..inbox.transcripts import InvitationSummary, Transcript
from ..invitations.rules import reason_in_words
from ..sites.models import Site

CHANNELS = {"chat": "Chat", "phone": "Phone call", "email": "E-mail", "in_person": "In person"}
SOURCES = {"page": "by the page", "back_end": "by the back end", "agent": "by hand", "schedule": "by schedule"}
#: Why one of several agents is credited.
CREDIT = {"closer": "who closed it", "last": "who wrote last"}
RIGHT_TO_LEFT = ("ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")
#: Letters that have a direction of their own.
STRONG = ("L", "R", "AL")
LANGUAGES = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "it": "Italian",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "sv": "Swedish",
}


def local(moment: datetime, site: Site) -> datetime:
    return moment.astimezone(ZoneInfo(site.time_zone))


def clock_time(moment: datetime, site: Site) -> str:
    """10:04"""
    return local(moment, site).strftime("%H:%M")


def day(moment: datetime, site: Site, now: datetime) -> str:
    """Tuesday 17 November, with its year when that is not the present one."""
    there = local(moment, site)
    year = f" {there.year}" if there.year != local(now, site).year else ""
    return f"{there:%A} {there.day} {there:%B}{year}"


def short(moment: datetime, site: Site, now: datetime) -> str:
    """The time of today, else the day."""
    there, today = local(moment, site), local(now, site)
    if there.date() == today.date():
        return there.strftime("%H:%M")
    year = f" {there.year}" if there.year != today.year else ""
    return f"{there.day} {there:%b}{year}"


def when(moment: datetime, site: Site, now: datetime) -> str:
    """10:04, or 17 Nov, 10:04 when that was not today."""
    time = clock_time(moment, site)
    if local(moment, site).date() == local(now, site).date():
        return time
    return f"{short(moment, site, now)}, {time}"


def span(length: timedelta) -> str:
    """In the largest unit that says enough: 40 s, 2 min, 3 h, 2 days."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"


def percent(share: float) -> str:
    """83 %, with a space that breaks no line. Halves go up; nothing but all is 100 %, nothing but none 0 %."""
    return f"{_hundredths(share)}\u00a0%"


def percent_range(ends: tuple[float, float]) -> str:
    """64 to 90 %"""
    return f"{_hundredths(ends[0])} to {percent(ends[1])}"


def _hundredths(share: float) -> int:
    return round(share * 100) if share in (0, 1) else min(max(floor(share * 100 + 0.5), 1), 99)


def period(start: date, by: str) -> str:
    """3 March of a day, Week of 2 March, March 2026."""
    if by == "month":
        return f"{start:%B %Y}"
    return f"{'Week of ' if by == 'week' else ''}{start.day} {start:%B}"


def icon(sentiment: str, look: str) -> str:
    """The name of the drawing of an answer: thumbs have their own."""
    if look == "thumbs":
        return "up" if sentiment == "positive" else "down"
    return sentiment


def reason(invitation: InvitationSummary) -> str:
    """Why nobody was asked."""
    return reason_in_words(invitation.reason, invitation.context) or "the reason was not noted"


def proof(verified: bool, invitation: InvitationSummary | None, site: Site) -> str:
    """What says that the answer is the visitor's own."""
    if not verified:
        return "not signed"
    if invitation is None or invitation.proof == "signature":
        return f"signed by {site.name}"
    return f"confirmed by {site.name}"


def language(tag: str) -> str:
    return LANGUAGES.get(tag.partition("-")[0].lower(), tag)


def direction(transcript: Transcript) -> str:
    """Which way a conversation reads: by its language, else by the first letter that its visitor wrote."""
    if transcript.language is not None:
        return "rtl" if transcript.language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"
    lines = (line for segment in transcript.segments for line in segment.messages if line.author == "visitor")
    ways = (unicodedata.bidirectional(letter) for line in lines for letter in line.text)
    return "rtl" if next((way for way in ways if way in STRONG), "L") != "L" else "ltr"


def title(row: ConversationRow | Transcript) -> str:
    """What the owner calls it; else what it is and its id."""
    if row.title:
        return row.title
    if row.external_id:
        return f"{CHANNELS[row.channel]} {row.external_id}"
    return "Chat from a page"
