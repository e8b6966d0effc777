"""What an agent's open page learns though nobody answered: views of an article, and a question that ran out of time."""

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


def run_out_of_time(product: Product) -> None:
    """Let the time of every question be over, and do at once what the server's worker does every few minutes."""
    app = create_app(Config.from_environ(product.environ).with_secrets())
    with app.app_context():
        db.session.execute(update(Invitation).values(expires_at=clock.now() - timedelta(minutes=1)))
        db.session.commit()
    run_once(app, EXPIRE)
    app.extensions["tilfreds_engines"].dispose()


def test_views_of_an_article_are_counted_while_one_looks(agent: Agent, desk: Desk) -> None:
    agent.open("articles")
    assert desk.readers.post("seen", ARTICLE).status_code == 204
    expect(agent.page.locator(".figure .share")).to_have_text("0 answered of 1 shown")


def test_a_question_runs_out_of_time_while_one_looks(agent: Agent, desk: Desk) -> None:
    talk = desk.talk().chat()
    talk.ask()
    agent.read(talk)
    expect(agent.bands).to_contain_text(["no answer yet"])

    run_out_of_time(desk.product)

    expect(agent.bands).to_contain_text(["No answer asked"])
    expect(agent.rows.first).to_contain_text("No answer in time")
