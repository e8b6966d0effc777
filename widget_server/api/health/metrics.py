"""Metrics: the requests of this process by route, and the votes and open invitations of the database."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ...invitations.models import UNANSWERED, InvitationTally, UnverifiedChatDay
from ...ratings.tally_models import Tally
from ...web.problems import method_of

log = logging.getLogger("tilfreds.metrics")

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.labelled: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "tilfreds_requests",
            "Requests answered by this process.",
            labelnames=("route", "method", "status"),
            registry=self.registry,
        )
        self.durations = Histogram(
            "tilfreds_request_seconds",
            "Seconds from a request's first line to its response.",
            labelnames=("route",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def count(self, response: Response) -> Response:
        """Count a response by its URL rule, because a path may contain a name."""
        route = request.url_rule.rule if request.url_rule else "-"
        method = method_of(request.method)
        requests, durations = self._metrics_of(route, method, response.status_code)
        requests.inc()
        durations.observe(time.perf_counter() - g.started)
        return response

    def _metrics_of(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """Return the two metrics of a response, cached because the lookup by labels takes longer than counting."""
        key = (route, method, status)
        metrics = self.labelled.get(key)
        if metrics is None:
            metrics = self.labelled[key] = (self.requests.labels(*key), self.durations.labels(route))
        return metrics

    def text(self, session: Session) -> bytes:
        """Return all metrics in Prometheus' text format. Without a database it still has the counts of requests."""
        return generate_latest(self.registry) + generate_latest(tally_registry(session))


def tally_registry(session: Session) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(TallyCollector(session))
    return registry


class TallyCollector:
    """A collector of the current tallies in the database."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, because registering must not query the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("tilfreds_database_up", "Whether the database answers.")
        try:
            yield from self.counts()
            up.add_metric([], 1)
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", type(error).__name__)
            self.session.rollback()
            up.add_metric([], 0)
        yield up

    def counts(self) -> list[GaugeMetricFamily]:
        """Return the numbers of votes, open invitations and rejected chats."""
        votes = GaugeMetricFamily("tilfreds_votes", "Votes that were not removed.", labels=("channel", "status"))
        columns = (Tally.channel, Tally.status)
        for channel, status, n in self.session.execute(select(*columns, func.sum(Tally.n)).group_by(*columns)):
            votes.add_metric([channel, status], n)
        waiting = GaugeMetricFamily("tilfreds_waiting", "Invitations without an answer yet.")
        unanswered_count = select(func.sum(InvitationTally.n)).where(InvitationTally.status.in_(UNANSWERED))
        waiting.add_metric([], self.session.scalar(unanswered_count) or 0)
        rejected_chats = GaugeMetricFamily(
            "tilfreds_unverified_chats_rejected", "Chats reported only by a page that exceeded the quota."
        )
        rejected_chats.add_metric([], self.session.scalar(select(func.sum(UnverifiedChatDay.refused_count))) or 0)
        return [votes, waiting, rejected_chats]
