"""The route /import."""

from __future__ import annotations

from typing import Any

from flask import g

from ...auth.access import requires
from ...core.errors import DomainError, Invalid
from ...ratings.history_import import import_conversation
from ...sites.service import find_site
from ...storage.db import db
from ...web.schema_loading import load_fields
from ..base import Resource, check_external_id, read_json_body
from .schemas import MAX_CONVERSATIONS, ConversationImport, ImportIn, ImportOut, to_imported

blueprint = Resource("imports", "Conversations and ratings of another system.")
CONVERSATION = ConversationImport()
BODY = {"content": {"application/json": {"schema": ImportIn}}, "required": True}


@blueprint.route("/import", methods=["POST"])
@requires("api_key", "write")
@blueprint.doc(requestBody=BODY)
@blueprint.response(200, ImportOut)
def post_import() -> dict[str, Any]:
    """Import up to 100 conversations of another system, with their ratings.

    No visitor is asked about them, and the ratings are marked as imported. Each conversation is stored by itself, so a
    wrong one does not stop the others. Repeating the call adds only what is missing.
    """
    imported, rejected = [], []
    for position, item in enumerate(read_conversations()):
        try:
            imported.append(import_item(item))
        except DomainError as error:
            db.session.rollback()
            external_id = item.get("external_id") if isinstance(item, dict) else None
            rejected.append({"position": position, "external_id": external_id, **error_out(error)})
    return {"imported": imported, "rejected": rejected}


def read_conversations() -> list[Any]:
    """Return the conversations of the body, not yet validated. Raise Invalid if it is not a list of them."""
    body = read_json_body()
    for name in body if isinstance(body, dict) else ():
        if name != "conversations":
            raise Invalid("Unknown field.", pointer=f"/{name}")
    items = body.get("conversations") if isinstance(body, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_CONVERSATIONS:
        detail = f"Body must be an object with `conversations`, a list of 1 to {MAX_CONVERSATIONS} items."
        raise Invalid(detail, pointer="/conversations")
    return items


def import_item(item: Any) -> dict[str, Any]:
    """Store one conversation in a transaction. Raise DomainError if it is invalid."""
    imported = to_imported(load_fields(CONVERSATION, item))
    check_external_id(imported.external_id)
    counts = import_conversation(find_site(g.site_id), imported)
    db.session.commit()
    return {"external_id": imported.external_id, **vars(counts)}


def error_out(error: DomainError) -> dict[str, Any]:
    return {"code": error.code, "detail": error.detail, "pointer": error.pointer}
