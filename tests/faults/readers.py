"""Readers who each rate an article and, as the widget does, retry until they receive an answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import create_engine, select

from tests.factories import ORIGIN
from tests.serving import Product
from tests.widget.conftest import press_id
from widget_server.ratings.models import Vote
from widget_server.ratings.recount import differences
from widget_server.storage.db import table_of
from widget_server.subjects.models import Subject

SECONDS = 20
AGAIN_SECONDS = 0.02
SCORE = 3
#: A receipt has millisecond precision.
ROUNDING_SECONDS = 0.002
VOTE, SUBJECT = table_of(Vote), table_of(Subject)


@dataclass
class Readers:
    port: int
    path: str
    revision: str
    acknowledged: set[str] = field(default_factory=set)
    #: Answers other than success, by status.
    refused: Counter[int] = field(default_factory=Counter)
    without_wait: int = 0
    #: Connections that ended without an answer, and those of them whose vote was saved.
    cut: int = 0
    lost_count: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            self.rate(press_id())

    def rate(self, id: str) -> None:
        was_cut = False
        while True:
            began = time.time()
            try:
                status, receipt = self.send(id)
            except ConnectionRefusedError:
                status = 0
            except (OSError, http.client.HTTPException):
                self.cut += 1
                status, was_cut = 0, True
            if status == 200:
                saved = datetime.fromisoformat(receipt["saved_at"]).replace(tzinfo=UTC).timestamp()
                self.lost_count += was_cut and saved < began - ROUNDING_SECONDS
                self.acknowledged.add(f"/{id}")
                return
            if status:
                self.refused[status] += 1
            if (status and status < 500) or self.stop.is_set():
                return
            time.sleep(AGAIN_SECONDS)

    def send(self, id: str) -> tuple[int, dict[str, str]]:
        body = {"kind": "article", "subject": f"/{id}", "id": id, "rev": 1, "age_ms": 0, "score": SCORE}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("POST", self.path, json.dumps({**body, "revision": self.revision}), {"Origin": ORIGIN})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        self.without_wait += answer.status >= 500 and answer.headers["Retry-After"] is None
        return answer.status, json.loads(data)


@contextmanager
def reading(product: Product, threads: int = 4) -> Iterator[Readers]:
    site = product.make.site()
    readers = Readers(product.port, f"/w/{site.key}/votes", str(product.make.survey(site, "article").revision))
    running = [threading.Thread(target=readers.run) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield readers
    finally:
        readers.stop.set()
        for thread in running:
            thread.join()


@dataclass(frozen=True)
class StoredVotes:
    """The stored votes: the rated articles, one entry for each vote, and the number of wrong counts."""

    rated: list[str]
    wrong_counts: int

    def holds(self, acknowledged: set[str]) -> bool:
        """Return whether no acknowledged vote is missing, none is duplicated, and every count is right."""
        return acknowledged <= set(self.rated) and len(self.rated) == len(set(self.rated)) and not self.wrong_counts


def read_stored(url: str, revision: str) -> StoredVotes:
    """Return the stored votes of one revision; other readers of the server use another."""
    engine = create_engine(url)
    with engine.connect() as connection:
        of_vote = (SUBJECT.c.site_id == VOTE.c.site_id) & (SUBJECT.c.id == VOTE.c.subject_id)
        query = select(SUBJECT.c.subject).select_from(VOTE.join(SUBJECT, of_vote))
        query = query.where(VOTE.c.score == SCORE, VOTE.c.revision_id == UUID(revision))
        stored_votes = StoredVotes(list(connection.execute(query).scalars()), len(differences(connection)))
    engine.dispose()
    return stored_votes
