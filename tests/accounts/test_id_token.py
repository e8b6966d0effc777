"""Forged ID tokens are refused; each 2026 advisory about Authlib's tokens has a test."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwe, jwk, jws

from widget_server.accounts.oidc.id_token import BadIdToken, Expected, UnknownKey, check_id_token

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
EXPECTED = Expected("https://login.example", "tilfreds", "the-nonce")
CLAIMS: dict[str, Any] = {
    "iss": EXPECTED.issuer,
    "aud": EXPECTED.client_id,
    "sub": "ann",
    "nonce": EXPECTED.nonce,
    "iat": SECONDS,
    "exp": SECONDS + 300,
}
RSA = jwk.RSAKey.generate_key(2048, {"kid": "r1"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "e1"})
STRANGER = jwk.RSAKey.generate_key(2048, {"kid": "r1"})
FORGER = jwk.ECKey.generate_key("P-256", {"kid": "e1"})
KEYS = [key.as_dict(is_private=False) for key in (RSA, EC)]


def sign(claims: dict[str, Any], key: Any = RSA, algorithm: str = "RS256", **header: Any) -> str:
    fields = {"alg": algorithm, "kid": key.kid, **header}
    fields = {name: value for name, value in fields.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jws.serialize_compact(fields, json.dumps(claims).encode(), key, registry=registry)


def claims_with(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}


def check(token: str, keys: Any = KEYS) -> dict[str, Any]:
    return check_id_token(token, keys, EXPECTED, NOW)


def reason(token: str, keys: Any = KEYS) -> str:
    with pytest.raises(BadIdToken) as caught:
        check(token, keys)
    return str(caught.value)


def encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_every_kind_of_key_verifies(subtests: pytest.Subtests) -> None:
    for key, algorithm in ((RSA, "RS256"), (RSA, "PS384"), (EC, "ES256")):
        with subtests.test(algorithm=algorithm):
            assert check(sign(CLAIMS, key, algorithm)) == CLAIMS
    assert check(sign(claims_with(aud=["tilfreds", "other"], azp="tilfreds")))["sub"] == "ann"
    assert check(sign(CLAIMS, kid=None), KEYS[:1]) == CLAIMS


def test_a_key_in_the_token_is_never_used() -> None:
    """CVE-2026-27962: Authlib verified a token with the key that its header brought."""
    public = {name: value for name, value in FORGER.as_dict(is_private=False).items() if name != "kid"}
    unsigned_key = {"alg": "ES256", "kid": "e1", "jwk": public}
    assert len(json.dumps(unsigned_key)) < jws.JWSRegistry.max_header_length
    for header in ({"jwk": public}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/cert"}):
        assert reason(sign(CLAIMS, FORGER, "ES256", **header)) == "its signature is wrong"
        assert reason(sign(CLAIMS, FORGER, "ES256", kid="other", **header)) == "the provider has no such key"
        assert reason(sign(CLAIMS, FORGER, "ES256", kid=None, **header)) == "its signature is wrong"


def test_an_encrypted_token_is_refused_before_it_is_decrypted() -> None:
    """The padding oracle of Authlib's RSA1_5 (fixed in 1.6.9) needs a server that decrypts what strangers send."""
    registry = jwe.JWERegistry(algorithms=["RSA-OAEP", "A128CBC-HS256"])
    header = {"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": "r1"}
    token = jwe.encrypt_compact(header, sign(CLAIMS).encode(), RSA, registry=registry)
    assert reason(token) == "it is no signed token"
    broken_padding = token[:-30] + ("A" if token[-30] != "A" else "B") + token[-29:]
    assert reason(broken_padding) == "it is no signed token"


def test_unsigned_tokens_and_shared_secrets_are_refused(subtests: pytest.Subtests) -> None:
    """The public key of a provider must not pass as the secret of an HMAC."""
    public_pem = RSA.as_pem(private=False)
    secret = jwk.OctKey.import_key(public_pem.replace(b"BEGIN", b"begin"), {"kid": "r1"})
    for header in ({"alg": "none"}, {"alg": "None"}, {"alg": ""}, {}, {"alg": None}, {"alg": ["RS256"]}):
        with subtests.test(header=header):
            assert "its algorithm" in reason(f"{encode(header)}.{encode(CLAIMS)}.") or header == {}
    for algorithm in ("HS256", "HS384", "HS512"):
        with subtests.test(algorithm=algorithm):
            assert reason(sign(CLAIMS, secret, algorithm)) == f"its algorithm {algorithm} is not allowed"


def test_a_broken_token_is_refused(subtests: pytest.Subtests) -> None:
    head, payload, signature = sign(CLAIMS).split(".")
    other_payload = encode(claims_with(sub="owner"))
    deep = "[" * 9_000 + "]" * 9_000
    deep_token = jws.serialize_compact({"alg": "RS256", "kid": "r1"}, deep.encode(), RSA)
    tokens = [
        f"{head}.{other_payload}.{signature}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        "..",
        "",
        "a.b.c",
        "é.é.é",
    ]
    tokens += [f"{head}.{payload}.{signature}.x.y", "x" * 40_000, f"{encode([])}.{payload}.{signature}", deep_token]
    for token in [*tokens, f"{encode({'alg': 'RS256', 'kid': 'e1'})}.{payload}.{signature}"]:
        with subtests.test(token=token[:60]):
            assert reason(token)
    assert reason(sign(CLAIMS, crit=["b64"], b64=True)) == "it requires an unknown extension"
    for text in ('"text"', "3", "null", "[]"):
        token = jws.serialize_compact({"alg": "RS256", "kid": "r1"}, text.encode(), RSA)
        assert reason(token) == "it contains no claims"


def test_every_claim_is_checked(subtests: pytest.Subtests) -> None:
    wrong: dict[str, list[Any]] = {
        "iss": ["https://login.example/", "https://evil.example", None, 3],
        "aud": ["other", ["other"], [], None, "tilfreds2", ["tilfreds", "other"]],
        "azp": ["other", "", 3],
        "nonce": ["another", "", None, 3],
        "sub": ["", None, 3, "x" * 256, "a\nb"],
        "exp": [SECONDS - 61, None, "later", True, {}],
        "iat": [SECONDS + 61, SECONDS - 3_601, None, "now"],
        "nbf": [SECONDS + 61],
    }
    for name, values in wrong.items():
        for value in values:
            with subtests.test(name=name, value=value):
                assert reason(sign(claims_with(**{name: value})))
    for name, value in (("exp", SECONDS - 59), ("iat", SECONDS + 59), ("azp", "tilfreds")):
        assert check(sign(claims_with(**{name: value})))


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_only_a_key_for_signatures_of_the_right_kind_is_used() -> None:
    encryption = {**RSA.as_dict(is_private=False), "use": "enc"}
    assert reason(sign(CLAIMS), [encryption]) == "the provider has no such key"
    assert "does not name one" in reason(sign(CLAIMS, kid=None), [KEYS[0], STRANGER.as_dict(is_private=False)])
    short = jwk.RSAKey.generate_key(1024, {"kid": "s"})
    assert "too short" in reason(sign(CLAIMS, short), [short.as_dict(is_private=False)])
    with pytest.raises(UnknownKey):
        check(sign(CLAIMS, kid="r2"))
    assert reason(sign(CLAIMS), [{"kty": "RSA", "kid": "r1", "n": "!", "e": 3}]) == "its signature is wrong"
