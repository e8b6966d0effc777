"""A provider of single sign-on that does what a test tells it, also what no honest one would."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt

from widget_server.core import clock

CLIENT_ID = "tilfreds at work"
CLIENT_SECRET = "the secret: of+the client"


@dataclass
class Forger:
    """The provider's keys and answers; a test replaces what it forges."""

    issuer: str = ""
    keys: list[Any] = field(default_factory=lambda: [jwk.ECKey.generate_key("P-256", {"kid": "k1"})])
    #: What the ID token says in addition.
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    #: Replaces the answer of the token endpoint.
    make_tokens: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    #: The paths that were asked for, and the fields of the last request for tokens.
    paths: list[str] = field(default_factory=list)
    token_request: dict[str, str] = field(default_factory=dict)
    authorization: str = ""
    #: What the browser brought, by its code.
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, location: str) -> dict[str, str]:
        """Return the parameters of the redirect back after a sign-in at this provider."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code {len(self.codes)}"
        self.codes[code] = query
        return {"state": query["state"], "code": code}

    def id_token(self, nonce: str, key: Any = None, **changes: Any) -> str:
        now = int(clock.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "subject-1", "nonce": nonce, "iat": now, "exp": now + 60}
        signing_key = key or self.keys[-1]
        return jwt.encode({"alg": "ES256", "kid": signing_key.kid}, {**claims, **self.claims, **changes}, signing_key)

    def answer(self, path: str, fields: dict[str, str]) -> dict[str, Any] | None:
        """Return the JSON of a path; None for an error."""
        self.paths.append(path)
        if path == "/.well-known/openid-configuration":
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
            addresses = {name: f"{self.issuer}/{name}" for name in names}
            return {"issuer": self.issuer, **addresses, **self.metadata}
        if path == "/jwks_uri":
            return {"keys": [key.as_dict(is_private=False) for key in self.keys]}
        if path == "/userinfo_endpoint":
            return {"sub": "subject-1", **self.userinfo}
        return self._make_tokens(fields) if path == "/token_endpoint" else None

    def _make_tokens(self, fields: dict[str, str]) -> dict[str, Any] | None:
        self.token_request = fields
        started = self.codes.pop(fields["code"], None)
        verifier_hash = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier_hash).rstrip(b"=").decode()
        if started is None or started["code_challenge"] != challenge:
            return None
        if self.make_tokens is not None:
            return self.make_tokens(started)
        return {"id_token": self.id_token(started["nonce"]), "access_token": "a1", "token_type": "Bearer"}


@contextmanager
def forged_provider() -> Iterator[Forger]:
    """Run a provider that the test controls on this machine."""
    forger = Forger()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            forger.authorization = self.headers.get("Authorization", "")
            self._respond({name: values[0] for name, values in parse_qs(body).items()})

        def _respond(self, fields: dict[str, str]) -> None:
            answer = forger.answer(urlsplit(self.path).path, fields)
            body = json.dumps(answer or {"error": "invalid_grant"}).encode()
            self.send_response(400 if answer is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep the output of tests short."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forger.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield forger
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
