"""A setting of a site with its sentence, its default and where it acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...core.marked_texts import N_

Control = Literal["line", "lines", "number", "percent", "choice", "switch", "part", "languages", "checks"]
Place = Literal["pages", "visits", "chat_end", "console", "helpdesk", "reports"]

#: Where a setting acts, in words.
PLACES: Mapping[Place, str] = {
    "pages": N_("your pages"),
    "visits": N_("requests of your pages"),
    "chat_end": N_("the end of a chat"),
    "console": N_("this console"),
    "helpdesk": N_("your helpdesk"),
    "reports": N_("reports and lists"),
}


@dataclass(frozen=True)
class Setting:
    """A setting of a site. Its texts are marked; templates translate them."""

    #: The path in the API's document, such as `placement.popover.side`.
    name: str
    label: str
    #: One sentence.
    help: str
    default: str
    place: Place
    control: Control = "line"
    #: Of the controls "choice" and "checks": labels by value. The empty value of a choice removes a setting that is
    #: part of another one.
    choices: Mapping[str, str] = field(default_factory=dict)
    #: Whether the setting exists only while the part that contains it is on.
    needs_parent: bool = False
    #: The id of its place on the page, if it is not its name.
    anchor: str = ""

    @property
    def column(self) -> str:
        return self.name.partition(".")[0]
