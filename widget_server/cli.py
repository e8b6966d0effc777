"""The `tilfreds` command, which combines the parts of the package; no other module imports it."""

import os
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from .core.errors import CommandError, DatabaseUnreachable, DomainError
from .core.settings_parser import ConfigError

#: The exit status after an error that the command explains.
REFUSED = 2
#: Each command's module and attribute. Only the module of the command that runs is imported, because loading all of
#: them takes longer than most commands take to run.
COMMANDS = {
    "serve": "serve:serve",
    "live": "serve:live",
    "worker": "worker:worker",
    "migrate": "backup:migrate",
    "backup": "backup:make_backup",
    "restore": "backup:restore",
    "repeat-erasures": "backup:repeat_erasures",
    "owner": "owner:owner",
    "operator-token": "owner:operator_token",
    "site": "sites:site",
    "key": "keys:key",
    "survey": "surveys:survey",
    "user": "users:user",
    "check": "check:check",
    "why": "why:why",
    "audit": "audit:audit",
    "erase": "data:erase",
    "export": "data:export",
    "import": "imports:import_file",
    "demo": "demo:demo",
}


class Tilfreds(click.Group):
    """A group that loads the command it runs, and prints an error as one sentence without a traceback."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(f".commands.{module}", __package__), attribute)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (ConfigError, CommandError) as error:
            message = str(error)
        except DomainError as error:
            message = error.detail
        except OperationalError as error:
            message = str(DatabaseUnreachable(error))
        click.echo(message, err=True)
        raise click.exceptions.Exit(REFUSED)


@click.group(cls=Tilfreds, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("tilfreds"), prog_name="Tilfreds", message="%(prog)s %(version)s")
def main() -> None:
    """Run and administer a Tilfreds server. Settings are environment variables: docs/operate/production.md."""
    # Whichever command creates a file or folder first, only its owner can read it.
    os.umask(0o077)


if __name__ == "__main__":
    main(prog_name="tilfreds")
