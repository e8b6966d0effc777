"""`tilfreds demo`: a seeded site of its own, served with a shop that uses it."""

import dataclasses
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from ..accounts.sign_in import make_link_token
from ..core import clock
from ..core.config import Config, to_http_url
from ..demo import process
from ..demo.seed import seed
from ..serve import database, ports, start
from ..storage import file_lock

FOLDER = "demo"
FILE = "demo.sqlite3"
#: Web, live and shop, in a row.
PORTS = 3
#: What a demo takes from the settings around it; everything else is its own, whatever a server beside it is set to.
TAKEN = ("DATA_DIR", "HOST", "PORT", "DEBUG", "LOG_LEVEL")
OWN = {field.name.upper() for field in dataclasses.fields(Config)} - set(TAKEN)


@click.command()
@click.option("--reset", is_flag=True, help="Start afresh: forget what was written in the demo.")
def demo(reset: bool) -> None:
    """Serve a demo site with a shop, an article and a chat, on the next free ports from PORT on."""
    environ = own_environ(os.environ)
    config = Config.from_environ(environ)
    if reset:
        forget(config)
    port = ports.next_free(config.host, config.port, PORTS)
    environ["PORT"] = str(port)
    config = Config.from_environ(environ)
    prepared = start.prepare(config, demo=True)
    config = config.with_secrets()
    # First, so that a demo that was interrupted while it was filled is known as one.
    database.mark_demo(config)
    keys_file = seed(config)
    # The demo's own remarks would only stand between the reader and the addresses.
    prepared.remarks = []
    made = start.supervisor_plan(config, prepared, extra(config, port + PORTS - 1, keys_file))
    start.become_supervisor({**made, "backup": None}, environ)


def own_environ(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name.removesuffix("_FILE") not in OWN}
    folder = (Config.from_environ(kept).data_dir / FOLDER).absolute()
    # A line for each request would drown the addresses.
    quiet = {"LOG_LEVEL": "warning"} if not environ.get("LOG_LEVEL") else {}
    return {**kept, **quiet, "DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / FILE}"}


def forget(config: Config) -> None:
    """Empty the demo's folder, but never under a running demo."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    with file_lock.write_access(config):
        for path in config.data_dir.iterdir():
            if path == file_lock.lock_path(config):
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def extra(config: Config, port: int, keys_file: Path) -> start.Extra:
    shop = to_http_url(config.host, port)
    argv = [config.host, str(port), config.base_url, str(keys_file.absolute()), config.widget_file]
    reach = start.reachable_host(config.host)
    sign_in = f"{config.base_url}/console/sign-in/{make_link_token(config.secret_keys, clock.now())}"
    return start.Extra(
        children=[
            {
                "name": "shop",
                "argv": [*start.python_command(Path(process.__file__)), *argv],
                "probe": [reach, port, "/"],
            },
        ],
        lines=[
            "",
            f"Open {shop} to see what to try: a chat and an article in a small shop.",
            f"Agents sign in at {sign_in}",
            "Ctrl-C stops the demo; make demo-reset starts it afresh.",
        ],
    )
