from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "staybook.payments"
    label = "payments"
