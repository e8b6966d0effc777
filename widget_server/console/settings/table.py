"""Types of the table of settings in `groups.py`: a group is a page, a setting has a sentence, a default and a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...sites.models import Site
from ..formatting import N_

Control = Literal["line", "lines", "number", "percent", "choice", "switch", "part", "languages"]
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
    #: Of the control "choice": labels by value. The empty value removes a setting that is part of another one.
    choices: Mapping[str, str] = field(default_factory=dict)
    #: Whether the setting exists only while the part that contains it is on.
    needs_parent: bool = False
    #: The id of its place on the page, if it is not its name.
    anchor: str = ""

    @property
    def column(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Group:
    """The settings of one page."""

    slug: str
    label: str
    #: One sentence that says what the page is for.
    help: str
    settings: tuple[Setting, ...] = ()
    template: str = "console/settings_group.html"
    #: Return the settings of the page, where they depend on the site.
    expand: Callable[[Site], tuple[Setting, ...]] | None = None
    #: Return what the template of the page needs beside its fields.
    values: Callable[[Site], dict[str, Any]] = lambda site: {}

    @property
    def endpoint(self) -> str:
        return f"console.settings_{self.slug.replace('-', '_')}"

    def fields(self, site: Site) -> tuple[Setting, ...]:
        """Return the settings of the page of a site."""
        return self.expand(site) if self.expand else self.settings
