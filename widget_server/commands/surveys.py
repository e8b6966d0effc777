"""The commands for surveys."""

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
from .context import API_KEY, reading, require_site, writing

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
SURVEY_HELP = "`tilfreds survey list` shows the SURVEY_ID."


@click.group()
def survey() -> None:
    """Manage surveys."""


def revision_options(command: Any) -> Any:
    """Add the options of a revision to a command."""
    for option in (
        click.option(
            "--look", type=click.Choice(list(LOOKS)), default="faces", show_default=True, help="How the scale looks."
        ),
        click.option(
            "--direction",
            type=click.Choice(list(DIRECTIONS)),
            default="up",
            help="Which end of the scale is best; down: 1 is the easiest.",
        ),
        click.option("--texts", type=EXISTING, help="JSON file by language: question, labels or ends, thanks."),
        click.option(
            "--questions",
            type=EXISTING,
            help="JSON file with a list of follow-up questions (docs/guides/follow-up-questions.md).",
        ),
        click.option("--comment/--no-comment", default=True, help="Offer a comment after the rating."),
        click.option("--screenshot/--no-screenshot", default=False, help="Offer a screenshot after the rating."),
    ):
        command = option(command)
    return command


def load_files(texts: Path | None, questions: Path | None) -> dict[str, Any]:
    """Return the contents of the two files, validated as the API validates them.

    Raises CommandError or Invalid if a file cannot be used.
    """
    contents: dict[str, Any] = {}
    for name, path, kind in (("texts", texts, dict), ("questions", questions, list)):
        contents[name] = parse_json(path.read_bytes()) if path else kind()
        if not isinstance(contents[name], kind):
            raise CommandError(f"{path} must contain a JSON {'object' if kind is dict else 'list'}.")
    return load_fields(NewRevision(only=tuple(contents)), contents)


@survey.command()
@click.argument("site_key")
@click.argument("name")
@click.option(
    "--placement", type=click.Choice(PLACEMENTS), default=PLACEMENTS[0], show_default=True, help="Where it appears."
)
@revision_options
def create(site_key: str, name: str, placement: str, texts: Path | None, questions: Path | None, **fields: Any) -> None:
    """Create a survey for the site SITE_KEY. Tilfreds' own texts replace those left out."""
    fields = {"name": name, "placement": placement, **load_files(texts, questions), **fields}
    with writing("POST /surveys", fields, API_KEY):
        survey, _ = create_survey(require_site(site_key), **fields)
        db.session.commit()
        click.echo(survey.id)


@survey.command(epilog=SURVEY_HELP)
@click.argument("site_key")
@click.argument("survey_id", type=click.UUID)
@revision_options
def revise(site_key: str, survey_id: UUID, texts: Path | None, questions: Path | None, **fields: Any) -> None:
    """Publish a new revision; votes keep the revision that they answered."""
    fields = {**load_files(texts, questions), **fields}
    with writing(f"POST /surveys/{survey_id}/revisions", fields, API_KEY):
        site = require_site(site_key)
        revision = publish_revision(site, find_survey(site.id, survey_id), **fields)
        db.session.commit()
        click.echo(f"{revision.id}  revision {revision.number}")


@survey.command(epilog=SURVEY_HELP)
@click.argument("site_key")
@click.argument("survey_id", type=click.UUID)
def close(site_key: str, survey_id: UUID) -> None:
    """Stop new invitations."""
    set_closed(site_key, survey_id, True)


@survey.command(name="open", epilog=SURVEY_HELP)
@click.argument("site_key")
@click.argument("survey_id", type=click.UUID)
def open_again(site_key: str, survey_id: UUID) -> None:
    """Resume invitations."""
    set_closed(site_key, survey_id, False)


def set_closed(site_key: str, survey_id: UUID, closed: bool) -> None:
    with writing(f"PATCH /surveys/{survey_id}", {"closed": closed}, API_KEY):
        site = require_site(site_key)
        (close_survey if closed else open_survey)(site, find_survey(site.id, survey_id))
        db.session.commit()
        click.echo("Closed." if closed else "Open.")


@survey.command(name="list")
@click.argument("site_key")
def list_surveys(site_key: str) -> None:
    """List the surveys of the site SITE_KEY."""
    with reading():
        surveys = surveys_of(require_site(site_key).id)
        revisions = revisions_of(surveys[0].site_id, [survey.id for survey in surveys]) if surveys else {}
        for survey in surveys:
            newest_revision = revisions[survey.id][-1]
            status = "" if survey.closed_at is None else "  (closed)"
            revision = f"{newest_revision.look}, revision {newest_revision.number}"
            click.echo(f"{survey.id}  {survey.placement:<8}  {revision}  {survey.name}{status}")
