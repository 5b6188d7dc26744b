"""Every URL: the API below /api/v1/, GraphQL, documentation, the admin, probes, and the web page."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("staybook.api.v1.urls")),
    path("api/", include("staybook.api.documentation")),
    path("graphql", include("staybook.graphql.urls")),
    path("admin/", admin.site.urls),
    path("", include("staybook.traffic.urls")),
    path("", include("staybook.web.urls")),
]

handler400 = "staybook.api.problems.bad_request"
handler403 = "staybook.api.problems.denied"
handler404 = "staybook.api.problems.not_found"
handler500 = "staybook.api.problems.failed"
