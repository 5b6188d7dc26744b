from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "staybook.accounts"
    label = "accounts"
