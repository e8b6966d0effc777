"""A database after years of use: a million votes under articles, generated in SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from .product import SampleSite

#: Votes with ids in order of time, as the product creates them: one a minute, under a thousand articles.
VOTES = """
WITH RECURSIVE old(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM old WHERE n < :count)
INSERT INTO vote (site_id, id, subject_id, voter, client_hash, rev, revision_id, channel, score, reasons, answers,
    verified, intended_at, first_at, changed_at, voted_on, version)
SELECT :site, printf('%012x', 1600000000000 + n * 60000) || '7' || substr(lower(hex(randomblob(10))), 2),
    (SELECT id FROM subject WHERE rowid = 1 + n % :articles), 'b:' || lower(hex(randomblob(32))),
    lower(hex(randomblob(32))), 1, :revision, 'page', 1 + n % 3, '[]', '{}', 0,
    datetime(1600000000 + n * 60, 'unixepoch') || '.000000', datetime(1600000000 + n * 60, 'unixepoch') || '.000000',
    datetime(1600000000 + n * 60, 'unixepoch') || '.000000', date(1600000000 + n * 60, 'unixepoch'), 1
FROM old
"""
CHANGES = """
INSERT INTO vote_change (site_id, vote_id, version, client_hash, rev, score, reasons, answers, recovery, intended_at,
    stored_at)
SELECT site_id, id, 1, client_hash, 1, score, reasons, answers, 0, intended_at, changed_at FROM vote ORDER BY id
"""
EVENTS = """
INSERT INTO event (site_id, kind, subject_id, vote_id, version, created_at)
SELECT site_id, 'vote.cast', subject_id, id, 1, changed_at FROM vote ORDER BY id
"""
COUNTS = (
    """
INSERT INTO tally (site_id, voted_on, revision_id, channel, score, status, verified, n)
SELECT site_id, voted_on, revision_id, channel, score, 'counted', verified, count(*) FROM vote GROUP BY 1, 2, 3, 4, 5, 7
""",
    """
INSERT INTO subject_tally (site_id, subject_id, voted_on, revision_id, score, status, verified, n)
SELECT site_id, subject_id, voted_on, revision_id, score, 'counted', verified, count(*) FROM vote
GROUP BY 1, 2, 3, 4, 5, 7
""",
)
SUBJECTS = """
WITH RECURSIVE old(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM old WHERE n < :articles)
INSERT INTO subject (site_id, id, kind, subject, created_at)
SELECT :site, printf('%012x', 1600000000000 + n) || '7' || substr(lower(hex(randomblob(10))), 2), 'article',
    '/old/' || n, '2020-09-13 12:26:40.000000'
FROM old
"""
ARTICLES, VOTES_BEFORE = 1000, 1_000_000


def add_old_votes(path: Path, site: SampleSite, count: int = VOTES_BEFORE) -> None:
    """Add `count` old votes to a database that no server uses."""
    values = {
        "site": site.site_id.hex,
        "revision": site.article_revision.replace("-", ""),
        "count": count,
        "articles": ARTICLES,
    }
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in (SUBJECTS, VOTES, CHANGES, EVENTS, *COUNTS):
            connection.execute(statement, values)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
