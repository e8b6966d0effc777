"""The file of the server's secret keys, made on first start and readable by its owner alone."""

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from ..core.config import Config

SECRET_BYTES = 32


def ensure(config: Config) -> list[str]:
    """Make the file where there is none. Returns sentences that the operator should read."""
    path = config.secret_file
    if config.secret_keys:
        return []
    if path.exists():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            return [f"SECRET_FILE {path} can be read by other users of this machine: run chmod 600 {path}."]
        return []
    beside_data = config.is_sqlite and config.sqlite_path.exists()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    # A link is made whole or not at all: of two that start together, one secret stays.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()
    if beside_data:
        return [f"A new secret was made in {path}: what an earlier secret sealed or signed cannot be used any more."]
    return []
