"""What commands share: the settings, the application's context, and the API call that does the same."""

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

#: How the printed call proves itself: as the operator, or by a key of the site.
OPERATOR, API_KEY = "$(tilfreds operator-token)", "$API_KEY"


@contextmanager
def reading() -> Iterator[None]:
    """The application's context for a command that only reads: a running server is not in its way."""
    app = create_app(settings(), role="live")
    try:
        with app.app_context():
            yield
    finally:
        engines_of(app).dispose()


@contextmanager
def writing(call: str, body: dict[str, Any], bearer: str = OPERATOR) -> Iterator[Config]:
    """The application's context, alone with the database. While a server runs, the call that does the same is named."""
    config = settings()
    try:
        with file_lock.write_access(config):
            secret_file.ensure(config)
            config = config.with_secrets()
            database.migrate(config)
            app = create_app(config)
            try:
                with app.app_context():
                    yield config
            finally:
                engines_of(app).dispose()
    except file_lock.DatabaseHeld as held:
        raise CommandError(
            f"{held}\nThe running server does the same for this call:\n\n{as_curl(config, call, body, bearer)}"
        ) from held


def as_curl(config: Config, call: str, body: dict[str, Any], bearer: str = OPERATOR) -> str:
    method, path = call.split(" ")
    data = shlex.quote(json.dumps(body, ensure_ascii=False))
    return (
        f"curl -X {method} {config.base_url}/api/v1{path} -H 'Content-Type: application/json' \\\n"
        f'  -H "Authorization: Bearer {bearer}" -d {data}'
    )


def site_named(site_key: str) -> Site:
    """The living site of a key, or a refusal that says where keys stand."""
    try:
        return find_living_site(site_key)
    except NotFound as error:
        raise CommandError(f"There is no site with the key {site_key}; `tilfreds site list` names them.") from error
