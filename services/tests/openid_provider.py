"""An OpenID provider on this machine: real RS256 keys, and the endpoints of the authorization code flow with PKCE."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "plotlot-web", "a secret: with signs"
KEY = rsa.generate_private_key(65537, 2048)
Json = dict[str, Any]


class OpenIdProvider:
    """Signs in whoever comes, as ``claims`` say, and is strict with its clients."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.claims: Json = {"sub": "ada", "name": "Ada Planner", "roles": ["analyst"], "tenant": "acme"}
        self.changes: Json = {}  # claims that its tokens have otherwise than they should
        self.refuses = ""  # the error that it sends browsers back with
        self.asked: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}

    def configuration(self) -> Json:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> Json:
        """The published keys."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [{**key, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorized(self, asked: dict[str, str]) -> str:
        """Where a browser is sent back to, at once: who signs in here needs no password."""
        self.asked = asked
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        answer = {"state": asked["state"], "iss": self.url}
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({**answer, 'error': self.refuses})}"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({**answer, 'code': code})}"

    def token(self, sent: dict[str, str], authorization: str) -> tuple[int, Json]:
        """The answer of the token endpoint: a code is good once, for its client, its address and its verifier."""
        asked = self._codes.pop(sent.get("code", ""), None)
        if b64decode(authorization.removeprefix("Basic ")) != b"plotlot-web:a+secret%3A+with+signs":
            return 401, {"error": "invalid_client"}
        challenge = urlsafe_b64encode(sha256(sent.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if (
            asked is None
            or sent["grant_type"] != "authorization_code"
            or sent["redirect_uri"] != asked["redirect_uri"]
            or challenge.decode() != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "opaque",
            "token_type": "Bearer",
            "id_token": self.id_token(asked["nonce"]),
        }

    def id_token(self, nonce: str) -> str:
        """The token of whoever signed in."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        return jwt.encode({**claims, **self.claims, **self.changes}, KEY, "RS256", {"kid": "one"})


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """A provider that serves on a port of this machine for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.answer(303, {}, provider.authorized(form(parts.query)))
            else:
                documents = {
                    "/.well-known/openid-configuration": provider.configuration,
                    "/keys": provider.keys,
                }
                self.answer(200, documents[parts.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.answer(*provider.token(form(body), self.headers.get("authorization", "")))

        def answer(self, status: int, document: Json, location: str = "") -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            if location:
                self.send_header("location", location)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def form(text: str) -> dict[str, str]:
    """The fields of a form or a query."""
    return {name: values[-1] for name, values in parse_qs(text).items()}
