"""E-mail: one message to one customer, written in Markdown, HTML or blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.connectors.email import blocks as parts
from flowstudio.connectors.email import layout, render
from flowstudio.connectors.mailer import Mail, one_recipient
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.fields import Config, field, labelled
from flowstudio.domain.nodes.base import ConfigIssue, Port

PRICE = 0.001


class Send(Config):
    """To whom, and what the message says."""

    to: str = forms.escaped(
        field(
            "To",
            "liquid",
            default="{{ customer.email }}",
            help="Exactly one address.",
            render="liquid",
            max_length=2_000,
        ),
        "none",
    )
    subject: str = forms.escaped(
        field(
            "Subject",
            "liquid",
            help="One line; values may be filled in.",
            render="liquid",
            placeholder="Welcome, {{ customer.traits.firstName }}",
            min_length=1,
            max_length=2_000,
        ),
        "header",
    )
    preheader: str = forms.escaped(
        field(
            "Preheader",
            "liquid",
            default="",
            help="What mailboxes show after the subject. Empty: the beginning of the body.",
            render="liquid",
            placeholder="Two minutes, and your tools are connected",
            max_length=2_000,
        ),
        "header",
    )
    body: str = forms.escaped(
        field(
            "Body",
            "liquid-html",
            help="Values are escaped: a name cannot become a link or a script.",
            default="",
            render="liquid",
            max_length=262_144,
        ),
        "by-format",
    )
    format: Literal["markdown", "html", "blocks"] = labelled(
        field(
            "Written in",
            "select",
            default="markdown",
            help="How the e-mail is written; each becomes HTML and plain text.",
        ),
        markdown="Markdown",
        html="HTML",
        blocks="Blocks",
    )
    blocks: parts.Blocks = field(
        "Blocks",
        "email-blocks",
        default=(),
        help="Headings, texts, buttons and pictures, one under the other.",
        render="blocks",
        when={"format": "blocks"},
    )
    category: str = field(
        "Category",
        "text",
        default="",
        help="What kind of message this is, for example onboarding.",
        group="Advanced",
        max_length=60,
    )
    audience: str = field(
        "Only to customers who",
        "cel",
        default="",
        help="Judged when the message goes out. For everybody else the run goes on without it.",
        placeholder="customer.traits.country == 'PT'",
        group="Advanced",
    )
    transactional: bool = field(
        "Transactional",
        "switch",
        default=False,
        help="A receipt or a password: goes out in quiet hours, too. Never to who has unsubscribed.",
        group="Advanced",
    )
    not_delivered: bool = field(
        "A way of its own when it is withheld",
        "switch",
        default=False,
        help="Otherwise the run goes on as if it had been sent.",
        group="Advanced",
    )
    unknown: forms.Unknown = forms.unknown("the message")


def ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    """Sent and error; and on request, not delivered."""
    sent, failed = Port(id="out", label="sent"), Port(id="error", label="error", kind="error")
    if config.get("not_delivered") is not True:
        return (sent, failed)
    return (sent, Port(id="not_delivered", label="not delivered", kind="side"), failed)


def check(config: Any) -> tuple[ConfigIssue, ...]:
    """A message without a recipient, with several written out, with nothing in it or with blocks that are not done."""
    return (*_recipient(config), *_content(config))


def _content(config: Any) -> tuple[ConfigIssue, ...]:
    if config.format != "blocks":
        if config.body.strip():
            return ()
        return (
            ConfigIssue(
                code="email_without_body",
                severity="error",
                message="The e-mail says nothing.",
                field="body",
                fix="Write its body.",
            ),
        )
    if not config.blocks:
        return (
            ConfigIssue(
                code="email_without_body",
                severity="error",
                message="The e-mail has no blocks.",
                field="blocks",
                fix="Add a text or a button.",
            ),
        )
    return tuple(
        ConfigIssue(code="email_block", severity="error", message=message, field="blocks", fix=fix)
        for message, fix in parts.wrong(config.blocks)
    )


def _recipient(config: Any) -> tuple[ConfigIssue, ...]:
    to = config.to.strip()
    if not to:
        return (
            ConfigIssue(
                code="email_without_recipient",
                severity="error",
                message="The e-mail has no recipient.",
                field="to",
                fix="Fill in {{ customer.email }}.",
            ),
        )
    if "{" in to:
        return ()
    try:
        one_recipient(to)
    except ConnectorError as error:
        return (
            ConfigIssue(
                code="email_recipient",
                severity="error",
                message=error.message,
                field="to",
                fix="Write exactly one address.",
            ),
        )
    return (
        ConfigIssue(
            code="email_fixed_recipient",
            severity="hint",
            message=f"Every customer's e-mail goes to {to[:80]}.",
            field="to",
            fix="Use {{ customer.email }} to write to the customer.",
        ),
    )


def _headers(category: str, unsubscribe: str) -> dict[str, str]:
    """The category, and one-click unsubscribe as mail programs understand it (RFC 8058)."""
    headers = {"X-Flowstudio-Category": category} if category else {}
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _written(request: Request) -> tuple[str, str]:
    """(HTML, plain text) of the letter in whichever way it was written."""
    preheader = forms.text(request.params, "preheader")
    if request.params.get("format") == "blocks":
        written = request.params.get("blocks") or ()
        if not written:
            raise wire.input_error("The e-mail has no blocks.")
        return layout.page(written, unsubscribe=request.unsubscribe, preheader=preheader)
    source = forms.text(request.params, "body")
    if not source:
        raise wire.input_error("The e-mail is empty after filling in this customer's values.")
    form: render.Format = "html" if request.params.get("format") == "html" else "markdown"
    return render.body(source, form, unsubscribe=request.unsubscribe, preheader=preheader)


async def send(request: Request, tools: Tools) -> Answer:
    """Compose and hand over to the mailer; a repeat of the same step carries the same Message-ID."""
    to = one_recipient(forms.text(request.params, "to"))
    subject = forms.text(request.params, "subject")
    if not subject:
        raise wire.input_error("The subject is empty after filling in this customer's values.")
    html, text = _written(request)
    category = forms.text(request.params, "category")
    mail = Mail(
        key=request.key,
        workspace=request.workspace,
        run=request.run,
        node=request.node,
        customer=request.customer,
        to=to,
        subject=subject,
        html=html,
        text=text,
        headers=_headers(category, request.unsubscribe),
        deadline_s=request.deadline_s,
    )
    message_id = await tools.mailer.send(mail)
    output = {"message_id": message_id, "to": to, "subject": subject, "category": category}
    return Answer(output=output, cost=PRICE, summary=f"Sent to {to}", effect_id=message_id)


def _explain(config: Mapping[str, Any]) -> str:
    subject = str(config.get("subject") or "").strip()
    return f"send the e-mail “{subject}”" if subject else "send an e-mail"


CONNECTOR = Connector(
    id="email",
    name="E-mail",
    letter="E",
    help="E-mails to customers, by your SMTP server (FLOWSTUDIO_SMTP_URL) or kept in the product's outbox.",
    actions=(
        Action(
            name="send",
            title="Send e-mail",
            help="Sends one message to the customer, written in Markdown, HTML or blocks.",
            icon="mail",
            category="Reach people",
            kind="message",
            effect="person",
            idempotent="no",
            config=Send,
            ports=ports({}),
            ports_of=ports,
            channel="email",
            summary="{subject:quoted}",
            explain=_explain,
            call=send,
            check=check,
            capability="send_email",
            price=PRICE,
            output={
                "message_id": "<3f0c…@flowstudio.example>",
                "to": "ada@northwind-logistics.example",
                "subject": "Welcome, Ada",
                "category": "onboarding",
            },
        ),
    ),
)
