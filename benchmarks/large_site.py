"""A site after years of use: conversations with messages, decisions and votes, generated in SQL on both databases.

Ids and times follow from a row's number, so a row refers to others without a query. Each filter of a list has a value
that many rows have, and one that ten of a million have.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass

from sqlalchemy import Connection

from .product import SampleSite

#: The migration that derives from the rows what lists read.
LISTS = importlib.import_module("widget_server.migrations.versions.2026_11_30_0025_columns_of_lists")
DAYS = 1000
AGENTS, ARTICLES = 200, 1000
#: One row of so many has the rare values.
RARE = 100_000
#: One conversation of so many has a second agent, whose ratings are never negative.
SECOND_AGENT = 20
#: By name: the third group of a UUID of that kind of row, after its version.
KINDS = (
    *("agent", "conversation", "segment", "reopened", "question", "answer", "invitation", "vote", "subject", "again"),
    "second",
)
CONTEXT = (
    '{"team": null, "credit": "all", "closer": null, "visitor": null, "custom_fields": {}, "channel": "chat", '
    '"agents": [{"id": "AGENT", "name": "Agent", "team": null}], '
    '"credited": [{"id": "AGENT", "name": "Agent", "team": null}]}'
)


#: The counters of votes under articles.
TALLIES = """
INSERT INTO subject_tally (site_id, subject_id, voted_on, revision_id, score, status, verified, n)
SELECT site_id, subject_id, voted_on, revision_id, score, 'counted', verified, count(*) FROM vote
WHERE subject_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 7
"""


@dataclass(frozen=True)
class Dialect:
    """The expressions in which the databases differ."""

    is_sqlite: bool
    started_at: int
    step_seconds: float

    def seconds(self, number: str) -> str:
        """Return the expression of the time of a row, in seconds since 1970."""
        return f"({self.started_at} + {number} * {self.step_seconds})"

    def at(self, number: str, plus: float = 0) -> str:
        """Return the expression of the time of a row, `plus` seconds later."""
        seconds = f"{self.seconds(number)} + {plus}"
        if self.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch') || '.000000'"
        return f"to_timestamp({seconds})"

    def day(self, number: str) -> str:
        return f"date({self.seconds(number)}, 'unixepoch')" if self.is_sqlite else f"({self.at(number)})::date"

    def id(self, kind: str, number: str) -> str:
        """Return the expression of the id of a row: a UUIDv7 of its time, kind and number."""
        milliseconds, group = f"{self.seconds(number)} * 1000", KINDS.index(kind)
        if self.is_sqlite:
            return f"printf('%012x7%03x8%015x', {milliseconds}, {group}, {number})"
        digits = (
            f"lpad(to_hex(({milliseconds})::bigint), 12, '0') || '7' || lpad(to_hex({group}), 3, '0') || '8' "
            f"|| lpad(to_hex(({number})::bigint), 15, '0')"
        )
        return f"({digits})::uuid"

    def dashed(self, id_text: str) -> str:
        """Return the expression of an id as text with dashes."""
        if not self.is_sqlite:
            return f"({id_text})::text"
        starts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        return " || '-' || ".join(f"substr({id_text}, {start}, {length})" for start, length in starts)

    def series(self, count: int) -> str:
        """Return a common table expression `series(n)` of the numbers from 0."""
        if self.is_sqlite:
            return f"WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n < {count - 1})"
        return f"WITH series(n) AS (SELECT generate_series(0, {count - 1}))"

    def json(self, expression: str) -> str:
        return expression if self.is_sqlite else f"({expression})::jsonb"


def fill(connection: Connection, site: SampleSite, conversations: int) -> None:
    """Add `conversations`, and a tenth as many votes under articles, to an empty site."""
    dialect = Dialect(
        connection.dialect.name == "sqlite", int(time.time()) - DAYS * 86_400, DAYS * 86_400 / conversations
    )
    if dialect.is_sqlite:
        for setting in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -400000"):
            connection.exec_driver_sql(f"PRAGMA {setting}")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")
    for statement in (*statements(dialect, site, conversations), *LISTS.fill_statements(connection.dialect.name)):
        connection.exec_driver_sql(statement if dialect.is_sqlite else statement.replace("%", "%%"))
    connection.commit()


def statements(dialect: Dialect, site: SampleSite, conversations: int) -> list[str]:
    """Return the statements in their order."""
    site_id = f"'{site.site_id.hex}'" if dialect.is_sqlite else f"'{site.site_id}'::uuid"
    series = dialect.series(conversations)
    return [
        agents(dialect, site_id),
        conversation_rows(dialect, site_id, series),
        *segment_rows(dialect, site_id, series),
        *message_rows(dialect, site_id, series),
        *invitation_rows(dialect, site_id, series, revision_of(dialect, site.chat_revision)),
        *vote_rows(dialect, site_id, series, revision_of(dialect, site.chat_revision)),
        *article_rows(dialect, site_id, conversations, revision_of(dialect, site.article_revision)),
    ]


def revision_of(dialect: Dialect, revision: str) -> str:
    return f"'{revision.replace('-', '')}'" if dialect.is_sqlite else f"'{revision}'::uuid"


def agents(dialect: Dialect, site_id: str) -> str:
    return f"""{dialect.series(AGENTS + 2)}
