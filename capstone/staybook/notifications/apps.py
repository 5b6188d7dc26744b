from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "staybook.notifications"
    label = "notifications"
