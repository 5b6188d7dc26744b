"""Which roles a view is for. Who owns a thing is for services to say, which know it."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from staybook.accounts.models import Role


class _HasRole(BasePermission):
    roles: frozenset[str] = frozenset()

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and user.role in self.roles)


class IsHost(_HasRole):
    """Those who let: hosts, and admins in their place."""

    message = "This is for hosts."
    roles = frozenset({Role.HOST, Role.ADMIN})


class IsAdmin(_HasRole):
    """Staff."""

    message = "This is for staff."
    roles = frozenset({Role.ADMIN})
