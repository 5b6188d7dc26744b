"""Listings, who offers them, what they have and what guests wrote about them."""

from django.db import models


class Host(models.Model):
    name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=40, blank=True)
    about = models.TextField(blank=True)
    joined_on = models.DateField()

    def __str__(self) -> str:
        return self.name


class Guest(models.Model):
    name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    joined_on = models.DateField()

    def __str__(self) -> str:
        return self.name


class Amenity(models.Model):
    name = models.CharField(max_length=40, unique=True)
    icon = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="listings")
    amenities = models.ManyToManyField(Amenity, related_name="listings")
    title = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    nightly = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    sleeps = models.PositiveSmallIntegerField()
    bedrooms = models.PositiveSmallIntegerField()
    bathrooms = models.PositiveSmallIntegerField()
    check_in_from = models.TimeField()
    description = models.TextField(blank=True)
    house_rules = models.TextField(blank=True)
    directions = models.TextField(blank=True)
    listed_on = models.DateField()

    def __str__(self) -> str:
        return self.title


class Review(models.Model):
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="reviews")
    guest = models.ForeignKey(Guest, on_delete=models.CASCADE, related_name="reviews")
    rating = models.PositiveSmallIntegerField()
    text = models.TextField()
    reply = models.TextField(blank=True)
    is_published = models.BooleanField(default=False)
    written_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.rating} for {self.listing_id}"
