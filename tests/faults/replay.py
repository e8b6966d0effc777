"""The contents of a disk after a power cut, rebuilt from the trace of a process (tracing.py) up to any of its calls.

Flushed data is there. Each write that was not flushed is there or not, or each of its sectors; a name that was created
or removed since the last flush of its folder may still have its former meaning. After a failed flush the system
treats the data as written and does not retry. SQLite's shared memory is gone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "trace=write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,fallocate,unlink,rename"
#: SQLite maps this file into memory and creates it again when no process has it open.
SHARED_MEMORY = "-shm"
#: The suffix of a file's name after its deletion.
GONE = "(deleted)"

CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<rest>.*)")
RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>.*= (?P<result>-?\d+)")
FILE = re.compile(r'\d*<(?P<path>[^>]*)>|"(?P<named>[^"]*)"')
WRITTEN = re.compile(r'\d+<[^>]*>(?:\(deleted\))?, "(?P<data>[^"]*)", \d+(?:, (?P<offset>\d+))?')
SIZE = re.compile(r"\d+<[^>]*>, (?P<size>\d+)")
RESULT = re.compile(r"= (?P<result>-?\d+)(?: \w+ \(.*\))?(?: \(INJECTED\))?$")


@dataclass(frozen=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True)
class Unlink:
    file: str


@dataclass(frozen=True)
class Flush:
    """A flush of a file, or of the folder if `file` is empty."""

    file: str
    has_failed: bool = False


@dataclass(frozen=True)
class Lines:
    """A line of the process's journal, which the disk state ignores; it only marks the order."""

    text: str


Event = Write | Truncate | Unlink | Flush | Lines


@dataclass
class Trace:
    """The events of one folder, in order."""

    folder: Path
    journal: Path
    events: list[Event] = field(default_factory=list)
    #: Files elsewhere that were written.
    strays: set[str] = field(default_factory=set)
    _flushing: dict[str, str] = field(default_factory=dict)

    def read(self, log: Path) -> Trace:
        with log.open() as lines:
            for line in lines:
                self._add(line.rstrip("\n"))
        return self

    def _add(self, line: str) -> None:
        if resumed := RESUMED.match(line):
            self._resume(resumed["thread"], int(resumed["result"]))
        elif call := CALL.match(line):
            file_match = FILE.match(call["rest"])
            assert file_match is not None, line[:200]
            path = Path(text_of(file_match["path"] or file_match["named"] or ""))
            if path == self.journal:
                self.events.append(Lines(written(call["rest"])[1].decode()))
            elif path == self.folder or path.parent == self.folder:
                is_gone = call["rest"].startswith(GONE, file_match.end())
                if not is_gone and not path.name.endswith(SHARED_MEMORY):
                    self._call(call["thread"], call["name"], "" if path == self.folder else path.name, call["rest"])
            elif call["name"] not in ("unlink", "rename"):
                self.strays.add(str(path))

    def _call(self, thread: str, name: str, file: str, rest: str) -> None:
        """Date a write from its start and a flush from its end, because the cut may come in between."""
        if name == "pwrite64":
            assert file not in self._flushing.values(), "written while it is flushed: the trace does not tell the order"
            offset, data = written(rest)
            self.events.append(Write(file, offset, data))
        elif name == "ftruncate":
            size = SIZE.match(rest)
            assert size is not None, rest
            self.events.append(Truncate(file, int(size["size"])))
        elif name == "unlink":
            self.events.append(Unlink(file))
        else:
            assert name in ("fsync", "fdatasync"), f"the replay does not know {name} on {file}"
            self._flushing[thread] = file
            if ended := RESULT.search(rest):
                self._resume(thread, int(ended["result"]))

    def _resume(self, thread: str, result: int) -> None:
        file = self._flushing.pop(thread, None)
        if file is not None:
            self.events.append(Flush(file, has_failed=result != 0))


def text_of(hexed: str) -> str:
    return bytes.fromhex(hexed.replace("\\x", "")).decode()


def written(rest: str) -> tuple[int, bytes]:
    """Return offset and content of a write. Text that strace shortened ends in dots and does not match."""
    written_match = WRITTEN.match(rest)
    assert written_match is not None, rest[:200]
    return int(written_match["offset"] or 0), bytes.fromhex(written_match["data"].replace("\\x", ""))


@dataclass
class File:
    """The durable contents of a file, and the pending writes."""

    safe: bytearray = field(default_factory=bytearray)
    pending: list[Write | Truncate] = field(default_factory=list)

    def flush(self) -> None:
        for one in self.pending:
            put(self.safe, one)
        self.pending.clear()

    def lose(self, chance: random.Random) -> None:
        """Make half of the pending writes durable, and lose the rest."""
        is_torn = chance.random() < 0.5
        for one in self.pending:
            for part in sectors(one) if is_torn else [one]:
                if chance.random() < 0.5:
                    put(self.safe, part)
        self.pending.clear()


class Disk:
    """The files of a folder, as the process sees them and as they may be after a cut."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.chance = chance
        self.files = {path.name: File(bytearray(path.read_bytes())) for path in folder.iterdir() if path.is_file()}
        #: The durable names since the last flush of the folder, where they differ.
        self.former: dict[str, File | None] = {}

    def apply(self, event: Write | Truncate | Unlink | Flush) -> None:
        if isinstance(event, Unlink):
            self.former.setdefault(event.file, self.files.pop(event.file))
        elif isinstance(event, Flush):
            self._flush(event)
        else:
            if event.file not in self.files:
                self.former.setdefault(event.file, None)
                self.files[event.file] = File()
            self.files[event.file].pending.append(event)

    def _flush(self, event: Flush) -> None:
        if event.file == "":
            # SQLite ignores a failure here; the file systems of Linux keep a new name with its file.
            self.former.clear()
        elif event.has_failed:
            self.files[event.file].lose(self.chance)
        else:
            self.files[event.file].flush()

    def after_cut(self) -> Iterator[tuple[str, bytes]]:
        """Return one of the many states in which the files may be after a cut."""
        for name in self.files.keys() | self.former.keys():
            is_old = name in self.former and self.chance.random() < 0.5
            source_file = self.former[name] if is_old else self.files.get(name)
            if source_file is not None:
                remaining_file = File(bytearray(source_file.safe), list(source_file.pending))
                remaining_file.lose(self.chance)
                yield name, bytes(remaining_file.safe)


def put(content: bytearray, one: Write | Truncate) -> None:
    size = one.size if isinstance(one, Truncate) else one.offset + len(one.data)
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if isinstance(one, Truncate):
        del content[size:]
    else:
        content[one.offset : size] = one.data


def sectors(one: Write | Truncate) -> Iterator[Write | Truncate]:
    """Split a write into the pieces that a disk may write or not; a write within a sector keeps the rest of it."""
    if isinstance(one, Truncate):
        yield one
        return
    start = 0
    while start < len(one.data):
        end = start + SECTOR - (one.offset + start) % SECTOR
        yield Write(one.file, one.offset + start, one.data[start:end])
        start = end
