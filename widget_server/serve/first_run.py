"""The link with which the first person sets up an empty server."""

from __future__ import annotations

from ..accounts import set_up
from ..core import clock
from ..core.config import Config
from ..storage.engines import make_unpooled_engine


def set_up_lines(config: Config) -> list[str]:
    """Return the lines that lead to the set-up page; none once the server has a user or a site."""
    engine = make_unpooled_engine(config.admin_url)
    with engine.connect() as connection:
        if not set_up.is_empty(connection):
            return []
    hours = set_up.LINK_LIFETIME.total_seconds() / 3600
    address = set_up.link_address(config.base_url, config.with_secrets().secret_keys, clock.now())
    hint = f"          Open it within {hours:.0f} hours to create your account and your first site."
    return [f"Set up    {address}", hint]
