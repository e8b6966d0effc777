"""The start of a server: all checks run here, then this process becomes the supervisor."""

import json
import os
import signal
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from ..core.config import Config
from ..core.hosts import to_http_url
from ..core.settings_parser import ConfigError
from ..storage import file_lock
from . import database, first_run, heartbeat, parent_watch, ports, secret_file, sqlite_version

HERE = Path(__file__).parent
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
#: A copy of the whole database would slow down the start, so the first check waits.
BACKUP_AFTER_SECONDS = 30
PIPE_BYTES = 60_000
#: A process that does not answer for so long is replaced.
HUNG_SECONDS = 20


@dataclass
class Extra:
    """Additions of `tilfreds demo` to a server: more processes, and lines to print."""

    children: Sequence[Mapping[str, Any]] = ()
    lines: Sequence[str] = ()


@dataclass
class StartPlan:
    """The descriptors that the processes inherit, and warnings for the operator."""

    descriptors: list[int] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    #: The lines that lead to the set-up page of an empty server.
    set_up: list[str] = field(default_factory=list)


def prepare_start(config: Config, *, demo: bool = False) -> StartPlan:
    """Take the lock, create the secret, check the settings and upgrade the schema.

    Raises CommandError or ConfigError if the server cannot start.
    """
    if not demo:
        config.check_security()
    start_plan = StartPlan()
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if config.is_sqlite:
        lock = file_lock.acquire(config)
        os.set_inheritable(lock, True)
        start_plan.descriptors.append(lock)
    start_plan.warnings += secret_file.ensure_secret_file(config)
    config.with_secrets()
    check_limiter(config)
    ports.check_port(config.host, config.port, "PORT")
    ports.check_port(config.host, config.live_port, "LIVE_PORT")
    if not demo:
        database.check_not_demo(config)
    if not config.is_sqlite:
        # Imported here, so that a start on SQLite does not load PostgreSQL's driver.
        start_plan.warnings += import_module(".postgresql", __package__).check_postgresql(config)
    start_plan.warnings += [*database.migrate(config), *secret_file.secret_warnings(config)]
    if not demo:
        start_plan.set_up += first_run.set_up_lines(config)
    if config.is_sqlite:
        start_plan.warnings += [*sqlite_version.version_warnings(), *file_mode_warnings(config)]
    return start_plan


def file_mode_warnings(config: Config) -> list[str]:
    """Return a warning if other users of this machine can reach and read the database file."""
    path = config.sqlite_path
    if not (path.parent.stat().st_mode & stat.S_IXOTH and path.stat().st_mode & stat.S_IROTH):
        return []
    return [f"The database {path} can be read by other users of this machine: run chmod 600 {path}."]


def check_limiter(config: Config) -> None:
    try:
        storage_from_string(config.limiter_url)
    except (ConfigurationError, ValueError) as error:
        raise ConfigError(f"LIMITER_URL cannot be used: {str(error).partition('. ')[0]}.") from error


def make_supervisor_plan(config: Config, start_plan: StartPlan, extra: Extra) -> dict[str, Any]:
    """Return the plan that `supervise.py` reads as JSON."""
    host = reachable_host(config.host)
    web = [config.host, config.port, config.web_workers, config.web_threads, config.stop_seconds]
    children: list[Mapping[str, Any]] = [
        {
            "name": "web",
            "argv": script_command("web.py", *map(str, web)),
            "probe": [host, config.port, "/health/live"],
        },
        {"name": "live", "argv": script_command("live.py"), "probe": [host, config.live_port, "/live/health"]},
    ]
    if not config.is_sqlite:
        children.append({"name": "worker", "argv": cli_command("worker")})
    return {
        "descriptors": start_plan.descriptors,
        "lifeline": parent_watch.VARIABLE,
        "heartbeat": heartbeat.VARIABLE,
        "hung_seconds": HUNG_SECONDS,
        "stop_seconds": config.stop_seconds + 1,
        "children": [*children, *extra.children],
        "backup": backup_plan(config),
        "lines": [*greeting_lines(config), *start_plan.warnings, *start_plan.set_up, *extra.lines],
    }


def backup_plan(config: Config) -> Mapping[str, Any] | None:
    if not config.is_sqlite or not config.backup_keep_days:
        return None
    return {"folder": str(config.backup_dir), "argv": cli_command("backup", "--daily"), "after": BACKUP_AFTER_SECONDS}


def greeting_lines(config: Config) -> list[str]:
    return [
        f"Tilfreds {version('tilfreds')}",
        f"Database  {config.database_in_words}",
        f"Web       {describe_address(config.base_url, to_http_url(config.host, config.port))}",
        f"Live      {describe_address(config.live_base_url, to_http_url(config.host, config.live_port))}",
    ]


def describe_address(public_url: str, local_url: str) -> str:
    return public_url if public_url == local_url else f"{public_url}, listening on {local_url}"


def reachable_host(host: str) -> str:
    """Return an address of this machine at which a server on `host` answers."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def python_command(file: Path) -> list[str]:
    # Without -P the file's folder would come first on the path, and its files would hide modules of the same name.
    return [sys.executable, "-P", str(file)]


def script_command(name: str, *arguments: str) -> list[str]:
    return [*python_command(HERE / name), *arguments]


def cli_command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "widget_server.cli", *arguments]


def become_supervisor(plan: Mapping[str, Any], environ: Mapping[str, str]) -> NoReturn:
    """Replace this program with the supervisor: the same process and lock, but little memory."""
    text = json.dumps(plan).encode()
    if len(text) > PIPE_BYTES:
        raise ValueError("the plan does not fit into a pipe")
    reading, writing = os.pipe()
    os.write(writing, text)
    os.close(writing)
    os.set_inheritable(reading, True)
    root = str(HERE.parent.parent)
    paths = [root, *filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))]
    children_environ = {**environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
    # No handler exists while one program replaces the other, so signals wait until supervise.py unblocks them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    os.execve(sys.executable, [sys.executable, "-I", "-S", str(HERE / "supervise.py"), str(reading)], children_environ)


def start_server(
    config: Config, environ: Mapping[str, str], *, demo: bool = False, extra: Extra | None = None
) -> NoReturn:
    start_plan = prepare_start(config, demo=demo)
    become_supervisor(make_supervisor_plan(config, start_plan, extra or Extra()), environ)
