"""What a worker of the web server loads: the application, with what only a served one needs."""

import os
import traceback
from collections.abc import Callable
from typing import Any

from flask import Response

from .. import create_app
from ..core.config import Config
from ..jobs.loop import start_thread
from ..jobs.schedule import JOBS
from . import forwarded, logs, request_buffer


def in_full(error: Exception) -> Response:
    return Response("".join(traceback.format_exception(error)), 500, content_type="text/plain; charset=utf-8")


def make_application() -> Callable[..., Any]:
    config = Config.from_environ(os.environ).with_secrets()
    logs.set_up(config)
    app = create_app(config, role="web")
    if config.debug:
        app.register_error_handler(Exception, in_full)
    if config.is_sqlite:
        # One process alone writes to the file, so periodic work is a thread of it; PostgreSQL has a process for it.
        start_thread(app, JOBS)
    return request_buffer.whole(forwarded.warn_once(app.wsgi_app, config), config)
