"""The commands for what is asked."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from ..api.surveys.schemas import NewRevision
from ..core.errors import CommandError
from ..storage.db import db
from ..surveys.models import PLACEMENTS
from ..surveys.revisions import revisions_of
from ..surveys.scales import DIRECTIONS, LOOKS
from ..surveys.service import close_survey, create_survey, find_survey, open_survey, publish_revision, surveys_of
from ..web.schema_loading import load_fields
from ..web.strict_json import parse_json
from .context import API_KEY, reading, site_named, writing

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
SURVEY_HELP = "SURVEY_ID is what `tilfreds survey list` shows."


@click.group()
def survey() -> None:
    """Surveys: what is asked, and where."""


def wording(command: Any) -> Any:
    """The options of a wording."""
    for option in (
        click.option("--look", type=click.Choice(list(LOOKS)), default="faces", show_default=True),
        click.option("--direction", type=click.Choice(list(DIRECTIONS)), default="up", help="down: 1 is the easiest."),
        click.option("--texts", type=EXISTING, help="JSON by language: question, labels or ends, thanks."),
        click.option(
            "--questions",
            type=EXISTING,
            help="JSON: a list of follow-up questions (docs/guides/follow-up-questions.md).",
        ),
        click.option("--comment/--no-comment", default=True, help="Whether a comment is offered after the press."),
        click.option("--screenshot/--no-screenshot", default=False, help="Whether a screenshot may be added after it."),
    ):
        command = option(command)
    return command


def written(texts: Path | None, questions: Path | None) -> dict[str, Any]:
    """What the two files hold, as strictly as the API reads it."""
    held: dict[str, Any] = {}
    for name, path, kind in (("texts", texts, dict), ("questions", questions, list)):
        held[name] = parse_json(path.read_bytes()) if path else kind()
        if not isinstance(held[name], kind):
            raise CommandError(f"{path} holds no JSON {'object' if kind is dict else 'list'}.")
    return load_fields(NewRevision(only=tuple(held)), held)


@survey.command()
@click.argument("site_key")
@click.argument("name")
@click.option("--placement", type=click.Choice(PLACEMENTS), default=PLACEMENTS[0], show_default=True)
@wording
def create(site_key: str, name: str, placement: str, texts: Path | None, questions: Path | None, **fields: Any) -> None:
    """Make a survey for the site SITE_KEY. Words left out are the product's own."""
    fields = {"name": name, "placement": placement, **written(texts, questions), **fields}
    with writing("POST /surveys", fields, API_KEY):
        made, _ = create_survey(site_named(site_key), **fields)
        db.session.commit()
        click.echo(made.id)


@survey.command(epilog=SURVEY_HELP)
@click.argument("site_key")
@click.argument("survey_id", type=click.UUID)
@wording
def revise(site_key: str, survey_id: UUID, texts: Path | None, questions: Path | None, **fields: Any) -> None:
    """Publish a new wording; votes keep the one that they answered."""
    fields = {**written(texts, questions), **fields}
    with writing(f"POST /surveys/{survey_id}/revisions", fields, API_KEY):
        site = site_named(site_key)
        made = publish_revision(site, find_survey(site.id, survey_id), **fields)
        db.session.commit()
        click.echo(f"{made.id}  revision {made.number}")


@survey.command(epilog=SURVEY_HELP)
@click.argument("site_key")
@click.argument("survey_id", type=click.UUID)
def close(site_key: str, survey_id: UUID) -> None:
    """Ask nobody anew."""
    set_closed(site_key, survey_id, True)


@survey.command(name="open", epilog=SURVEY_HELP)
@click.argument("site_key")
@click.argument("survey_id", type=click.UUID)
def open_again(site_key: str, survey_id: UUID) -> None:
    """Ask again."""
    set_closed(site_key, survey_id, False)


def set_closed(site_key: str, survey_id: UUID, closed: bool) -> None:
    with writing(f"PATCH /surveys/{survey_id}", {"closed": closed}, API_KEY):
        site = site_named(site_key)
        (close_survey if closed else open_survey)(site, find_survey(site.id, survey_id))
        db.session.commit()
        click.echo("Closed." if closed else "Open.")


@survey.command(name="list")
@click.argument("site_key")
def list_surveys(site_key: str) -> None:
    """Name the surveys of the site SITE_KEY."""
    with reading():
        surveys = surveys_of(site_named(site_key).id)
        revisions = revisions_of(surveys[0].site_id, [found.id for found in surveys]) if surveys else {}
        for found in surveys:
            newest = revisions[found.id][-1]
            status = "" if found.closed_at is None else "  (closed)"
            asked = f"{newest.look}, revision {newest.number}"
            click.echo(f"{found.id}  {found.placement:<8}  {asked}  {found.name}{status}")