INSERT INTO agent (site_id, id, external_id, name, team, created_at)
SELECT {site_id}, {dialect.id("agent", "n")}, 'agent-' || n, 'Agent ' || n, 'team-' || (n % 20), {dialect.at("0")}
FROM series"""


def agent_of(dialect: Dialect, number: str) -> str:
    """Return the id of the agent who answers; the last one answers rarely."""
    return dialect.id("agent", f"(CASE WHEN {number} % {RARE} = 11 THEN {AGENTS} ELSE {number} % {AGENTS} END)")


def conversation_rows(dialect: Dialect, site_id: str, series: str) -> str:
    empty = dialect.json("'{}'")
    return f"""{series}
INSERT INTO conversation (site_id, id, external_id, title, channel, case_type, product_area, touchpoint, team,
    language, custom_fields, created_at, latest_at, unread_since, updated_at)
SELECT {site_id}, {dialect.id("conversation", "n")}, 'chat-' || n, 'A question about order ' || n,
    CASE WHEN n % {RARE} = 7 THEN 'in_person' WHEN n % 12 = 0 THEN 'email' ELSE 'chat' END,
    CASE WHEN n % 2 = 0 THEN 'case-' || (n % 20) END, CASE WHEN n % 3 = 0 THEN 'area-' || (n % 30) END,
    CASE WHEN n % {RARE} = 5 THEN 'rare' WHEN n % 5 = 0 THEN 'checkout' END,
    CASE WHEN n % {RARE} = 3 THEN 'rare' WHEN n % 4 > 0 THEN 'team-' || (n % 20) END,
    'en', {empty}, {dialect.at("n")}, {dialect.at("n", 900)},
    CASE WHEN n % 4 = 1 AND n % 1000 = 1 THEN {dialect.at("n", 900)} END, {dialect.at("n", 900)}
FROM series"""


def segment_rows(dialect: Dialect, site_id: str, series: str) -> list[str]:
    """Return a segment for each conversation, and a second one for one of fifty."""
    first = f"""{series}
INSERT INTO segment (site_id, id, conversation_id, number, opened_at, ended_at, ended_by, pin_message_id, pinned_at)
SELECT {site_id}, {dialect.id("segment", "n")}, {dialect.id("conversation", "n")}, 1, {dialect.at("n")},
    {dialect.at("n", 600)}, 'back_end', {dialect.id("answer", "n")}, CASE WHEN n % 4 = 1 THEN {dialect.at("n", 900)} END
FROM series"""
    second = f"""{series}
