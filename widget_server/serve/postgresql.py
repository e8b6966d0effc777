"""Checks of PostgreSQL before a server starts: a pooler in between, and the number of connections."""

import secrets

import psycopg

from ..backup.postgresql import connect_once
from ..core.config import Config
from ..core.errors import CommandError
from ..storage.engines import POOL_SIZE
from ..storage.sqlite import LOCK_WAIT_SECONDS

PROBES = 3
PROBE = "tilfreds.probe"
#: The least of the limits of the server, the role and the database.
CONNECTION_LIMIT = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    nullif(rolconnlimit, -1),
    nullif(datconnlimit, -1)
) FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
"""


def check_postgresql(config: Config) -> list[str]:
    """Return lines for the operator.

    Raises: CommandError: DATABASE_URL is a pooler in transaction mode and DATABASE_DIRECT_URL is missing, or the role
    lacks the settings that the server cannot send through the pooler.
    """
    lines = connection_warnings(config)
    if not is_transaction_pooler(config.database_url):
        return lines
    if not config.database_direct_url:
        raise CommandError(
            "DATABASE_URL is a pooler in transaction mode, such as PgBouncer: set DATABASE_DIRECT_URL to the address of"
            " PostgreSQL itself, which events, migrations and backups need."
        )
    check_role_settings(config)
    return [
        "Pooler    DATABASE_URL is in transaction mode: prepared statements are off; events, migrations and backups use"
        " DATABASE_DIRECT_URL.",
        *lines,
    ]


def is_transaction_pooler(url: str) -> bool:
    """Return whether two clients share a session of the server, by a setting that one makes and the other sees."""
    value = secrets.token_hex(8)
    with connect_once(url, autocommit=True, prepare_threshold=None) as first:
        for _ in range(PROBES):
            first.execute("SELECT set_config(%s, %s, false)", [PROBE, value])
            with connect_once(url, autocommit=True, prepare_threshold=None) as second:
                if read_setting(second, PROBE) == value:
                    second.execute("SELECT set_config(%s, '', false)", [PROBE])
                    return True
    return False


def check_role_settings(config: Config) -> None:
    """Raise CommandError unless the role sets what a direct connection would set itself."""
    with connect_once(config.database_url, autocommit=True, prepare_threshold=None) as connection:
        role = read_setting(connection, "session_authorization")
        required_settings = {"lock_timeout": f"{LOCK_WAIT_SECONDS}s", "timezone": "UTC"}
        missing_names = [name for name, value in required_settings.items() if read_setting(connection, name) != value]
    if missing_names:
        statements = " ".join(f"ALTER ROLE {role} SET {name} = '{required_settings[name]}';" for name in missing_names)
        raise CommandError(
            f"Settings of a session are lost in a pooler; set them for the role, then restart the pooler: {statements}"
        )


def read_setting(connection: psycopg.Connection, name: str) -> str | None:
    row = connection.execute("SELECT current_setting(%s, true)", [name]).fetchone()
    return row[0] if row is not None else None


def connection_warnings(config: Config) -> list[str]:
    """Return a warning if PostgreSQL allows fewer connections than this server may open."""
    # Each web process, the live process and the worker have a pool and one connection for notifications.
    needed = (config.web_workers + 2) * (POOL_SIZE + 1)
    with connect_once(config.admin_url, autocommit=True) as connection:
        row = connection.execute(CONNECTION_LIMIT).fetchone()
    limit = row[0] if row is not None else needed
    if limit >= needed:
        return []
    return [
        f"PostgreSQL allows {limit} connections and this server may open {needed}: raise max_connections, or lower"
        " WEB_WORKERS."
    ]
