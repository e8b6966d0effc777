"""Schemas of signing secrets and API keys."""

from __future__ import annotations

from marshmallow import fields

from ...accounts.scopes import DEFAULT_SCOPES, SCOPES
from ...web.fields import Boolean, Integer, ListOf, Strict, Text, Timestamp
from ..fields import At, Out, word

MAX_OVERLAP_HOURS = 90 * 24


class SigningSecretOut(Out):
    """A new signing secret, which is shown only once."""

    signing_secret = fields.String()


class StoredSecretOut(Out):
    """A signing secret without its text."""

    key_id = fields.String()
    created_at = At()
    retired_at = At(metadata={"description": "From then on, its signatures are rejected; null: not planned."})


class SigningSecretsOut(Out):
    """The signing secrets of a site."""

    signing_secrets = fields.List(fields.Nested(StoredSecretOut))


class Rotation(Strict):
    """How long a key works beside its successor."""

    overlap_hours = Integer(min_value=0, max_value=MAX_OVERLAP_HOURS, load_default=24)


class NewSecretsOut(SigningSecretOut):
    """The secrets after a revocation, which are shown only once."""

    api_key = fields.String()


class SigningSecretChange(Strict):
    """The retirement of an older signing secret."""

    retired = Boolean(required=True, metadata={"description": "`true` rejects its signatures from now on."})


class NewApiKey(Strict):
    """A new key for a back end."""

    name = Text(max_length=100, min_length=1, line=True, required=True)
    scopes = ListOf(
        Text(max_length=20, line=True),
        max_length=len(SCOPES),
        min_length=1,
        load_default=lambda: list(DEFAULT_SCOPES),
        metadata={"description": f"Of: {', '.join(SCOPES)}; default: all but `audit`."},
    )
    expires_at = Timestamp(
        allow_none=True, load_default=None, metadata={"description": "The key is invalid from then on; null: never."}
    )


class ApiKeyOut(Out):
    """An API key without its secret text."""

    id = fields.UUID()
    name = fields.String()
    scopes = fields.List(word(SCOPES))
    created_at = At()
    created_by = fields.String(metadata={"description": "The user, operator or command that created it."})
    expires_at = At()
    last_used_at = At(metadata={"description": "To the hour; null if it was never used."})
    revoked_at = At()


class NewApiKeyOut(ApiKeyOut):
    """A new API key with its secret text, which is shown only once."""

    api_key = fields.String()


class ApiKeysOut(Out):
    """The API keys of a site."""

    api_keys = fields.List(fields.Nested(ApiKeyOut))
