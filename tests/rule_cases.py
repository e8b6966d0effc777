"""The table of rules for asking and counting, `rule_cases.json`; `js/asked.test.js` compares the page with it too.

`asked`: a rule, the facts of the server and of the page (a side without such a rule has no facts), the settings, and
the verdict: true asks, false does not, null cannot decide. `counted`: what happens to an invitation, whether the page
reports it, and whether it counts.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from widget_server.invitations.rules import Case, RuleSettings

CASES: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parent / "rule_cases.json").read_text("utf-8"))
#: The facts of a chat that every rule allows to ask.
GOOD: dict[str, Any] = {"survey_open": True, "messages_known": True, "visitor_messages": 1, "person_replies": 1}
UNITS = {"hours": 3600, "minutes": 60}


def of_server() -> list[dict[str, Any]]:
    """Return the rows that the server decides."""
    return [row for row in CASES["asked"] if "server" in row]


def case_of(row: dict[str, Any]) -> Case:
    """Return the facts of a row, with hours and minutes as timedeltas."""
    facts: dict[str, Any] = {}
    for name, value in (GOOD | row["server"]).items():
        field, _, unit = name.rpartition("_")
        facts |= {field: timedelta(seconds=value * UNITS[unit])} if unit in UNITS else {name: value}
    facts.pop("number", None)
    return Case(**facts)


def settings_of(row: dict[str, Any]) -> RuleSettings:
    return RuleSettings(**row.get("settings", {}))
