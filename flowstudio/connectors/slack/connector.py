"""Slack: a message to a channel, by a bot token (`chat.postMessage`) or by an incoming webhook.
Its form is `form.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.connectors.http import Response
from flowstudio.connectors.slack.form import Credential, Message, check
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.nodes.base import Port

HOSTS = ("slack.com", "hooks.slack.com")
API = "https://slack.com/api"
MAX_TEXT = 40_000
# Slack answers 200 with these words when trying again may help.
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
_CREDENTIAL = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "no_permission",
        "missing_scope",
    }
)
_SENTENCES: Mapping[str, str] = {
    "channel_not_found": "There is no such channel. Check its name, and invite the app if it is private.",
    "not_in_channel": "The app is not in this channel. Invite it with /invite.",
    "is_archived": "This channel is archived. Choose another one.",
    "channel_is_archived": "This channel is archived. Choose another one.",
    "no_text": "The message is empty.",
    "msg_too_long": "The message is too long for Slack (40,000 characters).",
    "no_service": "This incoming webhook no longer exists. Make a new one and enter it under Connectors.",
    "invalid_token": "This incoming webhook was revoked. Make a new one and enter it under Connectors.",
    "action_prohibited": "A rule of this Slack workspace forbids the message.",
    "restricted_action": "A rule of this Slack workspace forbids the message.",
    "posting_to_general_channel_denied": "Only some members may post to this workspace's general channel.",
    "paid_only": "Slack asks for a paid plan to do this.",
    "team_disabled": "This Slack workspace is disabled.",
}


async def message(request: Request, tools: Tools) -> Answer:
    """Post the message; Slack's `ok` decides, not the status."""
    text = forms.text(request.params, "text")
    if not text:
        raise wire.input_error("The Slack message is empty after filling in this customer's values.")
    if len(text) > MAX_TEXT:
        raise wire.input_error("The Slack message is longer than Slack takes (40,000 characters).")
    credential = forms.credential(request, tools, Credential, "Slack", {"kind": "bot", "token": "xoxb-sandbox"})
    if credential.kind == "hook":
        return await _by_webhook(request, tools, credential, text)
    channel = forms.text(request.params, "channel")
    if not channel:
        raise wire.input_error("No Slack channel is chosen, which a bot token needs.")
    body = await _call(
        tools,
        credential.token,
        "chat.postMessage",
        {"channel": channel, "text": text},
        key=request.key,
        deadline_s=request.deadline_s,
    )
    output = {"ok": True, "channel": body.get("channel"), "ts": body.get("ts"), "text": text}
    return Answer(output=output, summary=f"Posted to {channel}", status=200, effect_id=str(body.get("ts") or ""))


async def _call(
    tools: Tools, token: str, method: str, payload: Mapping[str, Any], *, key: str, deadline_s: float
) -> Mapping[str, Any]:
    headers = {"Authorization": f"Bearer {token.strip()}", "Content-Type": "application/json; charset=utf-8"}
    if key:
        headers["Idempotency-Key"] = key
    answer = await tools.http.request(
        "POST",
        f"{API}/{method}",
        json=dict(payload),
        headers=headers,
        deadline_s=deadline_s,
        allowed_hosts=("slack.com",),
    )
    if answer.status != 200:
        raise wire.status_error("Slack", answer.status, answer.headers, _error_word(answer))
    body = forms.mapping(forms.body_json(answer, "Slack"), "Slack", status=200)
    if body.get("ok") is True:
        return body
    raise _refused(str(body.get("error") or "unknown_error"), answer)


async def _by_webhook(request: Request, tools: Tools, credential: Credential, text: str) -> Answer:
    answer = await tools.http.request(
        "POST",
        credential.webhook_url.strip(),
        json={"text": text},
        headers={"Idempotency-Key": request.key},
        deadline_s=request.deadline_s,
        allowed_hosts=("hooks.slack.com",),
    )
    if answer.status == 200 and answer.text.strip() == "ok":
        return Answer(
            output={"ok": True, "channel": None, "ts": None, "text": text}, summary="Posted by the webhook", status=200
        )
    if answer.status == 200:
        raise wire.bad_answer("Slack", "its webhook did not say ok", status=200, detail=answer.text[:200])
    if answer.status in (400, 403, 404, 410):
        raise _refused(answer.text.strip()[:80], answer)
    raise wire.status_error("Slack", answer.status, answer.headers, answer.text[:200])


def _error_word(answer: Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("error") or "")[:80] if isinstance(body, Mapping) else ""


def _refused(word: str, answer: Response) -> ConnectorError:
    passing = word in _PASSING
    if word in _CREDENTIAL:
        sentence = "Slack refused the credential. Check the bot token and its scopes under Connectors."
    else:
        sentence = _SENTENCES.get(
            word, "Slack refused the message." if not passing else "Slack has a problem of its own."
        )
    limited = word in ("ratelimited", "rate_limited")
    return ConnectorError(
        sentence,
        error_class="status_429"
        if limited
        else f"slack_{word}"[:60]
        if word.replace("_", "").isalnum()
        else "slack_error",
        retryable=passing,
        retry_after=wire.retry_after(answer.headers.get("retry-after"), now=wire.now()) if passing else None,
        status=answer.status,
        sent="answered",
        detail=word,
    )


async def test(credential: Mapping[str, str], tools: Tools) -> str:
    """A bot token is proved by `auth.test`; a webhook can only be proved by a message, so its form is judged alone."""
    held = forms.read_credential(credential, Credential, "Slack")
    if held.kind == "hook":
        return "The webhook's address has the right form; the first message will prove it."
    body = await _call(tools, held.token, "auth.test", {}, key="", deadline_s=10)
    return f"Connected to the Slack workspace {body.get('team') or '?'} as {body.get('user') or '?'}."


def _explain(config: Mapping[str, Any]) -> str:
    return f"post a message to {str(config.get('channel') or 'a channel').strip()} in Slack"


CONNECTOR = Connector(
    id="slack",
    name="Slack",
    letter="S",
    help="Messages to your team's channels.",
    actions=(
        Action(
            name="message",
            title="Slack message",
            help="Posts a message to a channel of your team.",
            icon="brand-slack",
            category="Reach people",
            kind="message",
            # It reaches the team, not the customer: consent, quiet hours and caps are not asked (SEMANTICS 0.3, 5).
            effect="vendor",
            idempotent="no",
            config=Message,
            ports=(Port(id="out", label="posted"), Port(id="error", label="error", kind="error")),
            summary="{channel}: {text}",
            explain=_explain,
            call=message,
            check=check,
            capability="alert_team",
            output={
                "ok": True,
                "channel": "C0123ABCD",
                "ts": "1764000001.000100",
                "text": "Northwind Logistics signed up",
            },
        ),
    ),
    credential=Credential,
    hosts=HOSTS,
    test=test,
    sandbox=True,
    docs_url="https://api.slack.com/methods/chat.postMessage",
)
