"""The page of surges in a browser: it fits into narrow windows, has no violation, and needs no script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert, select

from tests.browser.accessibility import check_page
from tests.storage.models import metadata
from widget_server.core import clock
from widget_server.storage.db import new_id
from widget_server.storage.engines import make_unpooled_engine

from .agent import Agent
from .conftest import Desk

#: No other test rates this article on the shared server.
PATH = "/surge" + "z" * 300


def add_surges(desk: Desk, now: datetime) -> None:
    """Store an open, a kept and an excluded surge."""
    subject, surge = metadata.tables["subject"], metadata.tables["surge"]
    engine = make_unpooled_engine(f"sqlite:///{desk.product.folder / 'tilfreds.sqlite3'}")
    with engine.begin() as connection:
        row = connection.execute(select(subject.c.site_id, subject.c.id).where(subject.c.subject == PATH)).one()
        for hour, decision in enumerate((None, "kept", "excluded")):
            values = {
                "site_id": row.site_id,
                "id": new_id(),
                "subject_id": row.id,
                "started_at": now.replace(hour=hour, minute=0),
                "ended_at": now.replace(hour=hour + 1, minute=0),
                "max_votes": 50,
                "vote_count": 87,
                "decision": decision,
                "decided_at": now,
                "decided_by": "ruth@shop.example",
                "pending_decision": decision,
            }
            connection.execute(insert(surge).values(values))


def test_the_page_fits_and_has_no_violation(
    signed_in: Callable[..., Agent], desk: Desk, subtests: pytest.Subtests
) -> None:
    desk.readers.vote({"kind": "article", "subject": PATH}, 1)
    add_surges(desk, clock.now())
    agent = signed_in(viewport={"width": 1180, "height": 900}, bypass_csp=True)
    agent.page.goto(f"{desk.product.url}/console/{desk.site.key}/surges")
    check_page(agent.page, subtests, "surges", (320, 390, 768, 1180))
    agent.page.get_by_role("button", name="Keep").first.click()
    expect(agent.page.get_by_text("Kept by Owner link")).to_be_visible()
