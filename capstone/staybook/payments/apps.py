from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "staybook.payments"
    label = "payments"

    def ready(self) -> None:
        from staybook.payments import tasks  # noqa: F401 - its consumers register themselves
