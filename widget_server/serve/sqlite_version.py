"""The versions of SQLite whose write-ahead log can lose a commit when two connections checkpoint at once."""

import sqlite3

FIRST_AFFECTED, FIRST_FIXED = (3, 7, 0), (3, 51, 3)
FIXED_BRANCHES = {(3, 50): 7, (3, 44): 6}


def is_affected(version: tuple[int, int, int]) -> bool:
    if not FIRST_AFFECTED <= version < FIRST_FIXED:
        return False
    first_fixed_patch = FIXED_BRANCHES.get(version[:2])
    return first_fixed_patch is None or version[2] < first_fixed_patch


def version_warnings(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> list[str]:
    if not is_affected(version):
        return []
    text = ".".join(map(str, version))
    return [f"SQLite {text} is safe here because only one process writes; other programs must only read the file."]
