"""The versions of SQLite whose write-ahead log can lose a commit when two connections checkpoint at once."""

import sqlite3

FIRST_AFFECTED, FIRST_MENDED = (3, 7, 0), (3, 51, 3)
MENDED_BRANCHES = {(3, 50): 7, (3, 44): 6}


def is_affected(version: tuple[int, int, int]) -> bool:
    if not FIRST_AFFECTED <= version < FIRST_MENDED:
        return False
    mended = MENDED_BRANCHES.get(version[:2])
    return mended is None or version[2] < mended


def remark(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> list[str]:
    if not is_affected(version):
        return []
    text = ".".join(map(str, version))
    return [f"SQLite {text} is safe here, as one process alone writes; open the file with other programs only to read."]
