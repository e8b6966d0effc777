"""Flushes and writes that fail, each in turn: no vote is acknowledged that is not there, and SQLite's file is opened
anew before the next one is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from .concurrency import Findings, Place, Told, Voter, find, told
from .record import record
from .replay import CALL, FILE, text_of, written
from .tracing import traced

#: What fails, and how the kernel says so.
FLUSH = "fdatasync:error=EIO"
FULL = "pwrite64:error=ENOSPC"
WRITE = "pwrite64:error=EIO"
READ = "pread64:error=EIO"
SEEN = "trace=openat,write,pread64,pwrite64,fdatasync"
#: The log is moved into the file every so many pages, so that a few votes meet every kind of flush.
FEW = {"readers": 1, "tries": 5, "checkpoint_pages": 30}


@dataclass(frozen=True)
class Outcome:
    """What one failure did."""

    told: Told
    findings: Findings
    hits: int
    #: Successes that were told over a connection that had met the failure.
    carried_on: int

    @property
    def is_wrong(self) -> bool:
        return bool(self.findings) or self.carried_on > 0


def fail(program: Voter, place: Place, fault: str, when: str, **more: object) -> Outcome:
    """Vote while the calls that `when` counts fail, by the counting of strace: per thread, from 1."""
    log = place.folder.parent / f"{place.folder.name}.strace"
    job = place.job(**FEW | more)
    with traced(program.prepare(job), log, "-e", SEEN, "-e", f"inject={fault}:when={when}"):
        program.go()
        assert program.wait() == 0
    said = told(place.journal)
    hits, carried_on = follow(log, place)
    assert set(said.refused) <= {503}
    assert said.refused_without_wait == 0
    return Outcome(said, find(place.url, said), hits, carried_on)


def follow(log: Path, place: Place) -> tuple[int, int]:
    """How often the fault came, and how often a success was told after a refusal for it without a new connection."""
    hits = carried_on = 0
    has_failed = must_open = False
    for line in log.read_text().splitlines():
        if "(INJECTED)" in line:
            hits, has_failed = hits + 1, True
        elif opens(line, place.file):
            must_open = False
        elif status := status_told(line, place.journal):
            carried_on += status == 200 and must_open
            # Where SQLite helped itself, nobody was refused.
            must_open, has_failed = status != 200 and (has_failed or must_open), False
    return hits, carried_on


def opens(line: str, file: Path) -> bool:
    call = CALL.match(line)
    return call is not None and call["name"] == "openat" and file.name in paths(call["rest"])


def paths(rest: str) -> set[str]:
    return {Path(text_of(one)).name for one in itertools.chain(*FILE.findall(rest)) if one.startswith("\\x")}


def status_told(line: str, journal: Path) -> int | None:
    call = CALL.match(line)
    if call is None or call["name"] != "write" or journal.name not in paths(call["rest"].partition(">")[0] + ">"):
        return None
    match written(call["rest"])[1].decode().split():
        case ["told", _, _, status, _]:
            return int(status)
    return None


def each(program: Voter, places: Callable[[str], Place], fault: str, *, step: int = 1, **more: object) -> list[Outcome]:
    """A failure at every call of the kind in turn, or at each so-many-th, until one comes too late to be met."""
    outcomes: list[Outcome] = []
    for number in itertools.count(1, step):
        name = f"{fault}-{number}-{more.get('plant', '')}".replace(":", "-").replace("/", "-")
        outcome = fail(program, places(name), fault, str(number), **more)
        if not outcome.hits:
            break
        outcomes.append(outcome)
    assert any(outcome.told.refused for outcome in outcomes)
    assert any(outcome.told.acknowledged for outcome in outcomes)
    return outcomes


def wrong(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.is_wrong]


def test_a_failed_flush_is_told_and_the_file_opened_anew(program: Voter, places: Callable[[str], Place]) -> None:
    assert wrong(each(program, places, FLUSH, step=3)) == []


@pytest.mark.parametrize(("fault", "step"), [(FULL, 61), (WRITE, 83), (READ, 31)])
def test_a_failed_write_or_read_is_told_too(
    program: Voter, places: Callable[[str], Place], fault: str, step: int
) -> None:
    assert wrong(each(program, places, fault, step=step)) == []


@pytest.mark.parametrize(("fault", "since"), [(FLUSH, 5), (FULL, 60)])
def test_while_the_disk_fails_nobody_is_told_that_it_stands(
    program: Voter, here: Place, fault: str, since: int
) -> None:
    """From some moment on to the end."""
    outcome = fail(program, here, fault, f"{since}+", watches=True)
    assert not outcome.is_wrong
    assert outcome.told.acknowledged
    assert outcome.told.refused[503] > 1
    assert set(outcome.told.readiness) == {503}, "reading goes well, but it is not ready"


def test_a_flush_that_fails_once_for_many_costs_nobody_a_vote(program: Voter, here: Place) -> None:
    """The failure hits whoever leads for the first time; each whose vote was with it is then tried alone."""
    outcome = fail(program, here, FLUSH, "1", readers=8, tries=20)
    # Several speak at once: a later line may be of an earlier commit, so no order is to be seen in them.
    assert not outcome.findings
    assert outcome.hits and outcome.told.acknowledged


def test_a_connection_that_is_used_on_is_found(program: Voter, places: Callable[[str], Place]) -> None:
    outcomes = each(program, places, FLUSH, step=4, plant="carry on")
    assert any(outcome.carried_on for outcome in outcomes)


def test_an_answer_before_the_flush_is_found(program: Voter, places: Callable[[str], Place]) -> None:
    outcome = fail(program, places("early"), FLUSH, "1", plant="early")
    assert outcome.findings.lost


@pytest.mark.long
def test_every_call_fails_in_turn(program: Voter, places: Callable[[str], Place]) -> None:
    faults = {fault: each(program, places, fault) for fault in (FLUSH, FULL, WRITE, READ)}
    assert [wrong(outcomes) for outcomes in faults.values()] == [[], [], [], []]
    used_on = [outcome for outcome in each(program, places, FLUSH, plant="carry on") if outcome.carried_on]
    early = fail(program, places("early"), FLUSH, "1", plant="early").findings.lost
    assert used_on and early
    refusals = sum(outcome.told.refused[503] for outcomes in faults.values() for outcome in outcomes)
    counts = ", ".join(f"{len(outcomes)} of {fault.replace(':error=', ' ')}" for fault, outcomes in faults.items())
    record(
        "A9",
        f"each call in turn ({counts}): {refusals} told to come again, 0 acknowledged and absent, 0 unsound",
        f"answer before the flush: {early} votes lost; connection used on: seen {len(used_on)} times",
    )
