"""Who sends a request: the bearer of an access token."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from staybook.accounts.models import User


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; none is an anonymous caller, a bad one is refused."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
