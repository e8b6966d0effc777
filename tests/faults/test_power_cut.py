"""A power cut at any moment leaves an intact database with every acknowledged vote."""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import sqlite_url

from .concurrency import Findings, Place, ReaderLog, Voter, find, read_log
from .record import record
from .replay import CALLS, Disk, Flush, Lines, Trace, Write
from .tracing import traced


@dataclass(frozen=True)
class Recorded:
    """The calls of a process in a place, and the place before them."""

    disk: Disk
    trace: Trace


def vote(program: Voter, place: Place, *options: str, **more: object) -> Recorded:
    """Vote under strace."""
    disk = Disk(place.folder, random.Random(place.folder.name))
    log = place.folder.parent / f"{place.folder.name}.strace"
    with traced(program.prepare(place.job(**more)), log, "-e", CALLS, *options):
        program.go()
        assert program.wait() == 0
    return Recorded(disk, Trace(place.folder, place.journal).read(log))


def cut(recorded: Recorded, folder: Path, cuts: int) -> list[Findings]:
    """Return the findings after each of a number of cuts."""
    events, disk, so_far = recorded.trace.events, recorded.disk, ReaderLog()
    moments = sorted(disk.chance.choices(range(len(events)), k=cuts))
    results = []
    for moment, event in enumerate(events):
        if isinstance(event, Lines):
            for line in event.text.splitlines():
                so_far.add(line)
        else:
            disk.apply(event)
        while moments and moments[0] == moment:
            moments.pop(0)
            results.append(find(restored(disk, folder), so_far))
    assert len(results) == cuts
    return results


def restored(disk: Disk, folder: Path) -> str:
    """Return the address of the database that the next start uses."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in disk.after_cut():
        (folder / name).write_bytes(content)
    return sqlite_url(folder / "tilfreds.sqlite3")


def assert_telling(trace: Trace) -> None:
    """Check that the trace holds a checkpoint, a restart of the log, and votes that were committed together."""
    files = [event.file for event in trace.events if isinstance(event, Flush)]
    assert "" in files and "tilfreds.sqlite3" in files
    starts = [event for event in trace.events if isinstance(event, Write) and event.offset == 0]
    assert sum(event.file == "tilfreds.sqlite3-wal" for event in starts) > 1
    text = "".join(event.text for event in trace.events if isinstance(event, Lines))
    assert text.count("told") > files.count("tilfreds.sqlite3-wal")
    assert trace.strays == set(), "a vote writes nothing outside of the data folder"


#: The log is checkpointed after 100 pages, not 1,000, so that a short trace holds several checkpoints.
FEW = {"readers": 4, "tries": 25, "checkpoint_pages": 100}
MANY = {"readers": 4, "tries": 250}


def test_a_power_cut_loses_nothing(program: Voter, here: Place, tmp_path: Path) -> None:
    recorded = vote(program, here, **FEW)
    assert_telling(recorded.trace)
    assert [result for result in cut(recorded, tmp_path / "cut", 40) if result] == []


def failing(number: int) -> tuple[str, str]:
    """Return the number of failing flushes: one for each reader, because strace counts per thread."""
    return "-e", f"inject=fdatasync:error=EIO:when={number}"


def failures(trace: Trace) -> int:
    return sum(isinstance(event, Flush) and event.has_failed for event in trace.events)


@pytest.mark.parametrize("watched", [False, True], ids=["alone", "watched"])
def test_a_power_cut_after_a_failed_flush_loses_nothing(
    program: Voter, here: Place, tmp_path: Path, watched: bool
) -> None:
    """Check that data of a failed flush is never written, whatever later flushes report."""
    recorded = vote(program, here, *failing(4), watched=watched, **FEW)
    assert failures(recorded.trace)
    assert [result for result in cut(recorded, tmp_path / "cut", 40) if result] == []


def test_flushing_seldom_is_found(program: Voter, here: Place, tmp_path: Path) -> None:
    """Check that votes are lost and nothing else is wrong, so that the test distinguishes the two."""
    results = cut(vote(program, here, plant="seldom", **FEW), tmp_path / "cut", 40)
    assert sum(one.lost_count > 0 for one in results) > 10
    assert all(one == Findings(one.lost_count, 0, 0, 0, "") for one in results)


@pytest.mark.long
def test_many_power_cuts(program: Voter, places: Callable[[str], Place], tmp_path: Path) -> None:
    cuts = 500
    acknowledged = 0
    for name, how in (("served", MANY | {"watched": True}), ("hurried", MANY | {"checkpoint_pages": 100})):
        place = places(name)
        recorded = vote(program, place, **how)
        assert_telling(recorded.trace)
        assert [result for result in cut(recorded, tmp_path / "cut", cuts) if result] == []
        acknowledged += len(read_log(place.journal).acknowledged)
    planted = cut(vote(program, places("planted"), plant="seldom", **MANY), tmp_path / "cut", cuts)
    losing = sorted(one.lost_count for one in planted if one.lost_count)
    assert len(losing) > cuts // 2
    record(
        "A7",
        f"{2 * cuts:,} cuts of traces with {acknowledged:,} votes acknowledged: 0 lost, 0 doubled, 0 unsound",
        f"`synchronous = NORMAL`: votes lost at {len(losing)} of {cuts} cuts, at worst {losing[-1]}, 0 unsound",
    )


@pytest.mark.long
@pytest.mark.parametrize("watched", [False, True], ids=["alone", "watched"])
def test_many_power_cuts_after_each_failed_flush(
    program: Voter, places: Callable[[str], Place], tmp_path: Path, watched: bool
) -> None:
    cuts = failed = 0
    for number in itertools.count(1):
        recorded = vote(program, places(f"failed-{number}"), *failing(number), watched=watched, **FEW)
        if not failures(recorded.trace):
            break
        failed += failures(recorded.trace)
        assert [result for result in cut(recorded, tmp_path / "cut", 80) if result] == []
        cuts += 80
    assert failed > 20
    record(
        f"A9, then a power cut, {'others read' if watched else 'no readers'}",
        f"{cuts:,} cuts of traces in which {failed} flushes failed: 0 lost, 0 doubled, 0 unsound",
        "that of A7: the same traces, replayed by the same program",
    )
