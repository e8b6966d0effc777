"""The signing secrets and API keys of a site."""

from __future__ import annotations

from marshmallow import fields

from ...web.fields import Boolean, ListOf, Strict, Text
from ..fields import At, Out


class SigningSecretOut(Out):
    """What the site's back end signs with; shown this once."""

    signing_secret = fields.String()


class SigningSecretChange(Strict):
    """When an older secret ends."""

    retired = Boolean(required=True, metadata={"description": "true: nothing that it signed is accepted from now on."})


class NewApiKey(Strict):
    """A key for a back end."""

    name = Text(max_length=100, min_length=1, line=True, required=True)
    scopes = ListOf(Text(max_length=10, line=True), max_length=2, min_length=1, load_default=lambda: ["read", "write"])


class ApiKeyOut(Out):
    """A key, without its text."""

    id = fields.UUID()
    name = fields.String()
    scopes = fields.List(fields.String())
    created_at = At()
    revoked_at = At()


class NewApiKeyOut(ApiKeyOut):
    """A new key with its text, which is shown this once."""

    api_key = fields.String()


class ApiKeysOut(Out):
    """The keys of a site."""

    api_keys = fields.List(fields.Nested(ApiKeyOut))
