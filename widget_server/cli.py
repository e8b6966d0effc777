"""The `tilfreds` command: put together from the parts; nothing imports it."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from .core.errors import CommandError, DatabaseUnreachable, DomainError
from .core.settings_parser import ConfigError

REFUSED = 2


#: Each command and where it is. Only the module of the command that runs is imported: all of them together take longer
#: to load than most commands take to run.
COMMANDS = {
    "serve": "serve:serve",
    "live": "serve:live",
    "worker": "worker:worker",
    "migrate": "backup:migrate",
    "backup": "backup:make_backup",
    "restore": "backup:restore",
    "owner": "owner:owner",
    "operator-token": "owner:operator_token",
    "site": "sites:site",
    "key": "keys:key",
    "survey": "surveys:survey",
    "check": "check:check",
    "erase": "data:erase",
    "export": "data:export",
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
            sentence = str(error)
        except DomainError as error:
            sentence = error.detail
        except OperationalError as error:
            sentence = str(DatabaseUnreachable(error))
        click.echo(sentence, err=True)
        raise click.exceptions.Exit(REFUSED)


@click.group(cls=Tilfreds, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("tilfreds"), prog_name="Tilfreds", message="%(prog)s %(version)s")
def main() -> None:
    """Ask one question at the right moment. Settings are environment variables: docs/operate/production.md."""


if __name__ == "__main__":
    main(prog_name="tilfreds")
