from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "staybook.catalog"
    label = "catalog"

    def ready(self) -> None:
        from staybook.catalog import tasks  # noqa: F401 - its consumers register themselves
