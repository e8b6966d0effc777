"""The shop's process, with a separate origin.

It runs as a file and loads only the shop, so that the shop uses nothing of the product but what any site can reach.

Arguments: host, port, the address of Tilfreds, the file with the shop's keys; optionally the path of a site's file
there and the pace of the agent.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

HERE = Path(__file__).parent
WIDGET_FILE = "/w/KEY.js"


def load_module(name: str, file: Path) -> Any:
    """Load a file as a module with this name; with a folder's `__init__.py`, its siblings can be imported."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main(host: str, port: str, tilfreds_url: str, keys_file: str, file: str = WIDGET_FILE, pace: str = "1") -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    load_module("parent_watch", HERE.parent / "serve" / "parent_watch.py").watch_supervisor()
    load_module("krans", HERE / "__init__.py")
    shop, links = importlib.import_module("krans.shop"), importlib.import_module("krans.links")
    # A log line for each request would push the printed addresses off the screen.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    agent_link = links.Links([sys.executable, "-P", "-m", "widget_server.cli", "owner", "link"])
    settings = {"widget_file": file, "pace": float(pace)}
    app = shop.create_shop(tilfreds_url, lambda: shop.Keys.read(Path(keys_file)), agent_link, **settings)
    make_server(host, int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
