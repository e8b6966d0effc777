"""The file of the server's secret keys, created at the first start and readable only by its owner."""

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from ..core.config import Config

SECRET_BYTES = 32


def ensure_secret_file(config: Config) -> list[str]:
    """Create the file if it is missing. Returns warnings for the operator."""
    path = config.secret_file
    if config.secret_keys:
        return []
    if path.exists():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            return [f"SECRET_FILE {path} can be read by other users of this machine: run chmod 600 {path}."]
        return []
    has_data = config.is_sqlite and config.sqlite_path.exists()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    # Creating a link is atomic, so two servers that start together agree on one secret.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()
    if has_data:
        return [f"A new secret was created in {path}: data signed or encrypted with an earlier secret is invalid."]
    return []
