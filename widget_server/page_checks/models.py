"""The table of checks that people start in the console."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id

MAX_ADDRESS_LENGTH = 2000


class PageCheck(Model):
    """A check of one page, from the server or in the page itself. Deleted after a day."""

    __tablename__ = "page_check"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: The address that the person entered.
    address: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH))
    created_at: Mapped[datetime]
    #: When the server had read the page, or when the page last reported.
    checked_at: Mapped[datetime | None]
    #: [code, values] of each finding; null before the first result.
    findings: Mapped[list[Any] | None] = mapped_column(Json)
