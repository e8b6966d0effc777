"""The command that says why a visitor was not asked."""

import click

from ..conversations.queries import get_conversation
from ..page_checks.causes import describe
from ..page_checks.history import explain_conversation
from .context import reading, require_site


@click.command()
@click.argument("site_key")
@click.argument("conversation_id")
def why(site_key: str, conversation_id: str) -> None:
    """Say why the visitor of a conversation was not asked, and what to do.

    CONVERSATION_ID is the id that your back end gave it. The newest segment is first.
    """
    with reading():
        conversation = get_conversation(require_site(site_key).id, conversation_id)
        for opened_at, finding in explain_conversation(conversation):
            message, fix = describe(finding, str)
            click.echo(f"{opened_at:%Y-%m-%d %H:%M} UTC  {message}\n{fix}")
