"""The group "Privacy": what is masked in comments, how long data is kept, and what the next run deletes."""

from __future__ import annotations

from typing import Any

from ...core.retention import KINDS, MAX_DAYS
from ...privacy.processing import MASKED_DAYS, count_masked
from ...privacy.retention import count_due
from ...sites.models import Site
from ..formatting import N_
from .group import Group
from .setting import Setting

KEPT = N_("kept")
MASKED_LABELS = {"card": N_("Card numbers"), "email": N_("E-mail addresses"), "phone": N_("Telephone numbers")}
#: Label and sentence of each kind of data, and the days of a new site.
RETAINED_LABELS = {
    "comments": (N_("Comments"), N_("Days after which comments and written answers are deleted."), "730"),
    "contacts": (N_("Contacts"), N_("Days after which answers that ask for a call are deleted."), "730"),
    "pictures": (N_("Screenshots"), N_("Days after which screenshots are deleted."), "183"),
    "messages": (N_("Messages"), N_("Days after which the texts of messages are deleted; their times stay."), "730"),
    "details": (
        N_("Details of conversations"),
        N_("Days without activity after which titles, references, pages and custom fields are deleted."),
        "730",
    ),
    "ratings": (N_("Ratings"), N_("Days after which whole ratings are deleted; reports keep their counts."), KEPT),
    "views": (N_("Views"), N_("Days after which daily counts of views are deleted."), KEPT),
}


def privacy_values(site: Site) -> dict[str, Any]:
    """Return how many rows the next run deletes, by the name of the setting, and what was masked lately."""
    due_counts = {f"retention.{kind}": count_due(site, kind, days) for kind, days in site.retention.items()}
    counts = count_masked(site)
    return {
        "due_counts": due_counts,
        "masked_counts": [(label, counts[kind]) for kind, label in MASKED_LABELS.items() if kind in counts],
        "masked_days": MASKED_DAYS,
        "max_days": MAX_DAYS,
    }


PRIVACY = Group(
    "privacy",
    N_("Privacy"),
    N_("What is masked in comments, how long data is kept, and requests of visitors."),
    (
        Setting(
            "redaction",
            N_("Masked in comments"),
            N_("Replaced by dots in comments and written answers before they are stored; contacts stay."),
            MASKED_LABELS["card"],
            "visits",
            "checks",
            MASKED_LABELS,
        ),
        *(Setting(f"retention.{kind}", *RETAINED_LABELS[kind], place="reports", control="number") for kind in KINDS),
    ),
    template="console/settings_privacy.html",
    values=privacy_values,
)
