"""Impressions of subjects, and the last contact of each site, summed in the process and written every two seconds.

A subject is seen a hundred times as often as it is rated, and a counter costs as much as a vote. A crash loses the
impressions of the last two seconds; a process that ends in order writes them.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
import weakref
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from ..core.errors import Invalid
from ..sites.contacts import Contact, write_contacts
from ..storage import group_commit
from ..subjects.names import to_name
from ..subjects.service import find_subject
from ..subjects.views import View, write_views

log = logging.getLogger("tilfreds.views")
WAIT_SECONDS = 2.0
#: Between two looks whether the process ends.
POLL_SECONDS = 0.1
#: Impressions of more subjects than these in two seconds are not counted, so that memory stays bounded.
MAX_WAITING = 20_000
MAX_KNOWN = 50_000


class SeenPage(NamedTuple):
    """A page on which the faces were seen. Only the newest of a site is written, so its address is parsed then."""

    origin: str
    address: str | None
    seen_at: datetime

    def to_contact(self) -> Contact:
        """Return the page with the path of its address, if it has one: a wrong hint must not cost the impression."""
        try:
            path = to_name("page", self.address) if self.address else ""
        except Invalid:
            path = ""
        return Contact(self.origin, path if path.startswith("/") else "", self.seen_at)


class ViewSums:
    """The impressions of one process that are not written yet."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.lock = threading.Lock()
        self.sums: Counter[View] = Counter()
        #: The newest page of each site that was seen.
        self.pages: dict[UUID, SeenPage] = {}
        self.is_waiting = False
        #: Subjects that exist. Cleared when full, as it only saves queries.
        self.known: set[tuple[UUID, str, str]] = set()

    def add(self, site_id: UUID, view: View | None, page: SeenPage | None) -> None:
        """Count an impression of a site, and remember on which page it was; both are written within `WAIT_SECONDS`."""
        with self.lock:
            if view is not None and (len(self.sums) < MAX_WAITING or view in self.sums):
                self.sums[view] += 1
            if page is not None and (len(self.pages) < MAX_WAITING or site_id in self.pages):
                self.pages[site_id] = page
            starts, self.is_waiting = not self.is_waiting, True
        if starts:
            self.start()

    def holds(self, view: View) -> bool:
        """Return whether impressions of this subject wait already."""
        with self.lock:
            return view in self.sums

    def is_known(self, transaction: Connection, subject: tuple[UUID, str, str]) -> bool:
        """Return whether a subject exists."""
        if subject not in self.known and find_subject(transaction, *subject) is not None:
            self._remember(subject)
        return subject in self.known

    def start(self) -> None:
        """Start the thread that writes. The interpreter waits for it at its end, because it is not a daemon."""
        threading.Thread(target=self._wait_and_write, name="tilfreds-views").start()

    def write(self) -> None:
        """Write all impressions in one transaction. After a failure they wait for the next one.

        If the database refuses a row for good, such as one of a site that a restore removed, each site is written
        separately, and what is refused again is dropped, because it would keep the others waiting for ever.
        """
        with self.lock:
            sums, self.sums, self.is_waiting = self.sums, Counter(), False
            pages, self.pages = self.pages, {}
        try:
            self._commit(sums, pages)
        except IntegrityError:
            for site_id in {view.site_id for view in sums} | set(pages):
                self._write_site(site_id, sums, pages)

    def _write_site(self, site_id: UUID, sums: Counter[View], pages: Mapping[UUID, SeenPage]) -> None:
        of_site = Counter({view: count for view, count in sums.items() if view.site_id == site_id})
        try:
            self._commit(of_site, {site_id: pages[site_id]} if site_id in pages else {})
        except IntegrityError:
            log.warning("impressions of site %s are dropped: the database refuses them", site_id)

    def _commit(self, sums: Counter[View], pages: dict[UUID, SeenPage]) -> None:
        try:
            for subject in group_commit.commit(self.engine, functools.partial(_write, sums, pages)):
                self._remember(subject)
        except IntegrityError:
            raise
        except Exception as error:  # whatever else the database raises, the impressions must not be lost
            log.warning("impressions are written later: %s", type(error).__name__)
            with self.lock:
                self.sums.update(sums)
                self.pages = pages | self.pages

    def _wait_and_write(self) -> None:
        writes_at = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < writes_at and threading.main_thread().is_alive():
            time.sleep(POLL_SECONDS)
        self.write()

    def _remember(self, subject: tuple[UUID, str, str]) -> None:
        if len(self.known) >= MAX_KNOWN:
            self.known.clear()
        self.known.add(subject)


def _write(sums: Counter[View], pages: Mapping[UUID, SeenPage], connection: Connection) -> list[tuple[UUID, str, str]]:
    subjects = write_views(sums, connection)
    write_contacts({site_id: page.to_contact() for site_id, page in pages.items()}, connection)
    return subjects


#: Weak keys, so that the sums are freed with their engine.
_sums: weakref.WeakKeyDictionary[Engine, ViewSums] = weakref.WeakKeyDictionary()
_sums_lock = threading.Lock()


def sums_of(engine: Engine) -> ViewSums:
    """Return the impressions that wait for an engine."""
    with _sums_lock:
        sums = _sums.get(engine)
        if sums is None:
            sums = _sums[engine] = ViewSums(engine)
        return sums
