"""An e-mail while it is written: as one customer would get it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from flowstudio.connectors.email import blocks as parts
from flowstudio.connectors.email import layout, render
from flowstudio.domain import template
from flowstudio.services import expressions
from flowstudio.services.caller import Caller
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
