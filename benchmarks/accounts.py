"""Accounts: whether an answer's time tells who has one, and whether guesses of passwords slow down votes."""

from __future__ import annotations

import http.client
import multiprocessing
import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from urllib.parse import urlencode

from tests.serve.server import free_port
from widget_server import create_app
from widget_server.accounts import passwords
from widget_server.accounts.users import create_user
from widget_server.core.config import Config
from widget_server.storage.db import db, engines_of

from . import load, product
from .lone import take_time
from .saving import article_body
from .table import Row

#: So many that no account reaches its limit of requests.
USERS = 300
#: Pairs of requests. A sign-in takes longer, because hashes are computed one after the other with rests.
SIGN_IN_PAIRS, RESET_PAIRS = 150, 600
#: Accounts that exist and that do not have medians this close.
MAX_DIFFERENCE = 0.05
GUESSES_PER_SECOND, GUESSERS = 200, 32
SECONDS, ROUNDS, CONNECTIONS = 4, 3, 32
#: Votes per second beside the guesses, by those without.
MIN_VOTE_RATIO = 0.5


def measure(folder: Path) -> list[Row]:
    # A mail server that refuses connections: mails wait, as they do while a real one is away.
    mail = {"smtp_url": f"smtp://127.0.0.1:{free_port()}?tls=none", "smtp_from": "ratings@shop.example"}
    settings = {**mail, "trusted_proxies": "1"}
    with product.running(folder / "accounts", prepare_file=add_users, settings=settings) as running_product:
        sign_in = compare_times(
            "Sign-in with a wrong password",
            running_product,
            "/console/sign-in",
            pairs=SIGN_IN_PAIRS,
            expected_status=401,
        )
        reset = compare_times(
            "Request of a new password",
            running_product,
            "/console/forgot-password",
            pairs=RESET_PAIRS,
            expected_status=200,
        )
        return [sign_in, reset, measure_votes_beside_guesses(running_product)]


def add_users(path: Path, _site: product.SampleSite) -> None:
    """Add users with a password to the database of a server that has not started."""
    app = create_app(Config(database_url=f"sqlite:///{path}", secret_keys=(product.SECRET.encode(),)))
    with app.app_context():
        password_hash = passwords.to_hash("violet harbour ladder nine")
        for number in range(USERS):
            create_user(known_address(number), "", "admin", None).password_hash = password_hash
        db.session.commit()
        engines_of(app).dispose()


def known_address(number: int) -> str:
    return f"user{number:06}@shop.example"


def unknown_address() -> str:
    return f"none{random.randrange(10**6):06}@shop.example"


class Browser:
    """A kept connection, whose requests come from many addresses, so that no limit ends the measurement."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def post(self, path: str, email: str) -> int:
        """Send a form with an e-mail address and return the status."""
        source = ".".join(str(random.randrange(1, 255)) for _ in range(4))
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": source}
        self.connection.request("POST", path, urlencode({"email": email, "password": "a wrong password"}), headers)
        response = self.connection.getresponse()
        response.read()
        return response.status


def compare_times(what: str, running_product: product.Product, path: str, *, pairs: int, expected_status: int) -> Row:
    """Measure addresses with and without an account in pairs of random order."""
    browser = Browser(running_product.server.port)
    times: dict[bool, list[float]] = {True: [], False: []}

    def send(email: str) -> None:
        status = browser.post(path, email)
        assert status == expected_status, status

    for number in range(pairs):
        for is_known in random.sample((True, False), 2):
            email = known_address(number % USERS) if is_known else unknown_address()
            times[is_known].append(take_time(partial(send, email)))
    known_ms, unknown_ms = statistics.median(times[True]), statistics.median(times[False])
    difference = known_ms / unknown_ms - 1
    return Row(
        f"{what}: address with account / without",
        f"{known_ms:.2f} ms / {unknown_ms:.2f} ms: {difference:+.1%}",
        f"at most {MAX_DIFFERENCE:.0%} apart",
        abs(difference) <= MAX_DIFFERENCE,
    )


def measure_votes_beside_guesses(running_product: product.Product) -> Row:
    """Measure the rate of votes with and without guesses in turn."""
    vote = partial(
        load.run_wrk,
        running_product.votes_url,
        article_body(running_product),
        seconds=SECONDS,
        connections=CONNECTIONS,
    )
    ratios, guess_rates = [], []
    for _ in range(ROUNDS):
        alone = vote().per_second
        with guessing(running_product.server.port) as count:
            started_at, count_before = time.perf_counter(), count.value
            ratios.append(vote().per_second / alone)
            guess_rates.append((count.value - count_before) / (time.perf_counter() - started_at))
    ratio = statistics.median(ratios)
    return Row(
        "Votes beside guesses of passwords / without, SQLite",
        f"{ratio:.2f} at {statistics.median(guess_rates):.0f} guesses a second",
        f"at least {MIN_VOTE_RATIO} at {GUESSES_PER_SECOND} a second",
        ratio >= MIN_VOTE_RATIO,
    )


@contextmanager
def guessing(port: int) -> Iterator[Synchronized[int]]:
    """Guess passwords from another process until the end of the block, and yield the number of answers."""
    context = multiprocessing.get_context("spawn")
    count = context.Value("i", 0)
    process = context.Process(target=guess, args=(port, count), daemon=True)
    process.start()
    try:
        while not count.value:
            time.sleep(0.05)
        yield count
    finally:
        process.kill()
        process.join()


def guess(port: int, count: Synchronized[int]) -> None:
    """Send `GUESSES_PER_SECOND` guesses, each at its due time."""
    pause = GUESSERS / GUESSES_PER_SECOND

    def send(lane: int) -> None:
        browser, due = Browser(port), time.perf_counter() + lane * pause / GUESSERS
        while True:
            time.sleep(max(0.0, due - time.perf_counter()))
            browser.post("/console/sign-in", unknown_address())
            with count.get_lock():
                count.value += 1
            due += pause

    threads = [threading.Thread(target=send, args=(lane,)) for lane in range(GUESSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
