"""The command that serves a demo: a seeded site in a separate database, and a shop that uses it."""

import dataclasses
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from ..accounts.sign_in import link_address
from ..core import clock
from ..core.config import Config
from ..core.hosts import to_http_url
from ..demo import process
from ..demo.seed import seed
from ..serve import database, ports, start
from ..storage import file_lock

FOLDER = "demo"
FILE = "demo.sqlite3"
#: Web, live and shop, on consecutive ports.
PORTS = 3
#: Settings that the demo takes from the environment. It ignores the others, which may be those of a real server.
SHARED_SETTINGS = ("DATA_DIR", "HOST", "PORT", "DEBUG", "LOG_LEVEL")
IGNORED_SETTINGS = {field.name.upper() for field in dataclasses.fields(Config)} - set(SHARED_SETTINGS)


@click.command()
@click.option("--reset", is_flag=True, help="Delete all data of the demo first.")
def demo(reset: bool) -> None:
    """Serve a demo site with a shop, an article and a chat, on the next free ports from PORT on."""
    environ = demo_environ(os.environ)
    config = Config.from_environ(environ)
    if reset:
        empty_folder(config)
    port = ports.find_free_ports(config.host, config.port, PORTS)
    environ["PORT"] = str(port)
    config = Config.from_environ(environ)
    start_plan = start.prepare_start(config, demo=True)
    config = config.with_secrets()
    # Marked before it is filled, so that an interrupted demo is recognized as one.
    database.mark_demo(config)
    keys_file = seed(config)
    # Warnings for operators would only separate the addresses from the user's command.
    start_plan.warnings = []
    plan = start.make_supervisor_plan(config, start_plan, describe_shop(config, port + PORTS - 1, keys_file))
    start.become_supervisor({**plan, "backup": None}, environ)


def demo_environ(environ: Mapping[str, str]) -> dict[str, str]:
    shared = {name: value for name, value in environ.items() if name.removesuffix("_FILE") not in IGNORED_SETTINGS}
    folder = (Config.from_environ(shared).data_dir / FOLDER).absolute()
    # A log line for each request would push the addresses off the screen.
    log_level = {"LOG_LEVEL": "warning"} if not environ.get("LOG_LEVEL") else {}
    return {**shared, **log_level, "DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / FILE}"}


def empty_folder(config: Config) -> None:
    """Empty the demo's folder. Raises CommandError while a demo runs in it."""
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file_lock.write_access(config):
        for path in config.data_dir.iterdir():
            if path == file_lock.lock_path(config):
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def describe_shop(config: Config, port: int, keys_file: Path) -> start.Extra:
    shop_url = to_http_url(config.host, port)
    argv = [config.host, str(port), config.base_url, str(keys_file.absolute()), config.widget_file]
    probe_host = start.reachable_host(config.host)
    sign_in_url = link_address(config.base_url, config.secret_keys, clock.now())
    return start.Extra(
        children=[
            {
                "name": "shop",
                "argv": [*start.python_command(Path(process.__file__)), *argv],
                "probe": [probe_host, port, "/"],
            },
        ],
        lines=[
            "",
            f"Open {shop_url} to try a chat and an article in a small shop.",
            f"Agents sign in at {sign_in_url}",
            "Press Ctrl-C to stop the demo; run make demo-reset to start with fresh data.",
        ],
    )
