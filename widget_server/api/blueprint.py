"""The REST API for the owner's back end and for agents' tools, with its OpenAPI document."""

from __future__ import annotations

from flask import Flask

from .agents import views as agents
from .audit import views as audit
from .base import ExternalId
from .conversations import views as conversations
from .health import views as health
from .imports import views as imports
from .invitations import views as invitations
from .languages import views as languages
from .messages import views as messages
from .reference import views as documents
from .reports import views as reports
from .secrets import views as secrets
from .sites import views as sites
from .surges import views as surges
from .surveys import views as surveys
from .teams import views as teams
from .users import views as users
from .visitors import views as visitors
from .votes import views as votes

RESOURCES = (
    sites,
    secrets,
    teams,
    users,
    surveys,
    languages,
    agents,
    conversations,
    messages,
    imports,
    invitations,
    votes,
    surges,
    reports,
    visitors,
    audit,
)


def init_app(app: Flask) -> None:
    """Register every resource, their document, and the health and metrics routes."""
    app.url_map.converters["external"] = ExternalId
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint)
    documents.init_app(app, [resource.blueprint for resource in RESOURCES])
    health.init_app(app)
