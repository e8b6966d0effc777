"""Factories with good defaults, so that a test states only the values that it is about.

They call the public REST API, so they work with an application of this process and with a running server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from widget_server.core import clock, tokens

from .back_end import Api, done

ORIGIN = "https://shop.example"
_numbers = count(1)
#: A revision that offers reasons after every answer.
REASONED: dict[str, Any] = {
    "questions": [{"id": "why", "kind": "reasons", "choices": ["slow", "kind"]}],
    "texts": {
        "en": {"questions": {"why": {"ask": "Why?", "choices": {"slow": "It was slow", "kind": "They were kind"}}}}
    },
}


@dataclass(frozen=True)
class MadeSite:
    id: UUID
    #: Public, as it is part of the page.
    key: str
    #: The secret with which the owner's back end signs: `tfs_KEYID_...`.
    signing_secret: str
    api_key: str


@dataclass(frozen=True)
class MadeSurvey:
    id: UUID
    revision: UUID


class Make:
    """The factories of one application, which `client` calls and whose keys are `secret_keys`."""

    def __init__(self, client: Any, secret_keys: Sequence[bytes]) -> None:
        self.client = client
        self.secret_keys = secret_keys

    def operator(self) -> Api:
        """Return the API for the operator of the server."""
        expires_at = clock.now() + timedelta(minutes=15)
        return Api(self.client, tokens.sign(self.secret_keys, "tfo", "operator", {}, expires_at))

    def back_end(self, site: MadeSite) -> Api:
        """Return the API for the back end of a site."""
        return Api(self.client, site.api_key)

    def auditor(self, site: MadeSite) -> Api:
        """Return the API with a new key that reads the audit log of a site."""
        fields = {"name": "audit", "scopes": ["audit"]}
        return Api(self.client, done(self.operator().post(f"/sites/{site.key}/api-keys", fields))["api_key"])

    def site(self, **settings: Any) -> MadeSite:
        """Make a site that allows `ORIGIN`. It has no survey, so it asks no visitor."""
        fields = done(self.operator().post("/sites", {"name": "Shop", "allowed_origins": [ORIGIN], **settings}))
        return MadeSite(UUID(fields["id"]), fields["key"], fields["signing_secret"], fields["api_key"])

    def survey(self, site: MadeSite, placement: str = "chat_end", **values: Any) -> MadeSurvey:
        fields = done(self.back_end(site).post("/surveys", {"name": placement, "placement": placement, **values}))
        return MadeSurvey(UUID(fields["id"]), UUID(fields["revisions"][-1]["id"]))

    def agent(self, site: MadeSite, external_id: str = "anna", name: str = "Anna", **fields: Any) -> str:
        done(self.back_end(site).put(f"/agents/{external_id}", {"name": name, **fields}))
        return external_id

    def conversation(self, site: MadeSite, external_id: str = "", **fields: Any) -> str:
        """Make a conversation without messages and return its external id."""
        external_id = external_id or f"c{next(_numbers)}"
        done(self.back_end(site).put(f"/conversations/{external_id}", fields))
        return external_id

    def message(
        self, site: MadeSite, conversation: str, author: str = "visitor", text: str = "Hello", **fields: Any
    ) -> str:
        """Add a message and return its external id."""
        external_id = fields.pop("external_id", None) or f"m{next(_numbers)}"
        message = {"external_id": external_id, "author": author, "text": text, **fields}
        done(self.back_end(site).post(f"/conversations/{conversation}/messages", message))
        return external_id

    def chat(self, site: MadeSite, external_id: str = "", **fields: Any) -> str:
        """Make a conversation with what an invitation requires: a visitor wrote and a person answered."""
        conversation = self.conversation(site, external_id, **fields)
        self.message(site, conversation, "visitor", "My parcel is late.")
        self.message(site, conversation, "agent", "It comes tomorrow.", agent=self.agent(site))
        return conversation

    def end(self, site: MadeSite, conversation: str, **fields: Any) -> Any:
        """End a conversation through the back end. Return the decision: the invitation, or the reason for none."""
        return done(self.back_end(site).post(f"/conversations/{conversation}/end", fields))
