from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "staybook.reviews"
    label = "reviews"
