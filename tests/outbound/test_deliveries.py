"""Deliveries: stored with their cause, sent once, tried again, and kept as dead letters."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.databases import ON_BOTH
from tests.frozen_clock import SetClock
from tests.mailbox import Mailbox
from widget_server import create_app
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.core.errors import Conflict
from widget_server.jobs import schedule, sender
from widget_server.jobs.loop import run_once
from widget_server.outbound import deliveries
from widget_server.outbound.deliveries import MAX_ATTEMPTS, ClaimedDelivery, DeliveryError
from widget_server.outbound.mails import Mail, Mailer
from widget_server.outbound.models import Delivery
from widget_server.storage.db import db, engines_of

RECIPIENT = "ann@shop.example"
LIFETIME = timedelta(days=7)
DROP_OLD_DELIVERIES = next(job for job in schedule.JOBS if "deliveries" in job.name)


def enqueue(app: Flask, key: str = "a", lifetime: timedelta = LIFETIME, *, commits: bool = True) -> None:
    """Store a mail whose subject is its key."""
    mail = Mail(key, "Hello,", ["A paragraph."], "Open", "https://t.example/console/x#code", "A note.", "Tilfreds")
    with app.app_context():
        now = product_clock.now()
        mailer = Mailer(app.config["TILFREDS"])
        mailer.enqueue(RECIPIENT, mail, dedupe_key=key, now=now, expires_at=now + lifetime)
        if commits:
            db.session.commit()
        else:
            db.session.rollback()


def send_all(app: Flask) -> int:
    count = 0
    while sender.send_next(app):
        count += 1
    return count


def stored(app: Flask) -> list[Delivery]:
    with app.app_context():
        return db.session.query(Delivery).order_by(Delivery.dedupe_key).all()


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(mail["Subject"]) for mail in mailbox.mails]


@ON_BOTH
def test_a_mail_is_sent_once_after_its_transaction(app: Flask, mailbox: Mailbox) -> None:
    enqueue(app, "rolled back", commits=False)
    for key in ("a", "b", "a"):
        enqueue(app, key)
    assert send_all(app) == 2
    assert send_all(app) == 0
    assert subjects(mailbox) == ["a", "b"]
    assert mailbox.recipients == [RECIPIENT, RECIPIENT]
    for delivery in stored(app):
        assert (delivery.payload, delivery.due_at, delivery.attempts, delivery.error) == (None, None, 1, "")
        assert delivery.sent_at is not None


def test_what_waits_cannot_be_read_in_the_database(app: Flask) -> None:
    enqueue(app)
    [delivery] = stored(app)
    assert delivery.payload is not None
    assert b"#code" not in delivery.payload


@ON_BOTH
def test_no_transaction_is_open_while_a_mail_is_sent(app: Flask, mailbox: Mailbox) -> None:
    """On SQLite a vote would wait for the mail server, and on PostgreSQL a lock would be held."""
    engine = engines_of(app).write
    open_counts: list[int] = []
    checked_out: set[Any] = set()
    event.listen(engine, "checkout", lambda _driver, record, _proxy: checked_out.add(record))
    event.listen(engine, "checkin", lambda _driver, record: checked_out.discard(record))
    mailbox.on_mail = lambda: open_counts.append(len(checked_out))
    enqueue(app)
    send_all(app)
    assert open_counts == [0]


@ON_BOTH
def test_failures_are_tried_again_for_a_day_and_end_as_a_dead_letter(
    app: Flask, mailbox: Mailbox, clock: SetClock
) -> None:
    mailbox.replies["RCPT"] = "451 Try later"
    enqueue(app)
    started_at = clock.now()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert send_all(app) == 1
        [delivery] = stored(app)
        assert delivery.attempts == attempt
        assert "refused the recipient: 451 Try later" in delivery.error
        if delivery.due_at is not None:
            clock.set(delivery.due_at - timedelta(seconds=1))
            assert send_all(app) == 0
            clock.forward(seconds=1)
    assert (delivery.due_at, delivery.failed_at) == (None, clock.now())
    assert timedelta(hours=20) < clock.now() - started_at < timedelta(hours=28)

    mailbox.replies.clear()
    with app.app_context():
        deliveries.replay(delivery.id, product_clock.now())
        db.session.commit()
        with pytest.raises(Conflict):
            deliveries.replay(delivery.id, product_clock.now())
    assert send_all(app) == 1
    assert subjects(mailbox) == ["a"]


def test_what_will_always_fail_is_not_tried_again(app: Flask, mailbox: Mailbox) -> None:
    for command, reply in (("RCPT", "550 Unknown user"), ("DATA", "554 Looks like spam")):
        mailbox.replies = {command: reply}
        enqueue(app, command)
        assert send_all(app) == 1
    assert [(one.due_at, one.failed_at is not None, one.attempts) for one in stored(app)] == [(None, True, 1)] * 2


@ON_BOTH
def test_what_has_expired_is_not_sent_and_its_contents_are_removed(
    app: Flask, mailbox: Mailbox, clock: SetClock
) -> None:
    enqueue(app, "waited too long", timedelta(hours=1))
    clock.forward(hours=1)
    assert send_all(app) == 0

    mailbox.replies["RCPT"] = "550 Unknown user"
    enqueue(app, "dead", timedelta(hours=1))
    send_all(app)
    clock.forward(hours=1)
    run_once(app, DROP_OLD_DELIVERIES)

    assert [(one.payload, one.failed_at is not None) for one in stored(app)] == [(None, True)] * 2
    with app.app_context(), pytest.raises(Conflict):
        deliveries.replay(stored(app)[0].id, product_clock.now())
    clock.forward(days=31)
    run_once(app, DROP_OLD_DELIVERIES)
    assert stored(app) == []
    assert mailbox.mails == []


@ON_BOTH
def test_two_senders_never_take_the_same_delivery(app: Flask, mailbox: Mailbox) -> None:
    keys = [f"mail {number:02}" for number in range(12)]
    for key in keys:
        enqueue(app, key)
    threads = [threading.Thread(target=send_all, args=(app,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(subjects(mailbox)) == keys
    assert {delivery.attempts for delivery in stored(app)} == {1}


@ON_BOTH
def test_a_sender_that_lost_its_lease_records_nothing(app: Flask, clock: SetClock) -> None:
    enqueue(app)
    with app.app_context():
        first = sender.claim_next()
        assert sender.claim_next() is None
        clock.forward(minutes=5)
        second = sender.claim_next()
        assert isinstance(first, ClaimedDelivery)
        assert isinstance(second, ClaimedDelivery)
        assert (second.id, second.attempt) == (first.id, 2)
        deliveries.record_failure(first, DeliveryError("late", is_permanent=True), product_clock.now())
        db.session.commit()
        assert stored(app)[0].failed_at is None
        deliveries.record_sent(second, product_clock.now())
        db.session.commit()
        deliveries.record_failure(second, DeliveryError("repeated"), product_clock.now())
        db.session.commit()
    [delivery] = stored(app)
    assert (delivery.error, delivery.due_at) == ("", None)


def run_sender(config: Config) -> None:
    """Send everything in a separate process."""
    send_all(create_app(config))


@ON_BOTH
@pytest.mark.slow
def test_a_sender_killed_before_it_records_sends_again_with_the_same_id(
    app: Flask, config: Config, mailbox: Mailbox, clock: SetClock
) -> None:
    """The one case in which a mail is sent twice: the server accepted it, and the sender died before it knew."""
    clock.set(datetime.now(UTC))
    enqueue(app, "killed")
    process = multiprocessing.get_context("spawn").Process(target=run_sender, args=(config,))
    mailbox.on_mail = lambda: os.kill(process.pid or 0, signal.SIGKILL)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert subjects(mailbox) == ["killed"]

    mailbox.on_mail = lambda: None
    assert send_all(app) == 0, "the lease of the killed sender has not ended"
    clock.forward(minutes=6)
    assert send_all(app) == 1
    clock.forward(days=1)
    assert send_all(app) == 0
    assert len({str(mail["Message-ID"]) for mail in mailbox.mails}) == 1
    assert len(mailbox.mails) == 2


@ON_BOTH
def test_a_result_is_recorded_when_the_database_is_back(
    app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a moment after the mail was accepted does not cause a second mail."""
    failures = iter([True, True, False])
    record_sent = deliveries.record_sent

    def fail_twice(delivery: ClaimedDelivery, now: Any) -> None:
        if next(failures):
            db.session.connection().exec_driver_sql("SELECT * FROM no_such_table")
        record_sent(delivery, now)

    monkeypatch.setattr(deliveries, "record_sent", fail_twice)
    monkeypatch.setattr(sender, "RECORD_PAUSE_SECONDS", 0.01)
    enqueue(app)
    assert send_all(app) == 1
    assert stored(app)[0].sent_at is not None
    assert subjects(mailbox) == ["a"]


def test_an_unexpected_error_keeps_the_others_from_nothing(
    app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(app, "a")
    monkeypatch.setattr(sender, "HANDLERS", {})
    assert send_all(app) == 1
    monkeypatch.undo()
    enqueue(app, "b")
    assert send_all(app) == 1
    assert subjects(mailbox) == ["b"]
    assert [delivery.error[:20] for delivery in stored(app)] == ["An unexpected error.", ""]
    assert "KeyError" in caplog.text


def test_mails_stored_under_a_lost_key_are_dead_letters(app: Flask, mailbox: Mailbox) -> None:
    enqueue(app, "old key")
    app.config["TILFREDS"] = Config(
        secret_keys=(b"another key of the server, 32 ch",), smtp_url=mailbox.url, smtp_from="a@b.example"
    )
    enqueue(app, "new key")
    assert send_all(app) == 1
    assert subjects(mailbox) == ["new key"]
    assert [delivery.error for delivery in stored(app)][1] == "It was stored under another secret key of this server."
