"""Tokens of an OpenID provider: taken, refused, and what its keys are asked for."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from plotlot.domain.access import LOCAL, Right, Role
from plotlot.domain.errors import InvalidCredentials, ServiceUnavailable
from plotlot.gateway.identity.tokens import (
    LEAST_SECONDS,
    SKEW_SECONDS,
    Provider,
    SigningKeys,
    Tokens,
    identity_in,
)

PROVIDER = Provider("https://id.example", "plotlot")
FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def published(**keys: rsa.RSAPrivateKey) -> dict[str, Any]:
    """A key set as a provider publishes it."""
    listed = [
        {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "use": "sig"}
        for name, key in keys.items()
    ]
    return {"keys": listed}


class Issuer:
    """Publishes keys, and counts who reads them."""

    def __init__(self) -> None:
        self.keys = published(one=FIRST)
        self.away = False
        self.looks = 0
        self.seconds = 1000.0
        self.tokens = Tokens(PROVIDER, SigningKeys(PROVIDER, self.fetch, lambda: self.seconds))

    async def fetch(self, url: str) -> dict[str, Any]:
        if self.away:
            raise OSError("away")
        if url.endswith("openid-configuration"):
            return {"issuer": PROVIDER.issuer, "jwks_uri": "https://id.example/keys"}
        self.looks += 1
        return self.keys


def token(key: Any = FIRST, kid: str = "one", algorithm: str = "RS256", **changes: Any) -> str:
    """A token that is right in all but the changes; a change to None leaves a claim out."""
    claims = {
        "iss": PROVIDER.issuer,
        "aud": PROVIDER.audience,
        "sub": "alice",
        "exp": time.time() + 60,
        "tenant": "acme",
        "roles": ["reader", "operator"],
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm, {"kid": kid})


async def test_a_token_says_who_asks() -> None:
    identity = await Issuer().tokens.identity(token())
    assert (identity.who, identity.tenant, identity.role) == ("token:alice", "acme", Role.OPERATOR)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "another"}, "audience|Audience"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"exp": time.time() - SKEW_SECONDS - 30}, "expired"),
        ({"nbf": time.time() + 86_400}, "not yet valid"),
        ({"exp": None}, "exp"),
        ({"sub": None}, "sub"),
        ({"tenant": "*"}, "no tenant"),
        ({"tenant": ""}, "no tenant"),
        ({"key": SECOND}, "verification failed"),
        ({"kid": "two"}, "does not publish"),
        ({"key": "s" * 32, "algorithm": "HS256"}, "signed by 'HS256'"),
        ({"key": None, "algorithm": "none"}, "signed by 'none'"),
    ],
)
async def test_what_is_wrong_with_a_token_is_said(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidCredentials, match=reason):
        await Issuer().tokens.identity(token(**changes))


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "e30.e30.", "x" * 20_000, "é.é.é"])
async def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidCredentials):
        await Issuer().tokens.identity(text)


async def test_clocks_may_differ_a_little() -> None:
    expired = token(exp=time.time() - SKEW_SECONDS / 2)
    assert await Issuer().tokens.identity(expired) == await Issuer().tokens.identity(token())


async def test_without_a_role_that_is_known_nothing_is_allowed() -> None:
    identity = await Issuer().tokens.identity(token(roles=["wizard"], tenant=None))
    assert (identity.tenant, identity.rights) == (LOCAL, frozenset())
    assert Right.READ in (await Issuer().tokens.identity(token(roles="reader"))).rights


@pytest.mark.parametrize("roles", [{"admin": False}, [["admin"]], True, 5, None, "reader admin"])
def test_roles_in_a_form_that_nobody_reads_allow_nothing(roles: Any) -> None:
    assert identity_in({"sub": "jo", "roles": roles}, PROVIDER).rights == frozenset()


def test_a_claim_that_names_nobodys_tenant_is_no_claim_left_out() -> None:
    with pytest.raises(InvalidCredentials, match="no tenant"):
        identity_in({"sub": "jo", "roles": "reader", "tenant": None}, PROVIDER)


async def test_a_new_key_of_the_provider_is_found_and_made_up_ones_are_looked_for_seldom() -> None:
    issuer = Issuer()
    await issuer.tokens.identity(token())
    issuer.keys = published(one=FIRST, two=SECOND)
    for number in range(20):
        with pytest.raises(InvalidCredentials):
            await issuer.tokens.identity(token(SECOND, f"made up {number}"))
    assert issuer.looks == 1
    issuer.seconds += LEAST_SECONDS
    await issuer.tokens.identity(token(SECOND, "two"))
    assert issuer.looks == 2


async def test_a_provider_that_is_away_leaves_its_keys_and_without_any_says_so() -> None:
    issuer = Issuer()
    issuer.away = True
    with pytest.raises(ServiceUnavailable):
        await issuer.tokens.identity(token())
    issuer.away = False
    issuer.seconds += LEAST_SECONDS
    await issuer.tokens.identity(token())
    issuer.away = True
    issuer.seconds += 3600
    await issuer.tokens.identity(token())
