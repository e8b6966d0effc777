"""Visitors, stored when a verified caller names them. Functions flush and never commit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from ..core import clock
from ..core.errors import NotFound
from ..storage.db import db, new_id, table_of
from ..storage.prepared import Transaction
from .models import Visitor

VISITOR = table_of(Visitor)


def find_visitor(site_id: UUID, external_id: str) -> Visitor | None:
    return db.session.scalars(
        select(Visitor).where(Visitor.site_id == site_id, Visitor.external_id == external_id)
    ).one_or_none()


def get_visitor(site_id: UUID, external_id: str) -> Visitor:
    """Return a stored visitor.

    Raises: NotFound: the site has no such visitor.
    """
    visitor = find_visitor(site_id, external_id)
    if visitor is None:
        raise NotFound("Visitor not found.")
    return visitor


def find_visitor_id(transaction: Transaction, site_id: UUID, external_id: str) -> UUID | None:
    """Return the id of a stored visitor, on a Core connection or in the session."""
    query = select(VISITOR.c.id).where(VISITOR.c.site_id == site_id, VISITOR.c.external_id == external_id)
    visitor_id: UUID | None = transaction.execute(query).scalar_one_or_none()
    return visitor_id


def visitor_id_for(transaction: Transaction, site_id: UUID, external_id: str, at: datetime) -> UUID:
    """Return the id of the visitor whom the site's back end or its signature names, stored if new.

    Works on a Core connection and in the session.
    """
    existing_id = find_visitor_id(transaction, site_id, external_id)
    if existing_id is not None:
        of_visitor = (VISITOR.c.site_id == site_id) & (VISITOR.c.id == existing_id)
        transaction.execute(update(VISITOR).where(of_visitor).values(verified_at=at))
        return existing_id
    visitor_id = new_id()
    row = {"site_id": site_id, "id": visitor_id, "external_id": external_id, "created_at": at, "verified_at": at}
    transaction.execute(insert(VISITOR).values(row))
    return visitor_id


def remember_visitor(site_id: UUID, external_id: str) -> Visitor:
    """Return the visitor with this id as a row of the session, stored if new."""
    visitor_id = visitor_id_for(db.session, site_id, external_id, clock.now())
    return db.session.get_one(Visitor, (site_id, visitor_id))
