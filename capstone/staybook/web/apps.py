from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "staybook.web"
    label = "web"
