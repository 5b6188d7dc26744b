"""Who sends a request: the bearer of an access token. Source: RFC 6750, section 2.1."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from staybook.accounts import tokens
from staybook.accounts.models import User
from staybook.common.errors import Unauthenticated


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; none is an anonymous caller, a bad one is refused."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send `Authorization: Bearer <access token>`.", code="token_invalid")
        return tokens.read_access(token.strip()), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells drf-spectacular what BearerAuthentication reads."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
