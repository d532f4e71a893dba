"""Routes: health, the API, and the front end's page for every other address.

`/v1/…` and `/hooks/…` never come here: the events door stands ahead of Django (asgi.py).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from flowstudio.api.views import site, unsubscribe
from flowstudio.services import tools


def _stand_ins() -> Any:
    """Composition root of the web side: calls that people ask for may meet the stand-in vendors."""
    from flowstudio.sandbox.transport import Faults, SandboxTransport

    return SandboxTransport(faults=Faults.parse(settings.FLOWSTUDIO_SANDBOX_FAULTS))


tools.sandbox_with(_stand_ins)

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
