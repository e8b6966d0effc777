"""The group "Helpdesk pages": which pages may show ratings in a frame."""

from __future__ import annotations

from ...core.marked_texts import N_
from .group import Group
from .setting import Setting

HELPDESK = Group(
    "helpdesk",
    N_("Helpdesk pages"),
    N_("Your helpdesk shows ratings beside its tickets, in a frame or by a script."),
    (
        Setting(
            "agent_origins",
            N_("Pages that may frame ratings"),
            N_("One address per line, such as https://desk.example; each page around the frame needs its own line."),
            N_("No page"),
            "helpdesk",
            "lines",
        ),
    ),
)
