"""A site, the secrets it signs with, and how it wants to be served."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Float, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, new_id


class Site(Model):
    """One web property of the owner. Its `key` is public: it stands in the pasted line."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    #: IANA name; the days of votes are this zone's days.
    time_zone: Mapped[str] = mapped_column(String(64))
    #: Language tags, the default one first.
    languages: Mapped[list[str]] = mapped_column(Json)
    #: Origins such as https://shop.example; a port may be `*`. Pages elsewhere are refused.
    allowed_origins: Mapped[list[str]] = mapped_column(Json)
    #: CSS selector of the element that articles end in; empty where the owner places the tag.
    article_selector: Mapped[str] = mapped_column(String(400), default="")
    #: Where faces stand by themselves (see placement.py); empty where the owner places every tag.
    placement: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: Share of article views that are asked, 0 to 1.
    article_share: Mapped[float] = mapped_column(Float, default=1.0)
    #: What a rule whose facts are unknown does: True asks.
    ask_when_unknown: Mapped[bool] = mapped_column(Boolean, default=True)
    #: The owner's departures from the table of rules, by channel (see invitations/rules.py).
    rules: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: The widget's own words as this site wants them, {language: {key: text}} (see surveys/text_overrides.py).
    texts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: How the card looks (see sites/themes.py); empty where it looks as the widget does by itself.
    theme: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: The chats made by others that its pages listen to: options by the adapter's name (see docs/guides/chats.md).
    adapters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    #: Origins of the pages that may hold `/embed/transcript` in a frame: the owner's helpdesk.
    agent_origins: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    #: Who is credited with an answer: all, closer or last (see invitations/credit.py); frozen when asking.
    credit: Mapped[str] = mapped_column(String(10), default="all", server_default="all")
    #: Whose ratings an agent's token opens: own, team, all or none (see ratings/rights.py) ...
    agents_see: Mapped[str] = mapped_column(String(10), default="own", server_default="own")
    #: ... and how many days after the part of the chat ended.
    agents_see_after_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    #: Grows with each change of site or survey; every process compares it before it serves the file.
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    @property
    def language(self) -> str:
        return self.languages[0]


class SigningSecret(Model):
    """A root secret, encrypted with the server's own; one key for each purpose is derived from it."""

    __tablename__ = "signing_secret"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    #: After this moment nothing that it signed is accepted.
    retired_at: Mapped[datetime | None]
