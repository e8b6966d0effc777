"""Tables of sites and their signing secrets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.redaction import DEFAULT_KINDS
from ..core.retention import DEFAULT_DAYS
from ..storage.db import Json, Model, new_id


class Site(Model):
    """A website or product of the owner. Its `key` is public: it is part of the pasted tag."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("key"), Index("ix_site_name", "name", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    #: IANA name. The day of a vote is the day in this zone.
    time_zone: Mapped[str] = mapped_column(String(64))
    #: Language tags, the default one first.
    languages: Mapped[list[str]] = mapped_column(Json)
    #: Origins such as https://shop.example or capacitor://localhost, in the form of origins.py. Others are rejected.
    allowed_origins: Mapped[list[str]] = mapped_column(Json)
    #: CSS selector of the element that contains an article; empty if the owner places the tag.
    article_selector: Mapped[str] = mapped_column(String(400), default="")
    #: Automatic placement of the card (see placement.py); empty if the owner places every tag.
    placement: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: Share of article views that are asked, 0 to 1.
    article_share: Mapped[float] = mapped_column(Float, default=1.0)
    #: Whether a rule asks when the facts that it needs are unknown.
    ask_when_unknown: Mapped[bool] = mapped_column(Boolean, default=True)
    #: The owner's changes to the default rules, by channel (see invitations/rules.py).
    rules: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: The site's overrides of the widget's texts, {language: {key: text}} (see surveys/text_overrides.py).
    texts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: The appearance of the card (see sites/themes.py); empty for the default theme.
    theme: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: The other vendors' chats that its pages listen to: options by adapter name (see docs/guides/chats.md).
    adapters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    #: Origins of the pages that may embed `/embed/transcript` in a frame, such as the owner's helpdesk.
    agent_origins: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    #: The agents who get the credit: all, closer or last (see invitations/credit.py); fixed when the visitor is asked.
    credit: Mapped[str] = mapped_column(String(10), default="all", server_default="all")
    #: The ratings that an agent token opens: own, team, all or none (see conversations/visibility.py) ...
    agents_see: Mapped[str] = mapped_column(String(10), default="own", server_default="own")
    #: ... and how many days after the end of the segment.
    agents_see_after_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    #: Whether analysts see names, contacts, message texts and screenshots of visitors.
    analysts_see_personal: Mapped[bool] = mapped_column(Boolean, default=False)
    #: What is masked in the words of visitors before they are stored (core/redaction.py).
    redaction: Mapped[list[str]] = mapped_column(Json, default=lambda: list(DEFAULT_KINDS))
    #: Days for which each kind of data is kept (core/retention.py). A kind without days is kept.
    retention: Mapped[dict[str, int]] = mapped_column(Json, default=lambda: dict(DEFAULT_DAYS))
    #: The last day of which ratings were deleted. Counters of days until then exceed the rows.
    ratings_deleted_until: Mapped[date | None] = mapped_column(Date)
    #: Whether people need a second factor to open the site in the console (see sites/second_factor.py).
    second_factor_required: Mapped[bool] = mapped_column(Boolean, default=False)
    #: Grows with each change of the site or a survey. Every process compares it before it serves the file.
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    #: Agent tokens and streams whose first token was made before this moment are refused.
    tokens_valid_after: Mapped[datetime | None]

    @property
    def language(self) -> str:
        return self.languages[0]


class SigningSecret(Model):
    """A root secret, encrypted with the server's secret. One key for each purpose is derived from it."""

    __tablename__ = "signing_secret"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    #: From this moment on, signatures of this secret are rejected.
    retired_at: Mapped[datetime | None]


class SiteContact(Model):
    """The page on which a visitor last saw faces of a site, without query and visitor. Written every few seconds."""

    __tablename__ = "site_contact"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(300))
    #: The path of the page; empty where only its origin is known, such as after a chat.
    path: Mapped[str] = mapped_column(String(500))
    seen_at: Mapped[datetime]
