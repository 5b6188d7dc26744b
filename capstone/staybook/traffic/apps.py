from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "staybook.traffic"
    label = "traffic"
