"""The application as a worker of the web server loads it."""

import os
import traceback
from collections.abc import Callable
from typing import Any

from flask import Response

from .. import create_app
from ..core.config import Config
from ..jobs import loop, sender
from ..jobs.schedule import JOBS
from . import forwarded, heartbeat, logs, request_buffer
from .busy_threads import BusyThreads


def show_traceback(error: Exception) -> Response:
    return Response("".join(traceback.format_exception(error)), 500, content_type="text/plain; charset=utf-8")


def make_application() -> Callable[..., Any]:
    config = Config.from_environ(os.environ).with_secrets()
    logs.set_up(config)
    app = create_app(config, role="web")
    if config.debug:
        app.register_error_handler(Exception, show_traceback)
    if config.is_sqlite:
        # Only one process may write to the SQLite file, so periodic work runs in threads of it. On PostgreSQL a
        # separate worker process does that work.
        sender.start_thread(app, loop.start_thread(app, JOBS))
    threads = BusyThreads(forwarded.warn_once(app.wsgi_app, config), config.web_threads)
    heartbeat.start_heartbeat(threads.are_answering)
    return request_buffer.buffer_requests(threads, config)
