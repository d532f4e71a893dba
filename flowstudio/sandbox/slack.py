"""A stand-in for Slack: `chat.postMessage`, incoming webhooks and the calls around them. It keeps what it got."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

KEPT = 1_000
TEAM, USER, BOT = "T0SANDBOX", "U0SANDBOX", "B0SANDBOX"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message that arrived: where, what, and by which way."""

    channel: str
    text: str
    ts: str
    way: str
    raw: dict[str, Any]


def _body(request: httpx.Request) -> dict[str, Any] | None:
    """The arguments: JSON, or a form, or none; None when the JSON is no object."""
    raw = request.content
    if not raw.strip():
        return {}
    if "json" in request.headers.get("content-type", ""):
        try:
            parsed = json.loads(raw)
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None
    return dict(parse_qsl(raw.decode("utf-8", "replace")))


@dataclass(slots=True)
class Slack:
    """One Slack workspace. Channels whose name begins with `missing` do not exist, with `archived` are archived, with
    `private` do not have the app in them; so do webhooks with `missing`, `archived` or `revoked` in their path. Any token
    that looks like Slack's (`xox…`) is taken."""

    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT))
    _clock: itertools.count[int] = field(default_factory=lambda: itertools.count(1_764_000_000))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """One answer, as Slack would give it: almost always status 200, and `ok` says whether it worked."""
        if request.url.host == "hooks.slack.com":
            return self._webhook(request)
        return self._web_api(request)

    def _web_api(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.removeprefix("/api/").strip("/")
        body = _body(request)
        if body is None:
            return _refused("invalid_json")
        body = {**dict(request.url.params), **body}
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or str(body.pop("token", ""))
        if method == "api.test":
            # It says whatever error it is asked for.
            wanted = {"ok": False, "error": body["error"]} if body.get("error") else {"ok": True}
            return httpx.Response(200, json={**wanted, "args": body} if body else wanted)
        if not token:
            return _refused("not_authed")
        if not token.startswith("xox"):
            return _refused("invalid_auth")
        if method == "auth.test":
            who = {"team": "Sandbox", "user": "flowstudio", "team_id": TEAM, "user_id": USER, "bot_id": BOT}
            return httpx.Response(
                200, json={"ok": True, "url": "https://sandbox.slack.com/", **who, "is_enterprise_install": False}
            )
        if method == "chat.postMessage":
            return self._post(body)
        return httpx.Response(200, json={"ok": False, "error": "unknown_method", "req_method": method})

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        channel = str(body.get("channel", ""))
        text = str(body.get("text", ""))
        bare = channel.lstrip("#@")
        if not bare or bare.startswith("missing"):
            return _refused("channel_not_found")
        if bare.startswith("archived"):
            return _refused("is_archived")
        if bare.startswith("private"):
            return _refused("not_in_channel")
        if not text and not body.get("blocks") and not body.get("attachments"):
            return _refused("no_text")
        if len(text) > 40_000:
            return _refused("msg_too_long")
        message = self._keep(channel, text, "chat.postMessage", body)
        said = {
            "type": "message",
            "user": USER,
            "bot_id": BOT,
            "team": TEAM,
            "text": text,
            "ts": message.ts,
        }
        if body.get("thread_ts"):
            said["thread_ts"] = str(body["thread_ts"])
        return httpx.Response(200, json={"ok": True, "channel": _channel_id(bare), "ts": message.ts, "message": said})

    def _webhook(self, request: httpx.Request) -> httpx.Response:
        body = _body(request)
        if body is not None and "payload" in body:
            # The older way: a form whose one field is the JSON.
            try:
                body = json.loads(str(body["payload"]))
            except ValueError:
                body = None
        path = request.url.path
        refusals = {"revoked": (403, "invalid_token"), "archived": (410, "channel_is_archived")}
        if request.method != "POST" or not path.startswith("/services/") or "missing" in path:
            return httpx.Response(404, text="no_service")
        for part, (status, word) in refusals.items():
            if part in path:
                return httpx.Response(status, text=word)
        if not body or not isinstance(body, dict):
            return httpx.Response(400, text="invalid_payload")
        if not body.get("text") and not body.get("blocks") and not body.get("attachments"):
            return httpx.Response(400, text="no_text")
        self._keep("", str(body.get("text", "")), "webhook", body)
        return httpx.Response(200, text="ok")

    def _keep(self, channel: str, text: str, way: str, body: dict[str, Any]) -> Message:
        message = Message(channel=channel, text=text, ts=f"{next(self._clock)}.000100", way=way, raw=body)
        self.messages.append(message)
        return message


def _channel_id(bare: str) -> str:
    """The channel's id, the same for a name and for the id itself."""
    if re.fullmatch(r"[CGD][A-Z0-9]{8,}", bare):
        return bare
    return f"C{hashlib.sha256(bare.encode()).hexdigest()[:9].upper()}"


def failed(fault: str, *, hook: bool) -> httpx.Response:
    """What Slack itself answers when it limits, refuses or breaks: only 429 and 5xx are told by the status."""
    words = {"401": "invalid_auth", "402": "paid_only", "429": "ratelimited"}
    word = words.get(fault, "internal_error")
    headers = {"retry-after": "2"} if fault == "429" else {}
    if hook:
        status = {"401": 403, "402": 403}.get(fault, int(fault))
        hook_word = {"401": "invalid_token", "402": "action_prohibited", "429": "rate_limited"}.get(
            fault, "rollup_error"
        )
        return httpx.Response(status, headers=headers, text=hook_word)
    status = 200 if fault in ("401", "402") else int(fault)
    return httpx.Response(status, headers=headers, json={"ok": False, "error": word})


def _refused(error: str) -> httpx.Response:
    return httpx.Response(200, json={"ok": False, "error": error})
