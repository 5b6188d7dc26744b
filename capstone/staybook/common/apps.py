from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "staybook.common"
    label = "common"
