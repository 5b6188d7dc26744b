from django.http import HttpResponse

from stays.selectors import catalogue


def listing_list(request):
    return HttpResponse(catalogue(), content_type="application/json")
