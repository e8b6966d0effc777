"""The session, the declarative base and the column types of all tables.

`db.session` chooses the engine by the access that the route declares (`auth/access.py`); outside a request it writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uuid_utils.compat
from flask import Flask, current_app, g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import JSON, Engine, MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from ..core import clock
from .column_types import UtcDateTime
from .engines import Engines, attach_handlers, engine_options

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = Uuid(as_uuid=True)


def current_time() -> datetime:
    """Return the present moment for the default of a column, which would keep a clock that a test replaces."""
    return clock.now()


def new_id() -> UUID:
    """Return a UUIDv7: random enough not to collide, ordered enough to index well."""
    return uuid_utils.compat.uuid7()


class Base(DeclarativeBase):
    """The declarative base.

    Its constraints are named, so that migrations on both databases can drop them by name.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RoutedSession(Session):
    """A session on the engine that the route's access policy needs.

    It is `read` if the route only reads, else `write`.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine:
        reads_only = has_request_context() and getattr(g, "access", "write") == "read"
        return engines().read if reads_only else engines().write


#: The key of an application's engines in its `extensions`.
ENGINES = "tilfreds_engines"
db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession, "expire_on_commit": False})


def secret_keys() -> tuple[bytes, ...]:
    """Return the secret keys of the application, newest first."""
    keys: tuple[bytes, ...] = tuple(current_app.config["SECRET_KEYS"])
    return keys


def engines() -> Engines:
    """Return the engines of the current application."""
    return engines_of(current_app)


def engines_of(app: Flask) -> Engines:
    """Return the engines of an application, also outside its context."""
    app_engines: Engines = app.extensions[ENGINES]
    return app_engines


def init_app(app: Flask, url: str, *, read_only: bool = False, direct_url: str = "") -> None:
    """Set up the session and engines of an application.

    On SQLite, `read_only` leaves out the writing connection. With a `direct_url`, `url` is a pooler.
    """
    app.config["SQLALCHEMY_BINDS"] = engine_options(url, read_only=read_only, is_pooled=bool(direct_url))
    db.init_app(app)
    with app.app_context():
        app.extensions[ENGINES] = attach_handlers(db.engines, read_only=read_only, direct_url=direct_url)


if TYPE_CHECKING:

    class Model(Base):
        """The base class of all models."""

else:
    Model = db.Model
    Model.registry.update_type_annotation_map({datetime: UtcDateTime, UUID: Id})


def table_of(model: type[Any]) -> Table:
    """Return the table of a model, for statements of SQLAlchemy Core."""
    table: Table = model.__table__
    return table
