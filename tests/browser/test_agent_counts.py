"""An open page of the console shows impressions of an article and expired surveys, without a rating."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.serving import Product
from widget_server import create_app
from widget_server.core import clock
from widget_server.core.config import Config
from widget_server.invitations.models import Invitation
from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.storage.db import db

from .agent import Agent, Desk

EXPIRE = next(job for job in JOBS if "expired" in job.name)
ARTICLE = {"kind": "article", "subject": "/help/a"}


@pytest.fixture
def agent(product: Product, desk: Desk, new_page: Callable[..., Page]) -> Agent:
    return Agent(product, desk.site, new_page, viewport={"width": 1180, "height": 700})


def expire_invitations(product: Product) -> None:
    """Expire every invitation, and run the worker's job at once."""
    app = create_app(Config.from_environ(product.environ).with_secrets())
    with app.app_context():
        db.session.execute(update(Invitation).values(expires_at=clock.now() - timedelta(minutes=1)))
        db.session.commit()
    run_once(app, EXPIRE)
    app.extensions["tilfreds_engines"].dispose()


def test_impressions_of_an_article_are_counted_live(agent: Agent, desk: Desk) -> None:
    agent.open("articles")
    assert desk.readers.post("seen", ARTICLE).status_code == 204
    expect(agent.page.locator(".figure .share")).to_have_text("No ratings shown once")


def test_an_invitation_expires_live(agent: Agent, desk: Desk) -> None:
    talk = desk.talk().chat()
    talk.ask()
    agent.read(talk)
    expect(agent.bands).to_contain_text(["no answer yet"])

    expire_invitations(desk.product)

    expect(agent.bands).to_contain_text(["No answer in time"])
    expect(agent.rows.first).to_contain_text("No answer in time")
