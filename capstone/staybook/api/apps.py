from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "staybook.api"
    label = "api"
