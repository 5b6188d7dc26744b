from django.apps import AppConfig


class GraphqlConfig(AppConfig):
    name = "staybook.graphql"
    label = "graphql"
