"""Routes: health, the API, and the front end's page for every other address.

`/v1/…` and `/hooks/…` never come here: the events door stands ahead of Django (asgi.py).
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from flowstudio.api.views import site, unsubscribe

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", site.alive),
    path("readyz", site.ready),
    path("metrics", site.prometheus),
    path("u/<str:token>", unsubscribe.unsubscribe),
    path("api/v1/", include("flowstudio.api.urls")),
    re_path(r"^api(/.*)?$", site.unknown),
    re_path(r"^(?!static/|ws/)(?P<path>.*)$", site.page),
]
handler400 = "flowstudio.api.views.site.bad_request"
handler403 = "flowstudio.api.views.site.forbidden"
handler404 = "flowstudio.api.views.site.not_found"
handler500 = "flowstudio.api.views.site.failed"
