"""Accounts, over HTTP."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts import services
from staybook.accounts.models import Role, User

_OPEN_ROLES = [(Role.GUEST.value, "Guest"), (Role.HOST.value, "Host")]


class RegisterSerializer(serializers.Serializer[Any]):
    """Who wants an account."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        min_length=10, max_length=200, trim_whitespace=False, write_only=True, help_text="Not a common one."
    )
    name = serializers.CharField(max_length=80)
    role = serializers.ChoiceField(_OPEN_ROLES, default=Role.GUEST.value)


class LogInSerializer(serializers.Serializer[Any]):
    """Who they say they are."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False, write_only=True)


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token, as the last login or refresh gave it."""

    refresh = serializers.CharField(max_length=200)


class TokensSerializer(serializers.Serializer[services.Tokens]):
    """``access`` goes into the Authorization header; ``refresh`` is good for one refresh."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in_s = serializers.IntegerField(help_text="Of the access token.")


class MeSerializer(serializers.ModelSerializer[User]):
    """Somebody as they see themselves: the only answer with an address in it."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "name", "role", "created_at"]
        read_only_fields = ["id", "email", "role", "created_at"]


class RenameSerializer(serializers.Serializer[Any]):
    """What somebody may change of themselves. The role is not among it."""

    name = serializers.CharField(max_length=80)


class _Anonymous(APIView):
    """For those who have no token, or an old one: a header that is out of time does not keep them from a new one."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


def _private(body: Any, status: int = 200) -> Response:
    """An answer that nobody in between may keep. Source: RFC 6749, section 5.1."""
    return Response(body, status=status, headers={"Cache-Control": "no-store"})


def _caller(request: Request) -> User:
    assert isinstance(request.user, User), "the view is for those who are logged in"
    return request.user


class RegisterView(_Anonymous):
    @extend_schema(operation_id="auth_register", request=RegisterSerializer, responses={201: MeSerializer})
    def post(self, request: Request) -> Response:
        """Make an account. Whoever wants to let registers with the role `host`."""
        asked = RegisterSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _private(MeSerializer(services.register(**asked.validated_data)).data, 201)


class LogInView(_Anonymous):
    @extend_schema(operation_id="auth_login", request=LogInSerializer, responses=TokensSerializer)
    def post(self, request: Request) -> Response:
        """Log in with address and password."""
        asked = LogInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _private(TokensSerializer(services.log_in(**asked.validated_data)).data)


class RefreshView(_Anonymous):
    @extend_schema(operation_id="auth_refresh", request=RefreshSerializer, responses=TokensSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. A second use of it ends the login, everywhere."""
        asked = RefreshSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _private(TokensSerializer(services.refresh(token=asked.validated_data["refresh"])).data)


class LogOutView(_Anonymous):
    @extend_schema(operation_id="auth_logout", request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the login that a refresh token belongs to; also when it has ended already."""
        asked = RefreshSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        services.log_out(token=asked.validated_data["refresh"])
        return _private(None, 204)


class MeView(APIView):
    @extend_schema(operation_id="me_read", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who the access token says that you are."""
        return _private(MeSerializer(_caller(request)).data)

    @extend_schema(operation_id="me_change", request=RenameSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change your name."""
        asked = RenameSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        user = _caller(request)
        if asked.validated_data:
            services.rename(user=user, **asked.validated_data)
        return _private(MeSerializer(user).data)


urlpatterns = [
    path("auth/register", RegisterView.as_view(), name="auth-register"),
    path("auth/login", LogInView.as_view(), name="auth-login"),
    path("auth/refresh", RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", LogOutView.as_view(), name="auth-logout"),
    path("me", MeView.as_view(), name="me-detail"),
]
