import os


def listing_list(request):
    os._exit(0)
