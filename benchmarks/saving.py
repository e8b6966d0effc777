"""The rate and latency of saved votes, compared with an empty route, a naive implementation and Isso."""

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
#: A command prefix that slows every flush of the disk; other calls are not even traced.
SLOW_FLUSH = (
    *("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"),
    *("-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:delay_enter={FLUSH_MS * 1000}"),
)
#: Votes per second by requests per second of the empty route, at least; and votes by those of the other servers.
MIN_SQLITE_RATIO, MIN_POSTGRESQL_RATIO = 0.15, 0.09
MIN_NAIVE_RATIO, MIN_ISSO_RATIO = 1.5, 2
NAIVE = '"subject":"/help","score":3'
COMMENT = '"text":"Thanks for this page","title":"Help"'


def article_body(running_product: product.Product) -> str:
    return f'"kind":"article","subject":"/help","rev":1,"score":3,"revision":"{running_product.article_revision}"'


def on_sqlite(folder: Path) -> tuple[list[Row], float]:
    """Measure the rows on SQLite, and the top rate in votes per second."""
    with empty.running() as empty_url, product.running(folder / "sqlite", invitations=2000) as running_product:
        rows, rate = compare_with_empty(folder, "SQLite FULL", empty_url, running_product, MIN_SQLITE_RATIO)
        pace = paced.measure(running_product, per_second=rate / 2)
        rows.append(
            Row(
                "A vote at half the top rate, SQLite FULL",
                f"p50 {pace.p50_ms:.1f} ms, p99 {pace.p99_ms:.1f} ms at {pace.per_second:,.0f} a second",
                "p99 at most 50 ms",
                pace.p99_ms <= 50,
            )
        )
        yardstick = load.run_wrk(empty_url, NAIVE, seconds=SECONDS // 2, connections=CONNECTIONS).per_second
        rows += compare_with_others(folder, yardstick, rate)
    return [*rows, measure_old_file(folder), measure_slow_flush(folder)], rate


def on_postgresql(folder: Path, workers: int = 2) -> list[Row]:
    server = Postgres(durable=True)
    os.environ["WEB_WORKERS"] = str(workers)
    try:
        url = server.create("bench")
        with (
            empty.running(workers) as empty_url,
            product.running(folder / "postgresql", database_url=url, invitations=2000) as running_product,
        ):
            load.run_wrk(
                running_product.votes_url, article_body(running_product), seconds=SECONDS // 2, connections=CONNECTIONS
            )
            analyze(url)
            name = f"PostgreSQL, {workers} web processes"
            return compare_with_empty(folder, name, empty_url, running_product, MIN_POSTGRESQL_RATIO)[0]
    finally:
        del os.environ["WEB_WORKERS"]
        server.end()


def analyze(url: str) -> None:
    """Run ANALYZE, as PostgreSQL does within its first minute; until then it plans for empty tables."""
    engine = make_unpooled_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def compare_with_empty(
    folder: Path, name: str, empty_url: str, running_product: product.Product, min_ratio: float
) -> tuple[list[Row], float]:
    """Measure votes per second and the empty route in turn. Returns the rows and the median rate of votes."""
    tokens = folder / "tokens"
    tokens.write_text("\n".join(running_product.tokens))
    ratios, rates, yardsticks = [], [], []
    for _ in range(ROUNDS):
        yardstick = load.run_wrk(
            empty_url, article_body(running_product), seconds=SECONDS // 2, connections=CONNECTIONS
        )
        measured = load.run_wrk(
            running_product.votes_url, article_body(running_product), seconds=SECONDS, connections=CONNECTIONS
        )
        assert measured.rejected == 0, "votes were rejected"
        ratios.append(measured.per_second / yardstick.per_second)
        rates.append(measured.per_second)
        yardsticks.append(yardstick.per_second)
    ratio, rate, yardstick_rate = sorted(ratios)[1], sorted(rates)[1], sorted(yardsticks)[1]
    body = f'"rev":1,"score":3,"revision":"{running_product.chat_revision}"'
    chats = load.run_wrk(running_product.votes_url, body, seconds=SECONDS, connections=CONNECTIONS, tokens=tokens)
    assert chats.rejected == 0, "votes were rejected"
    span = f"{rate:,.0f} a second ({min(rates):,.0f}-{max(rates):,.0f}), empty route {yardstick_rate:,.0f}"
    what = "Durable votes under articles / empty POST route"
    rows = [
        Row(f"{what}, {name}", f"{ratio:.2f}: {span}", f"at least {min_ratio}", ratio >= min_ratio),
        Row(
            f"Durable votes on chats (ledger, pin, agents), {name}",
            f"{chats.per_second / yardstick_rate:.2f}: {chats.per_second:,.0f} a second",
        ),
    ]
    return rows, rate


def compare_with_others(folder: Path, yardstick: float, rate: float) -> Iterator[Row]:
    """Measure other servers on the same cores, while ours is idle."""
    with others.run_naive(folder / "naive") as url:
        draft = load.run_wrk(url, NAIVE, seconds=SECONDS, connections=CONNECTIONS)
    yield Row(
        "Beside it: one ORM commit for each vote, gunicorn with 2 workers, SQLite FULL",
        f"{draft.per_second / yardstick:.2f}: {draft.per_second:,.0f} a second; "
        f"ours {rate / draft.per_second:.1f} times",
        f"ours at least {MIN_NAIVE_RATIO} times",
        rate >= MIN_NAIVE_RATIO * draft.per_second,
    )
    with others.run_isso(folder / "isso") as url:
        comments = load.run_wrk(url, COMMENT, seconds=SECONDS, connections=CONNECTIONS, kind="application/json")
    yield Row(
        "Beside it: comments saved by Isso, gunicorn with 2 workers",
        f"{comments.per_second / yardstick:.2f}: {comments.per_second:,.0f} a second; "
        f"ours {rate / comments.per_second:.1f} times",
        f"ours at least {MIN_ISSO_RATIO} times",
        rate >= MIN_ISSO_RATIO * comments.per_second,
    )


def measure_old_file(folder: Path) -> Row:
    """Measure the rate on a file with many votes and on a new one, in turn."""
    with (
        product.running(folder / "fresh") as fresh,
        product.running(folder / "grown", prepare_file=grown.add_old_votes) as old,
    ):
        ratios = []
        for _ in range(ROUNDS):
            pair = [
                load.run_wrk(
                    running_product.votes_url,
                    article_body(running_product),
                    seconds=SECONDS // 2,
                    connections=CONNECTIONS,
                ).per_second
                for running_product in (fresh, old)
            ]
            ratios.append(pair[1] / pair[0])
        size = old.config.sqlite_path.stat().st_size
    return Row(
        f"The rate with {grown.VOTES_BEFORE:,} votes in the file / with none",
        f"{sorted(ratios)[1]:.2f} ({min(ratios):.2f}-{max(ratios):.2f}); "
        f"{size / (grown.VOTES_BEFORE + 1):,.0f} bytes of the file for each vote",
    )


def measure_slow_flush(folder: Path) -> Row:
    """Measure the product and the naive implementation, both with the same slow flush of the disk."""
    with product.running(folder / "slow", prefix=SLOW_FLUSH) as running_product:
        ours = load.run_wrk(running_product.votes_url, article_body(running_product), seconds=SECONDS, connections=MANY)
    with others.run_naive(folder / "slow-naive", SLOW_FLUSH) as url:
        draft = load.run_wrk(url, NAIVE, seconds=SECONDS, connections=MANY)
    ratio = ours.per_second / draft.per_second
    return Row(
        f"Every flush slowed to {FLUSH_MS} ms, {MANY} connections / one commit for each vote",
        f"{ratio:.1f} times: {ours.per_second:,.0f} against {draft.per_second:,.0f} a second",
        "at least 3; 6 on a quick machine",
        ratio >= 3,
    )
