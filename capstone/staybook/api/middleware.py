"""What pages need and the API goes without: sessions, and what stands on them.

Whoever calls the API brings a token, and no cookie says who they are, so none is read, signed or set for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

API = ("/api/", "/graphql")
Next = Callable[[HttpRequest], Any]


class _UnlessApi(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        answer: Next = self.get_response if request.path_info.startswith(API) else super().__call__
        return answer(request)


class SessionsUnlessApi(_UnlessApi, SessionMiddleware):
    """Django's, for pages."""


class AuthenticationUnlessApi(_UnlessApi, AuthenticationMiddleware):
    """Django's, for pages."""


class MessagesUnlessApi(_UnlessApi, MessageMiddleware):
    """Django's, for pages."""
