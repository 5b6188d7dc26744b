from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "staybook.booking"
    label = "booking"

    def ready(self) -> None:
        from staybook.booking import tasks  # noqa: F401 - registers its consumers
