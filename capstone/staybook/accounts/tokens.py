"""Access tokens: signed, short-lived, read without a look at the database. Source: RFC 7519, sections 4.1 and 7.2."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from uuid import UUID

import jwt

from staybook.accounts.models import User
from staybook.common import clock
from staybook.common.compiled import ByPublicId
from staybook.common.errors import Unauthenticated
from staybook.config.env import env

ACCESS_LIFETIME = timedelta(minutes=15)
ISSUER = "staybook"
AUDIENCE = "staybook-api"
ALGORITHM = "HS256"
_active = ByPublicId(lambda: User.objects.filter(is_active=True))


def issue_access(user: User) -> str:
    """A token that says who its bearer is, for 15 minutes. It says nothing of roles: those are read anew each time."""
    now = clock.now()
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(user.public_id), "iat": now, "exp": now + ACCESS_LIFETIME}
    return jwt.encode(claims, env.jwt_key.get_secret_value(), ALGORITHM)


def subject_of(token: str) -> UUID:
    """Whom ``token`` was issued to, from its signature alone.

    Raises Unauthenticated when it is not ours, not for us, out of time, or signed another way. Only HS256 is read:
    the token's own ``alg`` decides nothing. Source: RFC 8725, section 3.1.
    """
    try:
        subject, ends_at = _verified(token)
        if clock.now().timestamp() >= ends_at:
            raise jwt.ExpiredSignatureError
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The access token is out of time: refresh it.", code="token_expired") from None
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthenticated("The access token is not valid.", code="token_invalid") from None
    return subject


def read_access(token: str) -> User:
    """The user that ``token`` was issued to. Raises Unauthenticated, also for an account that was closed."""
    user = _active(subject_of(token))
    if user is None:
        raise Unauthenticated("The account of this token is closed.", code="token_invalid")
    return user


@lru_cache(maxsize=1024)
def _verified(token: str) -> tuple[UUID, int]:
    """Whom a token names, and when it ends. A signature that was right stays right; only the clock goes on.

    Raises jwt.InvalidTokenError, and ValueError for a subject that is none of ours.
    """
    claims = jwt.decode(
        token,
        env.jwt_key.get_secret_value(),
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["iss", "aud", "sub", "exp"]},
    )
    return UUID(claims["sub"]), int(claims["exp"])
