"""Collect what a check compares a page with."""

from __future__ import annotations

from ..core.config import Config
from ..sites.models import Site
from ..sites.service import find_by_key, is_living
from .server_check import SiteFacts
from .service import find_open_kinds


def find_facts(site: Site, config: Config) -> SiteFacts:
    """Return the facts of a site."""
    return SiteFacts(
        key=site.key,
        file_url=config.site_file(site.key),
        public_url=config.base_url,
        allowed_origins=tuple(site.allowed_origins),
        open_kinds=find_open_kinds(site),
        is_placed=bool(site.article_selector or site.placement or site.adapters),
        has_site=lambda key: is_living(find_by_key(key)),
    )
