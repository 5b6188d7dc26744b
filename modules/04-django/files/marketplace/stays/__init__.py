"""Listings, their hosts and what guests wrote about them."""
