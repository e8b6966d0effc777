"""The file of the server's secret keys, created at the first start and readable only by its owner."""

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from sqlalchemy import text

from ..core import tokens
from ..core.config import Config
from ..storage.engines import make_unpooled_engine

SECRET_BYTES = 32
SECRETS_IN_USE = text(
    "SELECT site.key, signing_secret.sealed FROM signing_secret JOIN site ON site.id = signing_secret.site_id"
    " WHERE signing_secret.retired_at IS NULL AND site.removed_at IS NULL ORDER BY site.key"
)


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


def secret_warnings(config: Config) -> list[str]:
    """Return a warning if the database was written with another secret, as after a restore without its file."""
    keys = config.with_secrets().secret_keys
    engine = make_unpooled_engine(config.admin_url)
    with engine.connect() as connection:
        rows = connection.execute(SECRETS_IN_USE).all()
    sites = list(dict.fromkeys(site for site, sealed in rows if not _can_read(keys, bytes(sealed))))
    if not sites:
        return []
    return [
        f"The secret in {config.secret_file} does not fit the database: the signing secrets of these sites cannot be"
        f" read: {', '.join(sites[:5])}{' and others' * (len(sites) > 5)}. Their pages get 503 until you restore the"
        " secret file that belongs to the database, or create new signing secrets with `tilfreds site secret` and"
        " retire the old ones."
    ]


def _can_read(keys: tuple[bytes, ...], sealed: bytes) -> bool:
    try:
        tokens.unseal(keys, sealed)
    except tokens.BadToken:
        return False
    return True
