"""An e-mail while it is written: as one customer would get it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from asgiref.sync import async_to_sync
from django.db import transaction

from flowstudio.connectors.email import blocks as parts
from flowstudio.connectors.email import layout, render
from flowstudio.connectors.mailer import Mail
from flowstudio.domain import template
from flowstudio.domain.errors import ConnectorError, InputError, NotAllowed
from flowstudio.engine.outbox import OutboxMailer
from flowstudio.services import audit, expressions, tools
from flowstudio.services.caller import Caller
from flowstudio.store.ids import new_id
from flowstudio.store.models import User
from flowstudio.store.queries import customers as customer_queries

# Gmail shows no more of a letter than this, and hides the rest behind a link.
CLIPPED = 102 * 1024


def preview(
    caller: Caller,
    *,
    subject: str,
    body: str,
    form: Literal["markdown", "html", "blocks"],
    blocks: Sequence[Any] = (),
    preheader: str = "",
    transactional: bool = False,
    customer: str = "",
    flow: str = "",
) -> dict[str, Any]:
    """Subject, preheader, HTML and plain text as the step would send them to this customer (or the one seen last).

    The same templates, escapes and renderer as the step's own; a link to unsubscribe stands where the real one will, and
    leads nowhere. A template error is an InputError.
    """
    person = (
        customer_queries.one(caller.workspace_id, customer)
        if customer
        else customer_queries.newest(caller.workspace_id)
    )
    scope = expressions.scope_of(caller.workspace_id, person, flow)
    said = template.render(preheader, scope, escape="header")
    out = "" if transactional else "#"
    if form == "blocks":
        html, text = layout.page(
            parts.filled(parts.read(list(blocks)), scope, draft=True), unsubscribe=out, preheader=said
        )
    else:
        html, text = render.body(template.render(body, scope, escape=form), form, unsubscribe=out, preheader=said)
    return {
        "subject": template.render(subject, scope, escape="header"),
        "preheader": said,
        "html": html,
        "text": text,
        "size": len(html.encode("utf-8", "replace")),
        "clipped": len(html.encode("utf-8", "replace")) > CLIPPED,
        "customer": customer_queries.refs(caller.workspace_id, [person.id])[person.id] if person else None,
    }


def test(caller: Caller, **letter: Any) -> dict[str, Any]:
    """Sends the letter, as its customer would get it, to the signed-in member's own address and nowhere else (S16).

    It goes the way the workspace's mail goes: by the SMTP server, or into the outbox where there is none. The link to
    unsubscribe leads nowhere: a member who tries it must not take the customer off. It belongs to no run and no customer.
    The call is made outside any transaction; that it was asked for is on record before it leaves.
    """
    to = own_address(caller)
    made = preview(caller, **letter)
    if not made["subject"]:
        raise InputError("The subject is empty for this customer.", field="subject")
    key = new_id()
    with transaction.atomic():
        who = made["customer"]["id"] if made["customer"] else ""
        audit.record(caller, "email.tested", "email", key, {"to": to, "customer": who})
    mail = Mail(
        key=f"test-{key}",
        workspace=caller.workspace_id,
        run="",
        node="",
        customer="",
        to=to,
        subject=f"Test: {made['subject']}",
        html=made["html"],
        text=made["text"],
        headers={"X-Flowstudio-Test": "1"},
    )

    async def run() -> bool:
        async with tools.real() as at_hand:
            await at_hand.mailer.send(mail)
            return isinstance(at_hand.mailer, OutboxMailer)

    try:
        kept = async_to_sync(run)()
    except ConnectorError as error:
        raise InputError(f"The test could not be sent: {error.message}") from None
    return {"to": to, "outbox": kept}


def own_address(caller: Caller) -> str:
    """The member's own address; a key has none, so that it cannot send tests."""
    address = User.objects.filter(id=caller.user_id).values_list("email", flat=True).first() if caller.user_id else ""
    if not address:
        raise NotAllowed(
            "A test goes to the address of who is signed in, and an API key has none. Sign in to send one."
        )
    return address
