"""The answer of the provider: check that it belongs to the attempt, and exchange its code for claims.

Nothing here touches the database, because nothing waits for the provider inside a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import provider as providers
from .attempt import Attempt
from .id_token import Claims
from .provider import Provider, ProviderError
from .settings import OidcSettings

MAX_CODE_LENGTH = 4_000
MAX_SHOWN_ERROR_LENGTH = 60


@dataclass(frozen=True)
class Answer:
    """The parameters of the redirect back; empty if absent."""

    code: str
    issuer: str
    error: str


def fetch_claims(
    settings: OidcSettings, attempt: Attempt, answer: Answer, *, redirect_uri: str, now: datetime
) -> Claims:
    """Return what the provider says about the person. The claims of the ID token replace those of the user information.

    Raises: ProviderError: the answer or the token is not acceptable, or the provider cannot be reached.
    """
    if (settings.issuer, settings.client_id) != (attempt.issuer, attempt.client_id):
        raise ProviderError("The settings were changed during the sign-in.")
    provider = providers.find_provider(settings)
    _check_answer(provider, settings, answer)
    token_response = providers.exchange_code(
        settings, provider, code=answer.code, verifier=attempt.verifier, redirect_uri=redirect_uri
    )
    id_token, access_token = token_response.get("id_token"), token_response.get("access_token")
    if not isinstance(id_token, str):
        raise ProviderError("The provider sends no ID token. Allow the scope openid for this client.")
    claims = providers.verify_token(settings, provider, id_token, attempt.nonce, now)
    is_complete = "email" in claims and (not settings.groups_claim or settings.groups_claim in claims)
    if is_complete or not provider.userinfo_endpoint or not isinstance(access_token, str):
        return claims
    return {**providers.fetch_userinfo(settings, provider, access_token, claims["sub"]), **claims}


def _check_answer(provider: Provider, settings: OidcSettings, answer: Answer) -> None:
    """Check that the redirect is one of this provider (RFC 9207) and brings a code."""
    if answer.issuer != settings.issuer and (answer.issuer or provider.sends_issuer):
        raise ProviderError("The answer is one of another provider.")
    if answer.error:
        word = answer.error if answer.error.isascii() and answer.error.isprintable() else "an unknown error"
        raise ProviderError(f"The provider did not sign you in: {word[:MAX_SHOWN_ERROR_LENGTH]}.")
    if not 0 < len(answer.code) <= MAX_CODE_LENGTH:
        raise ProviderError("The answer of the provider has no code.")