INSERT INTO segment (site_id, id, conversation_id, number, opened_at, ended_at, ended_by)
SELECT {site_id}, {dialect.id("reopened", "n")}, {dialect.id("conversation", "n")}, 2, {dialect.at("n", 1000)},
    {dialect.at("n", 1600)}, 'back_end'
FROM series WHERE n % 50 = 2"""
    return [first, second]


def message_rows(dialect: Dialect, site_id: str, series: str) -> list[str]:
    """Return a question of the visitor and an answer of an agent for each conversation, and some second answers."""
    no_agent = "NULL" if dialect.is_sqlite else "NULL::uuid"
    second_agent = dialect.id("agent", str(AGENTS + 1))
    return [
        f"""{series}
INSERT INTO message (site_id, id, conversation_id, segment_id, external_id, author, agent_id, text, sent_at, arrival)
SELECT {site_id}, {dialect.id(kind, "n")}, {dialect.id("conversation", "n")}, {dialect.id("segment", "n")},
    '{kind}-' || n, '{author}', {agent}, 'It has not arrived yet, what can I do about it?',
    {dialect.at("n", seconds)}, {arrival}
FROM series{where}"""
        for arrival, (kind, author, agent, seconds, where) in enumerate(
            (
                ("question", "visitor", no_agent, 10, ""),
                ("answer", "agent", agent_of(dialect, "n"), 60, ""),
                ("second", "agent", second_agent, 70, f" WHERE n % {SECOND_AGENT} = 1"),
            )
        )
    ]


def invitation_rows(dialect: Dialect, site_id: str, series: str, revision: str) -> list[str]:
    """Return a decision for each segment: a quarter voted, a tenth not asked, the newest two days are waiting."""
    context = dialect.json(f"replace('{CONTEXT}', 'AGENT', {dialect.dashed(agent_of(dialect, 'n'))})")
    open_from = f"(SELECT max(n) FROM series) - {round(2 * 86_400 / dialect.step_seconds)}"
    status = (
        f"CASE WHEN n % 4 = 1 THEN 'voted' WHEN n % {RARE} = 14 OR n % 10 = 0 THEN 'not_asked' "
        f"WHEN n > {open_from} THEN 'shown' ELSE 'expired' END"
    )
    return [
        f"""{series}
INSERT INTO invitation (site_id, id, segment_id, attempt, channel, source, status, reason, proof,
    revision_id, context, decided_at, decided_on, shown_at, voted_at, expires_at)
SELECT {site_id}, {dialect.id(kind, "n")}, {dialect.id(segment, "n")}, 1, 'chat', 'back_end', status,
    CASE WHEN status <> 'not_asked' THEN NULL WHEN n % {RARE} = 14 THEN 'staff' ELSE 'no_person_answered' END,
    'back_end',
    CASE WHEN status <> 'not_asked' THEN {revision} END, {context}, {dialect.at("n", 600)}, {dialect.day("n")},
    {dialect.at("n", 700)}, CASE WHEN status = 'voted' THEN {dialect.at("n", 900)} END,
    CASE WHEN status <> 'not_asked' THEN {dialect.at("n", 600 + 2 * 86_400)} END
FROM (SELECT n, {status} AS status FROM series{where}) AS decided"""
        for kind, segment, status, where in (
            ("invitation", "segment", status, ""),
            ("again", "reopened", "'expired'", " WHERE n % 50 = 2"),
        )
    ]


def vote_rows(dialect: Dialect, site_id: str, series: str, revision: str) -> list[str]:
    """Return a vote for a quarter of the conversations; a tenth is negative, a tenth has a comment."""
    empty_list, empty = dialect.json("'[]'"), dialect.json("'{}'")
    comment = (
        f"CASE WHEN n % {RARE} = 17 THEN 'a zebra crossed my order' WHEN n % 40 = 1 THEN 'thank you for your help' END"
    )
    true, false = ("1", "0") if dialect.is_sqlite else ("true", "false")
    votes = f"""{series}
