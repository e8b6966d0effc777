"""The sender of deliveries: a thread of the process that does the periodic work.

It claims a delivery, commits, sends it outside any transaction, and commits the result.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from ..accounts import reset_requests
from ..core import clock
from ..core.config import Config
from ..outbound import deliveries, mails
from ..outbound.deliveries import ClaimedDelivery, DeliveryError
from ..outbound.mail_server import find_mail_server
from ..outbound.mails import Mailer
from ..storage.db import db, engines

log = logging.getLogger("tilfreds.outbound")

#: How long a delivery may wait for the sender's next look.
POLL_SECONDS = 1.0
#: While the database is away, a result is tried again, as the delivery would else be sent twice.
RECORD_TRIES = 10
RECORD_PAUSE_SECONDS = 1.0
Handler = Callable[[Config, ClaimedDelivery], None]


def send_mail(config: Config, delivery: ClaimedDelivery) -> None:
    """Send a mail by the mail server of the settings, outside any transaction."""
    server = find_mail_server(config)
    db.session.rollback()
    mails.send_delivery(delivery, server)


#: How each kind of delivery is sent.
HANDLERS: Mapping[str, Handler] = {mails.KIND: send_mail}


def answer_reset(config: Config, delivery: ClaimedDelivery) -> None:
    """Create the link of a forgotten password and store its mail."""
    reset_requests.answer_request(Mailer(config), delivery.payload, clock.now())


#: What leads to deliveries of this server only, in the transaction that records it.
IN_TRANSACTION: Mapping[str, Handler] = {reset_requests.KIND: answer_reset}


def send_next(app: Flask, stop: threading.Event | None = None) -> bool:
    """Send the next delivery that is due. Return False if there is none."""
    with app.app_context():
        delivery = claim_next()
        if delivery is None:
            return False
        if delivery.kind in IN_TRANSACTION:
            IN_TRANSACTION[delivery.kind](current_app.config["TILFREDS"], delivery)
            deliveries.record_sent(delivery, clock.now())
            db.session.commit()
            return True
        error = try_delivery(delivery)
        record(delivery, error, stop or threading.Event())
    return True


def claim_next() -> ClaimedDelivery | None:
    """Lease the next delivery. A look without result leaves the writing connection of SQLite alone."""
    config: Config = current_app.config["TILFREDS"]
    now = clock.now()
    with engines().read.connect() as connection:
        if not deliveries.is_any_due(connection, now):
            return None
    delivery = deliveries.claim(config.secret_keys, now)
    db.session.commit()
    return delivery


def try_delivery(delivery: ClaimedDelivery) -> DeliveryError | None:
    """Send a delivery. Return why it failed."""
    try:
        HANDLERS[delivery.kind](current_app.config["TILFREDS"], delivery)
    except DeliveryError as error:
        return error
    except Exception:  # one delivery must not keep the others from being sent
        db.session.rollback()
        log.exception("a delivery failed: %s", delivery.id)
        return DeliveryError("An unexpected error. The server log has the details.")
    return None


def record(delivery: ClaimedDelivery, error: DeliveryError | None, stop: threading.Event) -> None:
    """Commit the result of an attempt, again after errors of the database."""
    for attempt in range(1, RECORD_TRIES + 1):
        try:
            if error is None:
                deliveries.record_sent(delivery, clock.now())
            else:
                deliveries.record_failure(delivery, error, clock.now())
            db.session.commit()
            break
        except SQLAlchemyError:
            db.session.rollback()
            if attempt == RECORD_TRIES or stop.wait(attempt * RECORD_PAUSE_SECONDS):
                raise
    outcome = "sent" if error is None else f"failed: {error.text}"
    log.info("delivery %s (%s), attempt %d: %s", delivery.id, delivery.kind, delivery.attempt, outcome)


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Send deliveries when they are due, until `stop` is set."""
    while not stop.is_set():
        try:
            while not stop.is_set() and send_next(app, stop):
                pass
        except Exception as error:  # the database may be away for a time
            log.warning("deliveries wait: %s", type(error).__name__)
        stop.wait(POLL_SECONDS)


def start_thread(app: Flask, stop: threading.Event) -> threading.Thread:
    """Start the sender as a thread, which ends after its present delivery once `stop` is set."""
    thread = threading.Thread(target=run_forever, args=(app, stop), name="sender", daemon=True)
    thread.start()
    return thread
