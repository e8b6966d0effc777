"""A client in a separate process that presses at the same moment as the others, again and again."""

from __future__ import annotations

import http.client
import json
import multiprocessing
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

SECONDS = 60
#: The constant of tests/factories.py, which loads the whole product; no client needs that.
ORIGIN = "https://shop.example"
#: After this many races each client opens a new connection, and so may reach another web process.
RACES_PER_CONNECTION = 25
BROKEN = 599


def run(number: int, start: Barrier, port: int, path: str, presses: Path, answers: Path) -> None:
    """Send the press of each race; `presses` and `answers` have a line for each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    with presses.open() as lines, answers.open("w") as output:
        for race, body in enumerate(lines):
            if race % RACES_PER_CONNECTION == 0:
                connection.close()
                connection.connect()
            start.wait(SECONDS)
            output.write(json.dumps(press(connection, path, body)) + "\n")
    connection.close()


def press(connection: http.client.HTTPConnection, path: str, body: str) -> tuple[int, Any]:
    try:
        connection.request("POST", path, body, {"Origin": ORIGIN, "Content-Type": "text/plain"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        return BROKEN, repr(error)


@dataclass(frozen=True)
class Press:
    """A client's request and the answer it received."""

    body: dict[str, Any]
    status: int
    receipt: Any


def race(port: int, path: str, races: list[list[dict[str, Any]]], folder: Path) -> list[list[Press]]:
    """Run all races, with one press of each client in each, and return the answers."""
    folder.mkdir(exist_ok=True)
    clients = len(races[0])
    # Started as new processes, because a fork would copy the locks of this one's threads but not the threads.
    fresh = multiprocessing.get_context("spawn")
    start = fresh.Barrier(clients)
    processes = []
    for number in range(clients):
        presses = folder / f"presses-{number}"
        presses.write_text("".join(json.dumps(bodies[number]) + "\n" for bodies in races))
        work = (number, start, port, path, presses, folder / f"answers-{number}")
        processes.append(fresh.Process(target=run, args=work, daemon=True))
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    answers = [
        [json.loads(line) for line in (folder / f"answers-{n}").read_text().splitlines()] for n in range(clients)
    ]
    return [
        [Press(body, *answers[number][place]) for number, body in enumerate(bodies)]
        for place, bodies in enumerate(races)
    ]
