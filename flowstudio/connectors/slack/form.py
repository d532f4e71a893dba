"""Slack's forms: the credential, the message, and what is wrong with them."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import model_validator

from flowstudio.connectors import forms
from flowstudio.domain.fields import Config, field, labelled
from flowstudio.domain.nodes.base import ConfigIssue


class Credential(Config):
    """Either a bot token or the URL of an incoming webhook."""

    kind: Literal["bot", "hook"] = labelled(
        field(
            "Connect with",
            "select",
            default="bot",
            help="bot: a bot token (any channel). hook: an incoming webhook (its one channel).",
        ),
        bot="Bot token",
        hook="Incoming webhook",
    )
    token: str = field(
        "Bot token",
        "password",
        default="",
        help="Begins with xoxb-; the app needs the scope chat:write.",
        when={"kind": "bot"},
        max_length=300,
    )
    webhook_url: str = field(
        "Webhook URL",
        "password",
        default="",
        help="https://hooks.slack.com/services/…",
        when={"kind": "hook"},
        max_length=500,
    )

    @model_validator(mode="after")
    def _complete(self) -> Credential:
        if self.kind == "bot" and len(self.token.strip()) < 6:
            raise ValueError("Enter the bot token, or choose the incoming webhook.")
        if self.kind == "hook":
            parts = urlsplit(self.webhook_url.strip())
            if parts.scheme != "https" or parts.netloc != "hooks.slack.com" or len(parts.path) < 2:
                raise ValueError("The webhook URL must begin with https://hooks.slack.com/.")
        return self


class Message(Config):
    """Where the message goes and what it says."""

    channel: str = forms.escaped(
        field(
            "Channel",
            "liquid",
            default="",
            help="A channel such as #sales; a webhook posts to its own.",
            render="liquid",
            placeholder="#sales",
            max_length=500,
        ),
        "none",
    )
    text: str = forms.escaped(
        field(
            "Message",
            "liquid",
            help="Slack's own formatting (*bold*, <https://…|link>); values are escaped.",
            render="liquid",
            placeholder="{{ customer.traits.company_name }} signed up",
            min_length=1,
            max_length=20_000,
        ),
        "slack",
    )
    credential: str = field(
        "Credential", "credential", default="", help="Empty: the newest, or the sandbox.", group="Advanced"
    )
    unknown: forms.Unknown = forms.unknown("the message")


def check(config: Any) -> tuple[ConfigIssue, ...]:
    """A message that says nothing, and channel names that Slack does not have."""
    if not config.text.strip():
        return (
            ConfigIssue(
                code="slack_without_text",
                severity="error",
                message="The Slack message says nothing.",
                field="text",
                fix="Write what your team should read.",
            ),
        )
    channel = config.channel.strip()
    if not channel:
        return (
            ConfigIssue(
                code="slack_without_channel",
                severity="hint",
                message="Without a channel the message reaches an incoming webhook's own channel; a bot token needs one.",
                field="channel",
                fix="Write a channel such as #sales.",
            ),
        )
    if "{" not in channel and re.search(r"[\s.,;:!?\"']", channel):
        return (
            ConfigIssue(
                code="slack_channel_name",
                severity="error",
                message=f"Slack has no channel with a name like {channel[:80]!r}: no spaces, dots or commas are in one.",
                field="channel",
                fix="Write exactly one channel, such as #sales or its id.",
            ),
        )
    return ()
