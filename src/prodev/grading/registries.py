"""What Django keeps in places of its own, between two tests: emptied, or looked at for what cannot be undone.

Imported only where Django has been set up ahead of the candidate, with nothing of the candidate's in it.
"""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends import locmem
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Manager, Model, QuerySet
from django.db.models.options import DEFAULT_NAMES
from django.db.models.query import ModelIterable
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import clear_script_prefix, clear_url_caches, path, set_urlconf
from django.utils import timezone, translation

from prodev.grading.wsgi import exchange, listen_for_errors, point_django_at

_OFTEN_PATCHED: tuple[type, ...] = (
    *(BaseDatabaseWrapper, CursorWrapper, Manager, Model, ModelIterable, Query, QuerySet, SQLCompiler),
    *(HttpRequest, HttpResponse, JsonResponse),
)
_KEPT_BY_MODELS = (*DEFAULT_NAMES, "local_fields", "local_many_to_many", "local_managers", "private_fields")

_FILLED_LATE = ("__slotnames__", "__path__")
"""Attributes that Python adds to a class when it first needs them, or that ``move`` sets."""


class Registries:
    """Django's own places as they are now, and the way back.

    ``tree`` is the folder of the exercise's application: its modules stay imported from test to test, and
    find the rest of theirs where ``move`` says.
    """

    def __init__(self, tree: str) -> None:
        self._tree = tree
        self._given = [module for module in list(sys.modules.values()) if _file_of(module).startswith(tree)]
        self._signals = list(_signals())
        self._settings = copy.deepcopy(_of_settings())
        self._databases: dict[str, Any] = {}
        listen_for_errors()
        self._rehearse()
        self._marks = self._all_marks()

    def _rehearse(self) -> None:
        """Do ahead what every first request does, short of asking the database."""
        urls = settings.ROOT_URLCONF
        settings.ROOT_URLCONF = (path("", lambda _request: JsonResponse({"queries": self._queries()})),)
        try:
            for value in self._values():
                if isinstance(value, WSGIHandler):
                    exchange(value, {"method": "GET", "path": "/", "headers": {}, "body": ""})
        finally:
            settings.ROOT_URLCONF = urls
            self.clear()

    def _queries(self) -> list[str]:
        """What reading each model of the application would send, with all that it points to."""
        queries = []
        for model in apps.get_models():
            if _file_of(sys.modules[model.__module__]).startswith(self._tree):
                related = [field.name for field in model._meta.concrete_fields if field.is_relation]
                queries.append(str(model._base_manager.select_related(*related).query))
        return queries

    def move(self, tree: str, *, database: str) -> None:
        """Look for the candidate's modules in ``tree``, and for the database at this URL."""
        for module in self._given:
            if hasattr(module, "__path__"):
                module.__path__ = [tree + place.removeprefix(self._tree) for place in module.__path__]
        sys.path[:] = [place for place in sys.path if place != self._tree]
        point_django_at(database)
        self._databases = copy.deepcopy(connections.settings)

    def clear(self) -> None:
        """Close what is open, and empty what is filled again when it is asked for."""
        handlers: tuple[Any, ...] = (connections, caches)
        for handler in handlers:
            handler.close_all()
            for alias in handler:
                with contextlib.suppress(AttributeError):
                    delattr(handler._connections, alias)
        for name in ("_caches", "_expire_info", "_locks"):
            vars(locmem)[name].clear()
        vars(engines)["_engines"].clear()
        clear_url_caches()
        set_urlconf(None)
        clear_script_prefix()
        timezone.deactivate()
        translation.deactivate()
        for value in self._values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()

    def changed(self) -> str:
        """What was left where ``clear`` cannot reach, in a word or two; nothing when all is as it was."""
        if connections.settings != self._databases:
            return "databases"
        return next((name for name, mark in self._all_marks().items() if mark != self._marks[name]), "")

    def _all_marks(self) -> dict[str, Any]:
        models = apps.get_models(include_auto_created=True, include_swapped=True)
        return {
            "settings": _of_settings() == self._settings,
            "models": [(model, _outside(model), _kept_by(model)) for model in models],
            "pending models": len(apps._pending_operations),
            "signals": [_listeners(signal) for signal in self._signals],
            "given modules": [_outside(module) for module in self._given],
            "handlers": [_outside(value) for value in self._values() if isinstance(value, BaseHandler)],
            "classes": [_outside(kind) for kind in _OFTEN_PATCHED],
        }

    def _values(self) -> Iterator[Any]:
        for module in self._given:
            yield from vars(module).values()


_known: Registries | None = None


def take_note(tree: str) -> None:
    """Remember Django as it is now, for this process and those that are forked of it."""
    global _known
    _known = Registries(tree)


def known() -> Registries:
    """What was taken note of."""
    assert _known is not None, "nobody took note"
    return _known


def _file_of(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or ""


def _of_settings() -> dict[str, Any]:
    """The settings, but for the databases, which are another for every candidate."""
    return {name: value for name, value in vars(settings._wrapped).items() if name != "DATABASES"}


def _signals() -> Iterator[Signal]:
    """Every signal that a module of Django's has by a name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("django."):
            for value in list(vars(module).values()):
                if isinstance(value, Signal):
                    yield value


def _listeners(signal: Signal) -> list[Any]:
    """Who listens and can still be reached."""
    return [
        key for key, receiver, *_ in signal.receivers if isinstance(receiver, FunctionType) or receiver() is not None
    ]


def _outside(thing: object) -> dict[str, Any]:
    """The attributes, by what they are; of a container, how much is in it as well."""
    kept = ((name, value) for name, value in vars(thing).items() if name not in _FILLED_LATE)
    return {name: (id(value), _size_of(value)) for name, value in kept if not isinstance(value, ModuleType)}


def _size_of(value: Any) -> int:
    return len(value) if type(value) in (dict, list, set) else 0


def _kept_by(model: type[Model]) -> list[Any]:
    """What decides how a model is asked for, of what it keeps about itself."""
    return [repr(getattr(model._meta, name, None)) for name in _KEPT_BY_MODELS]
