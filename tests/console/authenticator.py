"""An authenticator in software: it creates passkeys and signs challenges as a browser sends them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
VERIFIED = FLAG.UP | FLAG.UV
ORIGIN = "http://localhost"


@dataclass
class SoftwareKey:
    """A key that can be asked to misbehave: each attribute is what a browser or authenticator would say."""

    origin: str = ORIGIN
    rp_id: str = "localhost"
    flags: AuthenticatorData.FLAG = VERIFIED
    count: int = 0
    #: How much the count grows with each signature; 0 for passkeys that are synchronized.
    step: int = 1
    user_handle: str = ""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> str:
        """Return the browser's answer to creation options."""
        public_key = options["publicKey"]
        self.user_handle = public_key["user"]["id"]
        key = ES256.from_cryptography_key(self.private_key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(b"\0" * 16, self.credential_id, key)
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags | FLAG.AT, self.count, credential)
        client_data = self._client_data(CollectedClientData.TYPE.CREATE, public_key["challenge"])
        attestation = AttestationObject.create("none", data, {})
        response = {"clientDataJSON": client_data.b64, "attestationObject": websafe_encode(attestation)}
        return self._answer(response)

    def get(self, options: dict[str, Any]) -> str:
        """Return the browser's answer to request options."""
        self.count += self.step
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags, self.count)
        client_data = self._client_data(CollectedClientData.TYPE.GET, options["publicKey"]["challenge"])
        signature = self.private_key.sign(data + client_data.hash, ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": client_data.b64,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(response)

    def _client_data(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(challenge), self.origin)

    def _answer(self, response: dict[str, str]) -> str:
        name = websafe_encode(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
