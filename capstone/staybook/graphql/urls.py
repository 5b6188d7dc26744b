"""The one URL of GraphQL."""

from __future__ import annotations

from django.urls import path

from staybook.graphql.views import graphql

urlpatterns = [path("", graphql, name="graphql")]
