"""The start of a server: everything that can be refused is refused here, then this process becomes the supervisor."""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from ..core.config import Config, to_http_url
from ..core.settings_parser import ConfigError
from ..storage import file_lock
from . import database, parent_watch, ports, secret_file, sqlite_version

HERE = Path(__file__).parent
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
#: So that a start is not slowed down by a copy of the whole database.
BACKUP_AFTER_SECONDS = 30
PIPE_BYTES = 60_000


@dataclass
class Extra:
    """What `tilfreds demo` adds to a server: further processes, and lines to print."""

    children: Sequence[Mapping[str, Any]] = ()
    lines: Sequence[str] = ()


@dataclass
class StartPlan:
    keep: list[int] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def prepare(config: Config, *, demo: bool = False) -> StartPlan:
    """Refuse what cannot be served, make the secret, take the lock, bring the schema up to date."""
    if not demo:
        config.check_security()
    start_plan = StartPlan()
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if config.is_sqlite:
        lock = file_lock.acquire(config)
        os.set_inheritable(lock, True)
        start_plan.keep.append(lock)
    start_plan.remarks += secret_file.ensure(config)
    config.with_secrets()
    check_limiter(config)
    ports.probe(config.host, config.port, "PORT")
    ports.probe(config.host, config.live_port, "LIVE_PORT")
    if not demo:
        database.check_not_demo(config)
    start_plan.remarks += database.migrate(config)
    if config.is_sqlite:
        start_plan.remarks += sqlite_version.remark()
    return start_plan


def check_limiter(config: Config) -> None:
    try:
        storage_from_string(config.limiter_url)
    except (ConfigurationError, ValueError) as error:
        raise ConfigError(f"LIMITER_URL cannot be used: {str(error).partition('. ')[0]}.") from error


def supervisor_plan(config: Config, start_plan: StartPlan, extra: Extra) -> dict[str, Any]:
    reach = reachable_host(config.host)
    web = [config.host, config.port, config.web_workers, config.web_threads, config.stop_seconds]
    children: list[Mapping[str, Any]] = [
        {
            "name": "web",
            "argv": script_command("web.py", *map(str, web)),
            "probe": [reach, config.port, "/health/live"],
        },
        {"name": "live", "argv": script_command("live.py"), "probe": [reach, config.live_port, "/live/health"]},
    ]
    if not config.is_sqlite:
        children.append({"name": "worker", "argv": cli_command("worker")})
    return {
        "keep": start_plan.keep,
        "lifeline": parent_watch.VARIABLE,
        "stop_seconds": config.stop_seconds + 1,
        "children": [*children, *extra.children],
        "backup": daily_backup(config),
        "lines": [*greeting_lines(config), *start_plan.remarks, *extra.lines],
    }


def daily_backup(config: Config) -> Mapping[str, Any] | None:
    if not config.is_sqlite or not config.backup_keep_days:
        return None
    return {"folder": str(config.backup_dir), "argv": cli_command("backup", "--daily"), "after": BACKUP_AFTER_SECONDS}


def greeting_lines(config: Config) -> list[str]:
    return [
        f"Tilfreds {version('tilfreds')}",
        f"Database  {config.database_in_words}",
        f"Web       {place_of(config.base_url, to_http_url(config.host, config.port))}",
        f"Live      {place_of(config.live_base_url, to_http_url(config.host, config.live_port))}",
    ]


def place_of(public: str, listening: str) -> str:
    return public if public == listening else f"{public}, listening on {listening}"


def reachable_host(host: str) -> str:
    """An address of this machine at which a server on `host` answers."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def python_command(file: Path) -> list[str]:
    # Without -P the folder of the file would come first, and its neighbours hide modules of the same name.
    return [sys.executable, "-P", str(file)]


def script_command(name: str, *arguments: str) -> list[str]:
    return [*python_command(HERE / name), *arguments]


def cli_command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "widget_server.cli", *arguments]


def become_supervisor(made: Mapping[str, Any], environ: Mapping[str, str]) -> NoReturn:
    """Replace this program by the small one that keeps the processes: same process, same lock, little memory."""
    text = json.dumps(made).encode()
    if len(text) > PIPE_BYTES:
        raise ValueError("the plan does not fit into a pipe")
    reading, writing = os.pipe()
    os.write(writing, text)
    os.close(writing)
    os.set_inheritable(reading, True)
    root = str(HERE.parent.parent)
    paths = [root, *filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))]
    children_environ = {**environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
    # Kept back over the change of programs, where nobody could handle them; supervise.py lets them in again.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    os.execve(sys.executable, [sys.executable, "-I", "-S", str(HERE / "supervise.py"), str(reading)], children_environ)


def serve(config: Config, environ: Mapping[str, str], *, demo: bool = False, extra: Extra | None = None) -> NoReturn:
    start_plan = prepare(config, demo=demo)
    become_supervisor(supervisor_plan(config, start_plan, extra or Extra()), environ)
