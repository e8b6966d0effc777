"""A group of settings: a page of the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...accounts.roles import Right
from ...sites.models import Site
from .form import read_changes
from .setting import Setting


@dataclass(frozen=True)
class Group:
    """The settings of one page."""

    slug: str
    label: str
    #: One sentence that says what the page is for.
    help: str
    settings: tuple[Setting, ...] = ()
    #: What a person needs at the site to open the page.
    right: Right = "manage_sites"
    template: str = "console/settings_group.html"
    #: Return the settings of the page, where they depend on the site.
    expand: Callable[[Site], tuple[Setting, ...]] | None = None
    #: Return the changes that the form describes.
    read: Callable[[Site, Sequence[Setting], dict[str, Any]], dict[str, Any]] = read_changes
    #: Return the query of the page's address that says what it shows.
    address: Callable[[Site], dict[str, Any]] = lambda site: {}
    #: Return what the template of the page needs beside its fields.
    values: Callable[[Site], dict[str, Any]] = lambda site: {}

    @property
    def endpoint(self) -> str:
        return f"console.settings_{self.slug.replace('-', '_')}"

    def fields(self, site: Site) -> tuple[Setting, ...]:
        """Return the settings of the page of a site."""
        return self.expand(site) if self.expand else self.settings
