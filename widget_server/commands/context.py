"""Application contexts for commands, and the API call to print when a running server holds the database."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .. import create_app
from ..core.config import Config
from ..core.errors import CommandError, NotFound
from ..serve import database, secret_file
from ..sites.models import Site
from ..sites.service import find_living_site
from ..storage import file_lock
from ..storage.db import engines_of
from .settings import settings

#: The bearer token of the printed call: the operator's, or an API key of the site.
OPERATOR, API_KEY = "$(tilfreds operator-token)", "$API_KEY"


@contextmanager
def reading() -> Iterator[None]:
    """Enter an application context for a command that only reads, which works beside a running server."""
    config = settings()
    if config.secret_file.exists():
        config = config.with_secrets()
    app = create_app(config, role="live")
    try:
        with app.app_context():
            yield
    finally:
        engines_of(app).dispose()


@contextmanager
def writing(call: str, body: dict[str, Any], bearer: str = OPERATOR) -> Iterator[Config]:
    """Enter an application context with exclusive access to the database.

    Raises:
        CommandError: A server is running. The text contains the API call with the same effect.
    """
    config = settings()
    try:
        with file_lock.write_access(config):
            secret_file.ensure_secret_file(config)
            config = config.with_secrets()
            database.migrate(config)
            app = create_app(config)
            try:
                with app.app_context():
                    yield config
            finally:
                engines_of(app).dispose()
    except file_lock.DatabaseHeld as error:
        raise CommandError(
            f"{error}\nSend this call to the running server instead:\n\n{to_curl(config, call, body, bearer)}"
        ) from error


def to_curl(config: Config, call: str, body: dict[str, Any], bearer: str = OPERATOR) -> str:
    method, path = call.split(" ")
    data = shlex.quote(json.dumps(body, ensure_ascii=False))
    return (
        f"curl -X {method} {config.base_url}/api/v1{path} -H 'Content-Type: application/json' \\\n"
        f'  -H "Authorization: Bearer {bearer}" -d {data}'
    )


def require_site(site_key: str) -> Site:
    """Return the site with this key. Raises CommandError if there is none or it was removed."""
    try:
        return find_living_site(site_key)
    except NotFound as error:
        raise CommandError(f"No site has the key {site_key}; run `tilfreds site list` to see all keys.") from error
