"""Accounts and logins: who somebody is, and for how long they stay logged in."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists

from staybook.accounts.models import RefreshToken, Role, User
from staybook.accounts.tokens import ACCESS_LIFETIME, issue_access
from staybook.common import clock
from staybook.common.errors import Conflict, Forbidden, Invalid, Unauthenticated

REFRESH_LIFETIME = timedelta(days=30)
_KEPT_AFTER_END = timedelta(days=7)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login gives: a token for requests, and one for the next pair."""

    access: str
    refresh: str
    expires_in_s: int


def register(*, email: str, password: str, name: str, role: str = Role.GUEST) -> User:
    """Make an account, a guest's or a host's: whoever wants to let may, and nobody makes themselves staff.

    Raises Invalid, Forbidden for the role of admin, Conflict when the address has an account.
    """
    if role not in (Role.GUEST, Role.HOST):
        raise Forbidden("Register as guest or host.", code="role_not_open")
    _demand_text(email=email, password=password, name=name)
    user = User(email=email.strip().lower(), name=name.strip(), role=role)
    _demand_valid(user, password)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise Conflict("This address has an account.", code="email_taken") from None
    return user


def rename(*, user: User, name: str) -> User:
    """Call ``user`` by another name. Raises Invalid."""
    _demand_text(name=name)
    user.name = name.strip()
    _demand_valid(user)
    user.save(update_fields=["name"])
    return user


def log_in(*, email: str, password: str) -> Tokens:
    """Begin a family of refresh tokens. Raises Unauthenticated, alike for every reason.

    An unknown address costs the same hash as a wrong password, so that time does not tell who has an account.
    """
    _demand_text(email=email, password=password)
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        make_password(password)
    elif user.check_password(password) and user.is_active:
        return _issue(user, uuid4())
    raise Unauthenticated("The address or the password is wrong.", code="login_failed")


def refresh(*, token: str) -> Tokens:
    """Exchange a refresh token for a new pair, once. Raises Unauthenticated.

    One UPDATE decides who rotates. A token that is shown again was copied: its family ends, and what was rotated from
    it with it. A family has ended as soon as one row of it is revoked, so that a successor which another transaction
    is just writing has ended too. Source: RFC 9700, section 4.14.2.
    """
    now = clock.now()
    with transaction.atomic():
        found = RefreshToken.objects.select_related("user").filter(digest=_digest(token)).first()
        if found is not None:
            if found.user.is_active and found.expires_at > now and _claim(found):
                return _issue(found.user, found.family)
            _end(found.family)
    if found is not None:
        _log.warning("refresh token refused: its family has ended", extra={"family": str(found.family)})
    raise Unauthenticated("The refresh token is not valid: log in.", code="refresh_invalid")


def log_out(*, token: str) -> None:
    """End the family of a refresh token. One that is not known has ended already. Source: RFC 7009, section 2.2."""
    with transaction.atomic():
        found = RefreshToken.objects.filter(digest=_digest(token)).first()
        if found is not None:
            _end(found.family)


def log_out_everywhere(*, user: User) -> int:
    """End every family of ``user``; return how many tokens that were. Access tokens live out their 15 minutes."""
    return user.refresh_tokens.filter(revoked_at=None).update(revoked_at=clock.now())


def forget_old_tokens() -> int:
    """Delete refresh tokens that ended a week ago; return how many."""
    deleted, _ = RefreshToken.objects.filter(expires_at__lt=clock.now() - _KEPT_AFTER_END).delete()
    return deleted


def _issue(user: User, family: UUID) -> Tokens:
    token = secrets.token_urlsafe(32)
    RefreshToken.objects.create(
        family=family, user=user, digest=_digest(token), expires_at=clock.now() + REFRESH_LIFETIME
    )
    return Tokens(issue_access(user), token, int(ACCESS_LIFETIME.total_seconds()))


def _claim(token: RefreshToken) -> bool:
    """Take the one use of ``token``.

    The UPDATE has no join: with one, Django puts ``used_at IS NULL`` into a subquery, which PostgreSQL does not look
    at again after it has waited for the other caller's lock.
    """
    ended = RefreshToken.objects.filter(family=token.family, revoked_at__isnull=False)
    unused = RefreshToken.objects.filter(~Exists(ended), pk=token.pk, used_at=None)
    return unused.update(used_at=clock.now()) == 1


def _end(family: UUID) -> None:
    RefreshToken.objects.filter(family=family, revoked_at=None).update(revoked_at=clock.now())


def _digest(token: str) -> str:
    """SHA-256 without salt or rounds: the token has 256 random bits, which nobody guesses."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _demand_text(**inputs: str) -> None:
    """Raise Invalid for what no database column holds: NUL, and halves of surrogate pairs."""
    for name, value in inputs.items():
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Invalid("Some fields are not right.", fields={name: "This is not text."})


def _demand_valid(user: User, password: str | None = None) -> None:
    fields: dict[str, str] = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        fields = {name: " ".join(messages) for name, messages in error.message_dict.items()}
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            fields["password"] = " ".join(error.messages)
    if fields:
        raise Invalid("Some fields are not right.", fields=fields)
