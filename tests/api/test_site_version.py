"""Tests of a site's version. Processes cache settings by version, so two settings must never share one."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from tests.conversations.rows import rows
from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import MadeSite, Make
from widget_server.sites.models import Site
from widget_server.sites.service import change_site, find_site
from widget_server.sites.site_cache import cached_settings
from widget_server.storage.db import db


def version(app: Flask, site: MadeSite) -> int:
    return int(rows(app, "site", id=site.id)[0].version)


@ON_POSTGRESQL
def test_two_concurrent_changes_are_two_versions(app: Flask, site: MadeSite) -> None:
    """Run on PostgreSQL only: a writer of SQLite reads after the previous one has committed."""
    before = version(app, site)
    with app.app_context():
        slow = find_site(site.id)
        with app.app_context():
            change_site(find_site(site.id), name="Quick")
            db.session.commit()
        version_between = version(app, site)
        change_site(slow, article_selector="main")
        db.session.commit()
    assert (version_between, version(app, site)) == (before + 1, before + 2)
    (row,) = rows(app, "site", id=site.id)
    assert (row.name, row.article_selector) == ("Quick", "main")


@ON_POSTGRESQL
def test_settings_cached_after_the_first_change_are_not_used_after_the_second(app: Flask, site: MadeSite) -> None:
    with app.app_context():
        slow = find_site(site.id)
        with app.app_context():
            change_site(find_site(site.id), name="Quick")
            db.session.commit()
            first_settings = cached_settings(db.session.connection(), site.key)
            db.session.commit()
        change_site(slow, allowed_origins=["https://other.example"])
        db.session.commit()
        second_settings = cached_settings(db.session.connection(), site.key)
    assert first_settings is not None and second_settings is not None
    assert first_settings.allowed_origins == ["https://shop.example"]
    assert second_settings.allowed_origins == ["https://other.example"]


@ON_BOTH
def test_each_change_increases_the_version(app: Flask, make: Make, site: MadeSite) -> None:
    first = version(app, site)
    api = make.back_end(site)
    for number in (1, 2):
        assert api.patch("/site", {"name": f"Shop {number}"}).status_code == 200
    assert version(app, site) == first + 2
    with app.app_context():
        assert db.session.scalar(select(Site.name).where(Site.id == site.id)) == "Shop 2"
