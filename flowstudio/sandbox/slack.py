"""A stand-in for Slack: `chat.postMessage`, incoming webhooks and the calls around them. It keeps what it got."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

KEPT = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message that arrived: where, what, and by which way."""

    channel: str
    text: str
    ts: str
    way: str
    raw: dict[str, Any]


def _body(request: httpx.Request) -> dict[str, Any] | None:
    raw = request.content
    if "json" in request.headers.get("content-type", ""):
        try:
            parsed = json.loads(raw)
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None
    return dict(parse_qsl(raw.decode("utf-8", "replace")))


@dataclass(slots=True)
class Slack:
    """One Slack workspace. Channels whose name begins with `missing` do not exist, with `archived` are archived."""

    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT))
    _clock: itertools.count[int] = field(default_factory=lambda: itertools.count(1_764_000_000))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """One answer, as Slack would give it: almost always status 200, and `ok` says whether it worked."""
        if request.url.host == "hooks.slack.com":
            return self._webhook(request)
        return self._web_api(request)

    def _web_api(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.removeprefix("/api/").strip("/")
        body = _body(request) or {}
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or str(body.get("token", ""))
        if method == "api.test":
            return httpx.Response(200, json={"ok": True})
        if not token:
            return _refused("not_authed")
        if token.startswith("invalid"):
            return _refused("invalid_auth")
        if method == "auth.test":
            return httpx.Response(
                200, json={"ok": True, "team": "Sandbox", "user": "flowstudio", "team_id": "T0SANDBOX"}
            )
        if method == "chat.postMessage":
            return self._post(body)
        return _refused("unknown_method")

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        channel = str(body.get("channel", ""))
        text = str(body.get("text", ""))
        bare = channel.lstrip("#@")
        if not bare or bare.startswith("missing"):
            return _refused("channel_not_found")
        if bare.startswith("archived"):
            return _refused("is_archived")
        if not text and not body.get("blocks"):
            return _refused("no_text")
        if len(text) > 40_000:
            return _refused("msg_too_long")
        message = self._keep(channel, text, "chat.postMessage", body)
        number = hashlib.sha256(bare.encode()).hexdigest()[:9].upper()
        return httpx.Response(
            200,
            json={
                "ok": True,
                "channel": f"C{number}",
                "ts": message.ts,
                "message": {
                    "type": "message",
                    "subtype": "bot_message",
                    "bot_id": "B0SANDBOX",
                    "text": text,
                    "ts": message.ts,
                },
            },
        )

    def _webhook(self, request: httpx.Request) -> httpx.Response:
        body = _body(request)
        if request.method != "POST" or not request.url.path.startswith("/services/"):
            return httpx.Response(404, text="no_service")
        if "revoked" in request.url.path:
            return httpx.Response(403, text="invalid_token")
        if body is None:
            return httpx.Response(400, text="invalid_payload")
        if not body.get("text") and not body.get("blocks"):
            return httpx.Response(400, text="no_text")
        self._keep("", str(body.get("text", "")), "webhook", body)
        return httpx.Response(200, text="ok")

    def _keep(self, channel: str, text: str, way: str, body: dict[str, Any]) -> Message:
        message = Message(channel=channel, text=text, ts=f"{next(self._clock)}.000100", way=way, raw=body)
        self.messages.append(message)
        return message


def _refused(error: str) -> httpx.Response:
    return httpx.Response(200, json={"ok": False, "error": error})
