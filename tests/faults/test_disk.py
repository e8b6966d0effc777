"""Flushes and writes that fail, each in turn.

No vote is acknowledged that is not stored, and SQLite's file is reopened before the next vote is acknowledged.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from .concurrency import Findings, Place, ReaderLog, Voter, find, read_log
from .record import record
from .replay import CALL, FILE, text_of, written
from .tracing import traced

#: The failing calls, and the kernel's errors.
FLUSH = "fdatasync:error=EIO"
FULL = "pwrite64:error=ENOSPC"
WRITE = "pwrite64:error=EIO"
READ = "pread64:error=EIO"
SEEN = "trace=openat,write,pread64,pwrite64,fdatasync"
#: The log is checkpointed after this many pages, so that a few votes cause every kind of flush.
FEW = {"readers": 1, "tries": 5, "checkpoint_pages": 30}


@dataclass(frozen=True)
class Outcome:
    """The effects of one failure."""

    reader_log: ReaderLog
    findings: Findings
    hits: int
    #: Successes that were answered over a connection that had met the failure.
    carried_on: int

    @property
    def is_wrong(self) -> bool:
        return bool(self.findings) or self.carried_on > 0


def fail(program: Voter, place: Place, fault: str, when: str, **more: object) -> Outcome:
    """Vote while the calls that `when` counts fail, by strace's count: per thread, from 1."""
    log = place.folder.parent / f"{place.folder.name}.strace"
    job = place.job(**FEW | more)
    with traced(program.prepare(job), log, "-e", SEEN, "-e", f"inject={fault}:when={when}"):
        program.go()
        assert program.wait() == 0
    reader_log = read_log(place.journal)
    hits, carried_on = follow(log, place)
    assert set(reader_log.refused) <= {503}
    assert reader_log.refused_without_wait == 0
    return Outcome(reader_log, find(place.url, reader_log), hits, carried_on)


def follow(log: Path, place: Place) -> tuple[int, int]:
    """Count the faults, and the successes after a rejection for it without a new connection."""
    hits = carried_on = 0
    has_failed = must_open = False
    for line in log.read_text().splitlines():
        if "(INJECTED)" in line:
            hits, has_failed = hits + 1, True
        elif opens(line, place.file):
            must_open = False
        elif status := status_told(line, place.journal):
            carried_on += status == 200 and must_open
            # Where SQLite recovered by itself, no request was rejected.
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
    """Fail at every call of the kind in turn, or at each nth, until a failure comes too late to happen."""
    outcomes: list[Outcome] = []
    for number in itertools.count(1, step):
        name = f"{fault}-{number}-{more.get('plant', '')}".replace(":", "-").replace("/", "-")
        outcome = fail(program, places(name), fault, str(number), **more)
        if not outcome.hits:
            break
        outcomes.append(outcome)
    assert any(outcome.reader_log.refused for outcome in outcomes)
    assert any(outcome.reader_log.acknowledged for outcome in outcomes)
    return outcomes


def wrong(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.is_wrong]


def test_a_failed_flush_is_reported_and_the_file_reopened(program: Voter, places: Callable[[str], Place]) -> None:
    assert wrong(each(program, places, FLUSH, step=3)) == []


@pytest.mark.parametrize(("fault", "step"), [(FULL, 61), (WRITE, 83), (READ, 31)])
def test_a_failed_write_or_read_is_reported_too(
    program: Voter, places: Callable[[str], Place], fault: str, step: int
) -> None:
    assert wrong(each(program, places, fault, step=step)) == []


@pytest.mark.parametrize(("fault", "since"), [(FLUSH, 5), (FULL, 60)])
def test_no_vote_is_acknowledged_while_the_disk_fails(program: Voter, here: Place, fault: str, since: int) -> None:
    """Let the disk fail from some moment to the end."""
    outcome = fail(program, here, fault, f"{since}+", watches=True)
    assert not outcome.is_wrong
    assert outcome.reader_log.acknowledged
    assert outcome.reader_log.refused[503] > 1
    assert set(outcome.reader_log.readiness) == {503}, "reading goes well, but it is not ready"


def test_a_flush_that_fails_once_for_many_loses_no_vote(program: Voter, here: Place) -> None:
    """Check the failure of the first leader: each vote of its group is then tried separately."""
    outcome = fail(program, here, FLUSH, "1", readers=8, tries=20)
    # Several threads write the journal: a later line may be of an earlier commit, so their order means nothing.
    assert not outcome.findings
    assert outcome.hits and outcome.reader_log.acknowledged


def test_a_connection_that_is_still_used_is_found(program: Voter, places: Callable[[str], Place]) -> None:
    outcomes = each(program, places, FLUSH, step=4, plant="carry on")
    assert any(outcome.carried_on for outcome in outcomes)


def test_an_answer_before_the_flush_is_found(program: Voter, places: Callable[[str], Place]) -> None:
    outcome = fail(program, places("early"), FLUSH, "1", plant="early")
    assert outcome.findings.lost_count


@pytest.mark.long
def test_every_call_fails_in_turn(program: Voter, places: Callable[[str], Place]) -> None:
    faults = {fault: each(program, places, fault) for fault in (FLUSH, FULL, WRITE, READ)}
    assert [wrong(outcomes) for outcomes in faults.values()] == [[], [], [], []]
    used_on = [outcome for outcome in each(program, places, FLUSH, plant="carry on") if outcome.carried_on]
    early = fail(program, places("early"), FLUSH, "1", plant="early").findings.lost_count
    assert used_on and early
    refusals = sum(outcome.reader_log.refused[503] for outcomes in faults.values() for outcome in outcomes)
    counts = ", ".join(f"{len(outcomes)} of {fault.replace(':error=', ' ')}" for fault, outcomes in faults.items())
    record(
        "A9",
        f"each call in turn ({counts}): {refusals} answered 503, 0 acknowledged and absent, 0 unsound",
        f"answer before the flush: {early} votes lost; connection used on: seen {len(used_on)} times",
    )
