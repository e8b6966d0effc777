"""The live process: thousands of open event streams in one thread, by gevent.

It runs as a file, so that it can be ended while it loads and gevent can replace blocking calls before other imports.
"""

import gc
import runpy
from pathlib import Path

# As in web.py: a collection during loading would only slow down the start.
gc.disable()

runpy.run_path(str(Path(__file__).with_name("parent_watch.py")))["watch_supervisor"]()

from gevent import monkey  # noqa: E402

monkey.patch_all()

import logging  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

from widget_server import create_app  # noqa: E402
from widget_server.core.config import Config  # noqa: E402
from widget_server.core.settings_parser import ConfigError  # noqa: E402
from widget_server.live.server import Server, allow_files  # noqa: E402
from widget_server.serve import forwarded, heartbeat, logs  # noqa: E402

log = logging.getLogger("tilfreds.live")
STOP_SECONDS = 1


def main() -> int:
    try:
        config = Config.from_environ(os.environ).with_secrets()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    logs.set_up(config)
    allow_files()
    app = create_app(config, role="live")
    server = Server((config.host, config.live_port), forwarded.warn_once(app.wsgi_app, config), log=None, error_log=log)
    stop_requested = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop_requested.set)
    server.start()
    heartbeat.start_heartbeat()
    gc.freeze()
    gc.enable()
    stop_requested.wait()
    # Open streams never end by themselves; their clients reconnect with the id of the last event they received.
    server.stop(STOP_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
