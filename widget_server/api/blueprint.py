"""The REST API for the owner's back end and for agents' tools; its document and its page are made from the views."""

from __future__ import annotations

from flask import Flask

from . import (
    agents,
    conversations,
    documents,
    health,
    invitations,
    languages,
    messages,
    secrets,
    sites,
    surveys,
    visitors,
    votes,
)
from .base import ExternalId

RESOURCES = (sites, secrets, surveys, languages, agents, conversations, messages, invitations, votes, visitors)


def init_app(app: Flask) -> None:
    """Register every resource, the document of them all, and what watches the server."""
    app.url_map.converters["external"] = ExternalId
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint)
    documents.init_app(app, [resource.blueprint for resource in RESOURCES])
    health.init_app(app)
