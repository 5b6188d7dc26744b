"""The routes of version 1, resource by resource; each module lists its own."""

from staybook.api.v1 import accounts, bookings, payments, properties, reviews

urlpatterns = [
    *accounts.urlpatterns,
    *properties.urlpatterns,
    *bookings.urlpatterns,
    *payments.urlpatterns,
    *reviews.urlpatterns,
]
