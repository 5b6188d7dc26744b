"""The routes of version 1, resource by resource; each module lists its own, and what is asked for most comes first."""

from staybook.api.v1 import accounts, bookings, payments, properties, reviews

urlpatterns = [
    *properties.urlpatterns,
    *bookings.urlpatterns,
    *payments.urlpatterns,
    *reviews.urlpatterns,
    *accounts.urlpatterns,
]
