"""A host has listings; a listing has reviews."""

from django.db import models


class Host(models.Model):
    """Somebody who lets."""

    name = models.CharField(max_length=60)


class Listing(models.Model):
    """A place to stay."""

    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="listings")
    title = models.CharField(max_length=80)
    city = models.CharField(max_length=60)

    class Meta:
        ordering = ["id"]


class Review(models.Model):
    """What one guest wrote."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="reviews")
    author = models.CharField(max_length=60)
    rating = models.PositiveSmallIntegerField()
