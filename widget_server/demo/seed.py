"""The demo's data: the site Krans, its agents, and what happened there today and yesterday."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from .. import create_app
from ..accounts.service import create_api_key
from ..conversations.models import Conversation
from ..conversations.service import put_agent
from ..conversations.unread import mark_conversations_read
from ..core import clock
from ..core.config import Config
from ..sites.models import Site
from ..sites.service import LOOPBACK_ORIGINS, create_site
from ..sites.signing_secrets import add_signing_secret
from ..storage.db import db, engines_of
from ..subjects.models import Subject
from ..subjects.service import count_shown, ensure_subject
from ..surveys.models import PLACEMENTS
from ..surveys.service import create_survey, newest_revision, surveys_of
from .agents import AGENTS
from .articles import LANGUAGES
from .play import Player, at
from .stories import ARTICLE_IMPRESSIONS, ARTICLE_VOTES, STORIES
from .surveys import SURVEY_FIELDS

NAME = "Krans"
TIME_ZONE = "Europe/Copenhagen"
KEYS_FILE = "demo-shop.json"
SITE_AGE = timedelta(days=3)
#: Ratings older than this are marked as read.
UNREAD_AGE = timedelta(hours=2)


def seed(config: Config) -> Path:
    """Create the missing data of the demo and return the file with the shop's keys. The schema must be current."""
    app = create_app(config)
    engines = engines_of(app)
    if engines.is_sqlite:
        # The demo's votes can be created again, and waiting for the disk after each would take most of the time.
        with closing(engines.write.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA synchronous = OFF")
    try:
        play_stories(app, config)
    finally:
        engines.dispose()
    return keys_file(config)


def play_stories(app: Flask, config: Config) -> None:
    """Play every story that is not in the database yet."""
    with app.app_context():
        site = db.session.scalars(select(Site).where(Site.name == NAME, Site.removed_at.is_(None))).first()
        site = site or make_site(app)
        site_id = site.id
        keys = read_keys(config, site) or make_keys(app, config, site)
        revisions = {survey.placement: str(newest_revision(site_id, survey.id).id) for survey in surveys_of(site_id)}
        names = select(Conversation.external_id, Conversation.unverified_id).where(Conversation.site_id == site_id)
        existing_names = {name for row in db.session.execute(names) for name in row}
        existing_names |= set(db.session.scalars(select(Subject.subject).where(Subject.site_id == site_id)))
        db.session.rollback()
    player = Player(app.test_client(), keys, revisions, clock.now())
    for story in STORIES:
        if story.name not in existing_names:
            player.play(story)
    for path in dict.fromkeys(path for path, *_ in ARTICLE_VOTES):
        if path not in existing_names:
            player.rate(path)
            with app.app_context():
                add_impressions(site_id, path)
    with app.app_context():
        mark_conversations_read(site_id, clock.now() - UNREAD_AGE)
        db.session.commit()


def add_impressions(site_id: UUID, path: str) -> None:
    """Add the impressions of an article's survey, including those without a vote."""
    today = clock.local_day(clock.now(), TIME_ZONE)
    subject_id = ensure_subject(db.session, site_id, "article", path, clock.now())
    for _, days_ago, count in (row for row in ARTICLE_IMPRESSIONS if row[0] == path):
        for _ in range(count):
            count_shown(db.session, site_id, subject_id, today - timedelta(days=days_ago))
    db.session.commit()


def make_site(app: Flask) -> Site:
    """Create the demo site with its surveys and agents, dated SITE_AGE back."""
    with at(clock.now() - SITE_AGE):
        site, _ = create_site(
            app.config["SECRET_KEYS"],
            name=NAME,
            time_zone=TIME_ZONE,
            languages=list(LANGUAGES),
            allowed_origins=LOOPBACK_ORIGINS,
        )
        for placement, name in zip(PLACEMENTS, ("After a chat", "Under an article"), strict=True):
            create_survey(site, name=name, placement=placement, **SURVEY_FIELDS[placement])
        for agent in AGENTS:
            put_agent(site, agent.external_id, name=agent.name, team=agent.team)
    db.session.commit()
    return site


def keys_file(config: Config) -> Path:
    """Return the path of the file with the shop's site key, API key and signing secret."""
    return config.data_dir / KEYS_FILE


def read_keys(config: Config, site: Site) -> dict[str, str] | None:
    """Return the shop's keys, or None if the file is missing or belongs to another site."""
    try:
        keys = json.loads(keys_file(config).read_text())
    except FileNotFoundError:
        return None
    return keys if keys["site_key"] == site.key else None


def make_keys(app: Flask, config: Config, site: Site) -> dict[str, str]:
    """Create keys for the shop, and a file with them that only its owner can read.

    The database stores no readable copy of the keys.
    """
    _, api_key = create_api_key(site.id, "the shop", ["read", "write"], created_by="Demo")
    signing_secret = add_signing_secret(site, app.config["SECRET_KEYS"])
    keys = {"site_key": site.key, "api_key": api_key, "signing_secret": signing_secret}
    file = keys_file(config)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(keys, stream)
    db.session.commit()
    return keys
