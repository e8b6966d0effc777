"""The kinds of data that a site keeps for a limited time."""

from __future__ import annotations

#: In the order in which a run deletes them (privacy/retention.py).
KINDS = ("comments", "contacts", "pictures", "messages", "details", "ratings", "views")
MIN_DAYS, MAX_DAYS = 1, 3_650
#: Days for a new site. A kind without days is kept.
DEFAULT_DAYS = {"comments": 730, "contacts": 730, "pictures": 183, "messages": 730, "details": 730}
