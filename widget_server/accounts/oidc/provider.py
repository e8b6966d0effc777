"""What a provider says about itself: its addresses (discovery) and its keys, kept in this process for an hour."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from ...core.errors import Unavailable
from ...outbound import http_client
from ...outbound.deliveries import DeliveryError
from .id_token import BadIdToken, Claims, Expected, Jwk, UnknownKey, check_id_token
from .settings import OidcSettings, is_safe_address

DISCOVERY_PATH = "/.well-known/openid-configuration"
LIFETIME_SECONDS = 3_600
#: An unknown key id, which any token can have, causes a request at most this often.
REFETCH_SECONDS = 60
MAX_WAITING = 6
LIMITS = http_client.Limits(max_bytes=256 * 1024)
Value = TypeVar("Value")
_slots = threading.BoundedSemaphore(MAX_WAITING)


class ProviderError(Exception):
    """The provider cannot be reached, or its answer is not acceptable. The text is a sentence for owners."""


@dataclass(frozen=True)
class Provider:
    """The addresses of a provider."""

    authorization_endpoint: str
    token_endpoint: str
    keys_address: str
    userinfo_endpoint: str
    #: Whether its redirects name the issuer (RFC 9207).
    sends_issuer: bool
    #: How this server may send its secret; empty for the default.
    auth_methods: Sequence[str]


@contextmanager
def provider_slot() -> Iterator[None]:
    """Let a few requests wait for the provider at once, as each occupies a thread that votes need.

    Raises: Unavailable: all slots are in use.
    """
    if not _slots.acquire(blocking=False):
        raise Unavailable("Too many people are signing in. Try again in a moment.", retry_after=5)
    try:
        yield
    finally:
        _slots.release()


class _Cache(Generic[Value]):
    """The answer of the present address; one thread asks for it while others wait."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: dict[str, tuple[float, Value]] = {}

    def find(self, key: str, load: Callable[[], Value], max_age: float = LIFETIME_SECONDS) -> Value:
        with self.lock:
            loaded_at, value = self.entries.get(key, (0.0, None))
            if value is None or time.monotonic() - loaded_at >= max_age:
                value = load()
                # An entry of a provider that an owner has replaced would never be removed.
                self.entries = {key: (time.monotonic(), value)}
            return value


_providers: _Cache[Provider] = _Cache()
_keys: _Cache[list[Jwk]] = _Cache()


def forget_providers() -> None:
    """Forget all answers, after a change of the settings."""
    _providers.entries, _keys.entries = {}, {}


def find_provider(settings: OidcSettings) -> Provider:
    """Return the addresses of the provider.

    Raises: ProviderError: it cannot be reached, or is another one than the settings name.
    """
    return _providers.find(settings.issuer, lambda: _discover(settings))


def verify_token(settings: OidcSettings, provider: Provider, token: str, nonce: str, now: datetime) -> Claims:
    """Return the claims of an ID token. Ask for the provider's keys again if the token names a new one.

    Raises: ProviderError: the token is not acceptable.
    """
    expected = Expected(settings.issuer, settings.client_id, nonce)
    try:
        try:
            return check_id_token(token, _find_keys(settings, provider, LIFETIME_SECONDS), expected, now)
        except UnknownKey:
            return check_id_token(token, _find_keys(settings, provider, REFETCH_SECONDS), expected, now)
    except BadIdToken as error:
        raise ProviderError(f"The ID token of the provider is not acceptable: {error}.") from error


def exchange_code(
    settings: OidcSettings, provider: Provider, *, code: str, verifier: str, redirect_uri: str
) -> Mapping[str, Any]:
    """Return the tokens for a code.

    Raises: ProviderError: the provider refused it, or cannot be reached.
    """
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    fields |= {"client_id": settings.client_id, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if settings.client_secret and "client_secret_post" in provider.auth_methods:
        fields["client_secret"] = settings.client_secret
    elif settings.client_secret:
        # The parts are percent-encoded before they are joined (RFC 6749, section 2.3.1).
        pair = f"{quote(settings.client_id, '')}:{quote(settings.client_secret, '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    body = "&".join(f"{name}={quote(value, '')}" for name, value in fields.items()).encode()
    return _request(settings, "POST", provider.token_endpoint, headers, body)


def fetch_userinfo(settings: OidcSettings, provider: Provider, access_token: str, subject: str) -> Claims:
    """Return the claims that the provider keeps out of the ID token; none of another person.

    Raises: ProviderError: the provider refused, or answers about another person.
    """
    claims = _request(settings, "GET", provider.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
    if claims.get("sub") != subject:
        raise ProviderError("The provider's user information is about another person.")
    return claims


def _find_keys(settings: OidcSettings, provider: Provider, max_age: float) -> list[Jwk]:
    return _keys.find(provider.keys_address, lambda: _load_keys(settings, provider), max_age)


def _load_keys(settings: OidcSettings, provider: Provider) -> list[Jwk]:
    keys = _request(settings, "GET", provider.keys_address).get("keys")
    if not isinstance(keys, list):
        raise ProviderError("The provider publishes no keys.")
    return [key for key in keys if isinstance(key, dict)]


def _discover(settings: OidcSettings) -> Provider:
    answer = _request(settings, "GET", settings.issuer.rstrip("/") + DISCOVERY_PATH)
    if answer.get("issuer") != settings.issuer:
        own_name = str(answer.get("issuer"))[:200]
        raise ProviderError(f"The provider calls itself {own_name}. Enter exactly this address as its issuer.")
    methods = answer.get("token_endpoint_auth_methods_supported")
    sends_issuer = answer.get("authorization_response_iss_parameter_supported") is True
    return Provider(
        authorization_endpoint=_read_address(answer, "authorization_endpoint"),
        token_endpoint=_read_address(answer, "token_endpoint"),
        keys_address=_read_address(answer, "jwks_uri"),
        userinfo_endpoint=_read_address(answer, "userinfo_endpoint") if answer.get("userinfo_endpoint") else "",
        sends_issuer=sends_issuer,
        auth_methods=methods if isinstance(methods, list) else [],
    )


def _read_address(answer: Mapping[str, Any], name: str) -> str:
    url = answer.get(name)
    if not isinstance(url, str) or not is_safe_address(url):
        raise ProviderError(f"The provider's {name} is not an https address.")
    return url


def _request(
    settings: OidcSettings, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> dict[str, Any]:
    """Return the JSON object that an address of the provider answers with."""
    try:
        response = http_client.request(
            method, url, headers=headers, body=body, reach=settings.reach_of(url), limits=LIMITS
        )
    except DeliveryError as error:
        raise ProviderError(error.text) from error
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError):
        answer = None
    if response.status != 200 or not isinstance(answer, dict):
        code = answer.get("error") if isinstance(answer, dict) else None
        words = f" ({code})" if isinstance(code, str) and code.isascii() and code.isprintable() else ""
        raise ProviderError(f"{url.partition('?')[0]} answers with status {response.status}{words[:60]}.")
    return answer
