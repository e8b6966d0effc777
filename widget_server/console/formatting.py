"""Format times in the site's time zone, durations, shares, languages and titles for the pages of the console."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import floor
from typing import Literal
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from ..core import dates
from ..core.marked_texts import N_ as N_
from ..inbox.conversation_list import ConversationRow
from ..inbox.transcripts import InvitationSummary, Transcript, TranscriptSegment
from ..invitations.rules import to_reason_text
from ..page_checks.causes import Finding, describe
from ..page_checks.history import find_cause
from ..reports.charts.bars import draw_interval
from ..reports.scores import Score
from ..sites.models import Site
from ..web.translations import page_language
from ..web.translations import translate as _

SENTIMENTS = {"positive": N_("positive"), "neutral": N_("neutral"), "negative": N_("negative")}
CHANNELS = {
    "chat": N_("Chat"),
    "phone": N_("Phone call"),
    "email": N_("E-mail"),
    "in_person": N_("In person"),
    "whatsapp": N_("WhatsApp"),
    "sms": N_("SMS"),
    "telegram": N_("Telegram"),
    "messenger": N_("Messenger"),
    "social": N_("Social media"),
    "other": N_("Other channel"),
}
SOURCES = {
    "page": N_("by the page"),
    "back_end": N_("by the back end"),
    "agent": N_("manually"),
    "schedule": N_("by schedule"),
}
#: The reason that one of several agents is credited.
CREDIT = {"closer": N_("closed the chat"), "last": N_("wrote last")}
RIGHT_TO_LEFT = ("ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")
#: Bidirectional classes of letters that have a direction; digits and punctuation have none.
STRONG = ("L", "R", "AL")
LANGUAGES = {
    "ar": N_("Arabic"),
    "da": N_("Danish"),
    "de": N_("German"),
    "en": N_("English"),
    "es": N_("Spanish"),
    "fi": N_("Finnish"),
    "fr": N_("French"),
    "he": N_("Hebrew"),
    "it": N_("Italian"),
    "nb": N_("Norwegian"),
    "nl": N_("Dutch"),
    "no": N_("Norwegian"),
    "pl": N_("Polish"),
    "pt": N_("Portuguese"),
    "sv": N_("Swedish"),
}


def to_local(moment: datetime, site: Site) -> datetime:
    return moment.astimezone(ZoneInfo(site.time_zone))


def clock_time(moment: datetime, site: Site) -> str:
    """Return a time of day such as 10:04."""
    return dates.to_time_text(to_local(moment, site), page_language())


def day(moment: datetime, site: Site, now: datetime) -> str:
    """Return a day such as Tuesday 17 November, with its year unless it is the current one."""
    return dates.to_weekday_text(to_local(moment, site).date(), page_language(), to_local(now, site).year)


def short(moment: datetime, site: Site, now: datetime) -> str:
    """Return the time of day for today, and the day for earlier days."""
    local_time, today = to_local(moment, site), to_local(now, site)
    if local_time.date() == today.date():
        return clock_time(moment, site)
    return dates.to_short_day_text(local_time.date(), page_language(), today.year)


def when(moment: datetime, site: Site, now: datetime) -> str:
    """Return a time such as 10:04, or 17 Nov, 10:04 if it was not today."""
    time = clock_time(moment, site)
    if to_local(moment, site).date() == to_local(now, site).date():
        return time
    return f"{short(moment, site, now)}, {time}"


def span(length: timedelta) -> str:
    """Return a duration in one unit: 40 s, 2 min, 3 h, 2 days."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return _("%(count)s s") % {"count": seconds}
    if seconds < 3600:
        return _("%(count)s min") % {"count": seconds // 60}
    if seconds < 48 * 3600:
        return _("%(count)s h") % {"count": seconds // 3600}
    return _("%(count)s days") % {"count": seconds // 86400}


def percent(share: float) -> str:
    """Return a share of 0 to 1 as 83 %, with a no-break space.

    Halves round up. Only a share of 1 is 100 %, and only a share of 0 is 0 %.
    """
    return f"{_hundredths(share)}\u00a0%"


def percent_range(ends: tuple[float, float]) -> str:
    """Return an interval of shares such as 64 to 90 %."""
    return _("%(low)s to %(high)s") % {"low": _hundredths(ends[0]), "high": percent(ends[1])}


def interval_chart(score: Score) -> Markup:
    """Return a share with its interval as a row of a forest plot."""
    share, interval = score.satisfied or 0.0, score.interval or (0.0, 1.0)
    return draw_interval(share, interval, (0.0, 1.0), f"{percent(share)} ({percent_range(interval)})")


def _hundredths(share: float) -> int:
    return round(share * 100) if share in (0, 1) else min(max(floor(share * 100 + 0.5), 1), 99)


def period(start: date, by: str) -> str:
    """Return the name of a period by its first day: 3 March, Week of 2 March, or March 2026."""
    if by == "month":
        return dates.to_month_text(start, page_language())
    date_text = dates.to_day_text(start, page_language(), start.year)
    return _("Week of %(date)s") % {"date": date_text} if by == "week" else date_text


def with_code(text: str) -> Markup:
    """Return a marked text as HTML in the language of the page, its parts in backticks as code."""
    pieces = _(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces)
    )


def icon(sentiment: str, look: str) -> str:
    """Return the name of an answer's icon."""
    if look == "thumbs":
        return "up" if sentiment == "positive" else "down"
    return sentiment


def reason(invitation: InvitationSummary) -> str:
    """Return the reason that a visitor was not asked."""
    return to_reason_text(invitation.reason, invitation.context, _) or _("no reason recorded")


def fix(invitation: InvitationSummary) -> str:
    """Return what to do about a visitor who was not asked, or was asked where no page shows it; else an empty text."""
    finding = Finding(find_cause(invitation, is_open=False))
    return describe(finding, _)[1] if finding.cause.weight == "failure" else ""


def proof(verified: bool, invitation: InvitationSummary | None, site: Site) -> str:
    """Return how the visitor's identity was verified, or "unverified"."""
    if not verified:
        return _("unverified")
    if invitation is None or invitation.proof == "signature":
        return _("verified by %(site)s") % {"site": site.name}
    return _("confirmed by %(site)s") % {"site": site.name}


def agent(name: str, external_id: str | None) -> str:
    """Return an agent's name with the owner's id, which differs where names are the same."""
    return name if external_id in (None, name) else f"{name} ({external_id})"


def named_agents(segments: Sequence[TranscriptSegment], role: Literal["agents", "credited"]) -> list[str]:
    """Return the agents of segments with their ids, each once."""
    pairs = [
        pair
        for segment in segments
        for pair in (
            zip(segment.agents, segment.agent_ids, strict=True)
            if role == "agents"
            else zip(segment.credited, segment.credited_ids, strict=True)
        )
    ]
    return list(dict.fromkeys(agent(*pair) for pair in pairs))


def language(tag: str) -> str:
    """Return the name of a language by its tag; the tag itself if the name is unknown."""
    return _(LANGUAGES.get(tag.partition("-")[0].lower(), tag))


def direction(transcript: Transcript) -> str:
    """Return "rtl" or "ltr" by the conversation's language, else by the first letter of its visitor."""
    if transcript.language is not None:
        return "rtl" if transcript.language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"
    lines = (line for segment in transcript.segments for line in segment.messages if line.author == "visitor")
    ways = (unicodedata.bidirectional(letter) for line in lines for letter in line.text)
    return "rtl" if next((way for way in ways if way in STRONG), "L") != "L" else "ltr"


def title(row: ConversationRow | Transcript) -> str:
    """Return the title from the back end; without one, the channel and the id."""
    if row.title:
        return row.title
    if row.external_id:
        return f"{_(CHANNELS[row.channel])} {row.external_id}"
    return _("Chat from a page")
