"""How many votes are saved, and how fast, beside an empty route, a first draft and Isso."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tests.postgres import Postgres
from widget_server.storage.engines import make_unpooled_engine

from . import empty, grown, load, others, paced, product
from .table import Row

SECONDS = 8
CONNECTIONS, MANY = 32, 64
ROUNDS = 3
FLUSH_MS = 5
#: Slows every flush of the disk and nothing else: other calls are not even traced.
SLOWED = (
    *("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"),
    *("-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:delay_enter={FLUSH_MS * 1000}"),
)
NAIVE = '"subject":"/help","score":3'
COMMENT = '"text":"Thanks for this page","title":"Help"'


def article(served: product.Product) -> str:
    return f'"kind":"article","subject":"/help","rev":1,"score":3,"revision":"{served.article_revision}"'


def on_sqlite(folder: Path) -> tuple[list[Row], float]:
    """The rows, and the top rate in votes per second."""
    with empty.running() as empty_url, product.running(folder / "sqlite", invitations=2000) as served:
        rows, rate = against_empty(folder, "SQLite FULL", empty_url, served)
        pace = paced.measure(served, per_second=rate / 2)
        rows.append(
            Row(
                "A vote at half the top rate, SQLite FULL",
                f"p50 {pace.p50_ms:.1f} ms, p99 {pace.p99_ms:.1f} ms at {pace.per_second:,.0f} a second",
                "p99 at most 50 ms",
                pace.p99_ms <= 50,
            )
        )
        yardstick = load.run(empty_url, NAIVE, seconds=SECONDS // 2, connections=CONNECTIONS).per_second
        rows += beside(folder, yardstick, rate)
    return [*rows, after_years(folder), slowed(folder)], rate


def on_postgresql(folder: Path, workers: int = 2) -> list[Row]:
    server = Postgres(durable=True)
    os.environ["WEB_WORKERS"] = str(workers)
    try:
        url = server.create("bench")
        with (
            empty.running(workers) as empty_url,
            product.running(folder / "postgresql", database_url=url, invitations=2000) as served,
        ):
            load.run(served.votes_url, article(served), seconds=SECONDS // 2, connections=CONNECTIONS)
            analyze(url)
            return against_empty(folder, f"PostgreSQL, {workers} web processes", empty_url, served)[0]
    finally:
        del os.environ["WEB_WORKERS"]
        server.end()


def analyze(url: str) -> None:
    """As PostgreSQL does by itself within its first minute: until then its plans are those of empty tables."""
    engine = make_unpooled_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def against_empty(folder: Path, name: str, empty_url: str, served: product.Product) -> tuple[list[Row], float]:
    """Votes per second against the empty route, measured in turn; and the median rate."""
    tokens = folder / "tokens"
    tokens.write_text("\n".join(served.tokens))
    ratios, rates, yardsticks = [], [], []
    for _ in range(ROUNDS):
        yardstick = load.run(empty_url, article(served), seconds=SECONDS // 2, connections=CONNECTIONS)
        measured = load.run(served.votes_url, article(served), seconds=SECONDS, connections=CONNECTIONS)
        assert measured.refused == 0, "votes were refused"
        ratios.append(measured.per_second / yardstick.per_second)
        rates.append(measured.per_second)
        yardsticks.append(yardstick.per_second)
    ratio, rate, yardstick_rate = sorted(ratios)[1], sorted(rates)[1], sorted(yardsticks)[1]
    body = f'"rev":1,"score":3,"revision":"{served.chat_revision}"'
    chats = load.run(served.votes_url, body, seconds=SECONDS, connections=CONNECTIONS, tokens=tokens)
    assert chats.refused == 0, "votes were refused"
    span = f"{rate:,.0f} a second ({min(rates):,.0f}-{max(rates):,.0f}), empty route {yardstick_rate:,.0f}"
    what = "Durable votes under articles / empty POST route"
    rows = [
        Row(f"{what}, {name}", f"{ratio:.2f}: {span}", "at least 0.25", ratio >= 0.25),
        Row(
            f"Durable votes on chats (ledger, pin, agents), {name}",
            f"{chats.per_second / yardstick_rate:.2f}: {chats.per_second:,.0f} a second",
        ),
    ]
    return rows, rate


def beside(folder: Path, yardstick: float, rate: float) -> Iterator[Row]:
    """What others do on the same cores; their servers start while ours rests."""
    with others.naive(folder / "naive") as url:
        draft = load.run(url, NAIVE, seconds=SECONDS, connections=CONNECTIONS)
    yield Row(
        "Beside it: one ORM commit for each vote, gunicorn with 2 workers, SQLite FULL",
        f"{draft.per_second / yardstick:.2f}: {draft.per_second:,.0f} a second; "
        f"ours {rate / draft.per_second:.1f} times",
    )
    with others.isso(folder / "isso") as url:
        comments = load.run(url, COMMENT, seconds=SECONDS, connections=CONNECTIONS, kind="application/json")
    yield Row(
        "Beside it: comments saved by Isso, gunicorn with 2 workers",
        f"{comments.per_second / yardstick:.2f}: {comments.per_second:,.0f} a second; "
        f"ours {rate / comments.per_second:.1f} times",
    )


def after_years(folder: Path) -> Row:
    """The rate on a file that holds many votes, beside that on a fresh one, in turn."""
    with (
        product.running(folder / "fresh") as fresh,
        product.running(folder / "grown", grow=grown.grow) as old,
    ):
        ratios = []
        for _ in range(ROUNDS):
            pair = [
                load.run(served.votes_url, article(served), seconds=SECONDS // 2, connections=CONNECTIONS).per_second
                for served in (fresh, old)
            ]
            ratios.append(pair[1] / pair[0])
        size = old.config.sqlite_path.stat().st_size
    return Row(
        f"The rate with {grown.VOTES_BEFORE:,} votes in the file / with none",
        f"{sorted(ratios)[1]:.2f} ({min(ratios):.2f}-{max(ratios):.2f}); "
        f"{size / (grown.VOTES_BEFORE + 1):,.0f} bytes of the file for each vote",
    )


def slowed(folder: Path) -> Row:
    """The same on a disk that takes its time; both under the same slow flush."""
    with product.running(folder / "slow", before=SLOWED) as served:
        ours = load.run(served.votes_url, article(served), seconds=SECONDS, connections=MANY)
    with others.naive(folder / "slow-naive", SLOWED) as url:
        draft = load.run(url, NAIVE, seconds=SECONDS, connections=MANY)
    times = ours.per_second / draft.per_second
    return Row(
        f"Every flush slowed to {FLUSH_MS} ms, {MANY} connections / one commit for each vote",
        f"{times:.1f} times: {ours.per_second:,.0f} against {draft.per_second:,.0f} a second",
        "at least 6",
        times >= 6,
    )
