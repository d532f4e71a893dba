"""Pages, headers, health and metrics (SECURITY S42)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from flowstudio.store.models import Engine
from tests.api.world import room

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    page = tmp_path / "static" / "app" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text('<html><meta property="csp-nonce" nonce="__CSP_NONCE__"><div id="root"></div></html>')
    settings.BASE_DIR = tmp_path
    return page


@pytest.mark.parametrize("path", ["/", "/flows/abc", "/signin", "/signin/link", "/runs?status=failed", "/no/such/page"])
def test_every_page_is_the_front_end_with_a_strict_policy(built: Path, path: str) -> None:
    first, second = Client().get(path), Client().get(path)
    assert first.status_code == 200
    assert b'id="root"' in first.content
    assert b"__CSP_NONCE__" not in first.content
    assert first.content != second.content  # each answer has a nonce of its own
    policy = first["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert nonce in first.content.decode()
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert first["X-Content-Type-Options"] == "nosniff"
    assert first["X-Frame-Options"] == "DENY"
    assert first["Referrer-Policy"] == "same-origin"
    assert first["Cache-Control"] == "no-store"
    assert "flowstudio_csrf" in first.cookies


def test_a_front_end_that_is_not_built_says_so(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    answer = Client().get("/")
    assert answer.status_code == 503
    assert b"make run" in answer.content


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nope/", "/api/v2/flows/", "/api/v1/flows"]
)
def test_an_unknown_api_address_is_a_problem_and_never_a_redirect(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_methods_that_are_not_offered_are_refused(built: Path) -> None:
    assert Client().post("/").status_code in {403, 405}
    ours = room("ours")
    answer = Client().put("/api/v1/flows/", headers=ours.key("admin"))
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert Client().options("/api/v1/flows/", headers=ours.key("admin")).status_code == 405


def test_an_unforeseen_error_says_nothing_of_the_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = room("ours")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("flowstudio.services.home.read", broken)
    answer = Client(raise_request_exception=False).get("/api/v1/home/", headers=ours.key("viewer"))
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert b"secret inside" not in answer.content


def test_a_database_that_is_away_is_503_with_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    ours = room("ours")

    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("flowstudio.services.home.read", away)
    answer = Client().get("/api/v1/home/", headers=ours.key("viewer"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_health_readiness_and_metrics() -> None:
    client = Client()
    assert client.get("/healthz").json() == {"ok": True}
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json()["engine"]) == (503, "no engine has started")
    engine = Engine.objects.create(host="h", pid=1, started_at=timezone.now(), beat_at=timezone.now())
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["engine"], ready.json()["database"]) == (200, "ok", "ok")
    room("ours")
    metrics = client.get("/metrics").content.decode()
    assert 'flowstudio_tokens{state="waiting"} 1.0' in metrics
    assert "flowstudio_engine_up 1.0" in metrics
    Engine.objects.filter(id=engine.id).update(beat_at="2020-01-01T00:00:00Z")
    assert client.get("/readyz").status_code == 503
    assert "flowstudio_engine_up 0.0" in client.get("/metrics").content.decode()


def test_metrics_from_another_machine_need_a_key() -> None:
    ours = room("ours")
    client = Client(REMOTE_ADDR="203.0.113.9")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=ours.key("ingest")).status_code == 401
    assert client.get("/metrics", headers=ours.key("viewer")).status_code == 200


def test_the_document_and_its_page_are_served() -> None:
    document = Client().get("/api/v1/schema/").json()
    assert document["openapi"].startswith("3.1")
    page = Client().get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"swagger-ui" in page.content
    assert "http" not in page.content.decode().replace("http-equiv", "")


def test_deploy_check_is_clean_behind_https() -> None:
    from django.core.checks import run_checks

    with override_settings(
        SECURE_HSTS_SECONDS=31_536_000,
        SESSION_COOKIE_SECURE=True,
        CSRF_COOKIE_SECURE=True,
        SECRET_KEY="x" * 30 + "y" * 30,
    ):
        found = {each.id for each in run_checks(include_deployment_checks=True)}
    # TLS ends at the proxy in front; sub-domains and preload lists are the operator's to decide.
    assert found <= {"security.W005", "security.W008", "security.W021", "security.W009"}
