"""The `tilfreds` command: put together from the parts; nothing imports it."""

from importlib.metadata import version
from typing import Any

import click
import psycopg
from sqlalchemy.exc import OperationalError

from .config import ConfigError
from .errors import DomainError
from .migrations.run import SchemaError
from .serve import commands, data_commands, demo_command, owner_commands, survey_commands
from .serve.refusals import Refused

REFUSED = 2


class Tilfreds(click.Group):
    """A group whose refusals are one sentence each, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (ConfigError, Refused, SchemaError) as error:
            sentence = str(error)
        except DomainError as error:
            sentence = error.detail
        except (OperationalError, psycopg.OperationalError) as error:
            sentence = f"The database cannot be reached: {reason(error)}"
        click.echo(sentence, err=True)
        raise click.exceptions.Exit(REFUSED)


def reason(error: Exception) -> str:
    """The driver's last line: no statement, no parameters, no password."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or ["no reason given"])[-1].strip()


@click.group(cls=Tilfreds, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("tilfreds"), prog_name="Tilfreds", message="%(prog)s %(version)s")
def main() -> None:
    """Tilfreds asks one question at the right moment. Settings are environment variables: see docs/production.md."""


PARTS = (commands, owner_commands, survey_commands, data_commands)
for command in (*(command for part in PARTS for command in part.COMMANDS), demo_command.demo):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="tilfreds")