INSERT INTO vote (site_id, id, segment_id, asked_id, client_hash, rev, revision_id, channel, score, reasons, answers,
    comment, comment_folded, verified, intended_at, first_at, changed_at, voted_on, version, excluded_at, excluded_by,
    exclusion_reason, suspicion_reason, updated_at)
SELECT {site_id}, {dialect.id("vote", "n")}, {dialect.id("segment", "n")}, {dialect.id("invitation", "n")},
    'client-' || n, 1, {revision}, CASE WHEN n % {RARE} = 9 THEN 'phone' ELSE 'chat' END,
    CASE WHEN n % 40 = 5 THEN 1 WHEN n % 40 = 9 THEN 2 ELSE 3 END, {empty_list}, {empty}, {comment}, {comment},
    {true}, {dialect.at("n", 900)}, {dialect.at("n", 900)}, {dialect.at("n", 900)}, {dialect.day("n")},
    CASE WHEN n % {RARE} = 25 THEN 2 ELSE 1 END, CASE WHEN n % {RARE} = 21 THEN {dialect.at("n", 999)} END,
    CASE WHEN n % {RARE} = 21 THEN 'Ada' END, CASE WHEN n % {RARE} = 21 THEN 'a test' END,
    CASE WHEN n % {RARE} = 29 THEN 'staff' END, {dialect.at("n", 900)}
FROM series WHERE n % 4 = 1"""
    changes = [
        f"""INSERT INTO vote_change (site_id, vote_id, version, client_hash, rev, score, reasons, answers, recovery,
    intended_at, stored_at)
SELECT site_id, id, {version}, client_hash, {version}, {score}, reasons, answers, {recovery}, first_at, first_at
FROM vote WHERE version = 2"""
        for version, score, recovery in ((1, 1, false), (2, "score", true))
    ]
    return [votes, *changes]


def article_rows(dialect: Dialect, site_id: str, conversations: int, revision: str) -> list[str]:
    """Return votes under articles, half of them under the first one."""
    empty_list, empty = dialect.json("'[]'"), dialect.json("'{}'")
    false = "0" if dialect.is_sqlite else "false"
    subjects = f"""{dialect.series(ARTICLES)}
INSERT INTO subject (site_id, id, kind, subject, created_at)
SELECT {site_id}, {dialect.id("subject", "n")}, CASE WHEN n = 7 THEN 'order' ELSE 'article' END, '/article/' || n,
    {dialect.at("0")}
FROM series"""
    votes = f"""{dialect.series(conversations // 10)}
INSERT INTO vote (site_id, id, subject_id, voter, client_hash, rev, revision_id, channel, score, reasons, answers,
    verified, intended_at, first_at, changed_at, voted_on, version, updated_at)
SELECT {site_id}, {dialect.id("again", "n * 10")},
    {dialect.id("subject", f"(CASE WHEN n % 2 = 0 THEN 0 ELSE n % {ARTICLES} END)")}, 'b:' || n, 'client-' || n, 1,
    {revision}, 'page', 1 + n % 3, {empty_list}, {empty}, {false}, {dialect.at("n * 10")}, {dialect.at("n * 10")},
    {dialect.at("n * 10")}, {dialect.day("n * 10")}, 1, {dialect.at("n * 10")}
FROM series"""
    return [subjects, votes, TALLIES, impressions(dialect, site_id, conversations)]


def impressions(dialect: Dialect, site_id: str, conversations: int) -> str:
    """Return the impressions of the first articles on each day."""
    days = min(DAYS, conversations)
    return f"""{dialect.series(conversations)}
INSERT INTO subject_day (site_id, subject_id, day, shown_count, dismissed_count)
SELECT {site_id}, {dialect.id("subject", f"n / {days}")}, {dialect.day(f"(n % {days}) * {conversations // days}")}, 9, 1
FROM series"""
