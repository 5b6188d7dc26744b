"""Who asks over GraphQL: strawberry's context."""

from __future__ import annotations

from functools import cached_property

from django.http import HttpRequest
from strawberry.types import Info

from staybook.accounts import tokens
from staybook.accounts.models import Role, User
from staybook.common.errors import Forbidden, Unauthenticated


class Caller:
    """The bearer of a request's access token, or nobody. The token is checked at once, the account read when needed.

    Raises Unauthenticated for a token that is not valid. Source: RFC 6750, section 2.1.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._token = ""
        self.was_replayed = False
        header = request.headers.get("Authorization", "")
        if header:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise Unauthenticated("Send `Authorization: Bearer <access token>`.", code="token_invalid")
            self._token = token.strip()
            tokens.subject_of(self._token)

    @cached_property
    def user(self) -> User | None:
        """Raises Unauthenticated for an account that was closed."""
        return tokens.read_access(self._token) if self._token else None


def demand_user(info: Info[Caller, None]) -> User:
    """Who asks for this field. Raises Unauthenticated for nobody."""
    user = info.context.user
    if user is None:
        raise Unauthenticated("Log in, and send `Authorization: Bearer <access token>`.")
    return user


def demand_host(info: Info[Caller, None]) -> User:
    """Who asks, and lets: a host, or an admin in their place. Raises Unauthenticated and Forbidden."""
    user = demand_user(info)
    if user.role not in {Role.HOST, Role.ADMIN}:
        raise Forbidden("This is for hosts.")
    return user


def demand_staff(info: Info[Caller, None]) -> User:
    """Who asks, of the staff. Raises Unauthenticated and Forbidden."""
    user = demand_user(info)
    if not user.is_staff:
        raise Forbidden("This is for staff.")
    return user
