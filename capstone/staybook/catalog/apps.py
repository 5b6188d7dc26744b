from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "staybook.catalog"
    label = "catalog"
