"""The model of refused sign-ins that are counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model


class RefusedSignIn(Model):
    """The number of refused sign-ins in one hour with addresses that no account has."""

    __tablename__ = "refused_sign_in"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
