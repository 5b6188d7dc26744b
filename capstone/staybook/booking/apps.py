from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "staybook.booking"
    label = "booking"
