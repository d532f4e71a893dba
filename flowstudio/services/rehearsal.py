"""Whether a call could be made at all: the connector's own code, up to the moment at which it would leave the house.

A mail without a recipient or a look-up without a domain fails in a real run; a simulation must say so, too. The action
runs with tools that reach nothing: the first touch of any of them ends the rehearsal.
"""

from __future__ import annotations

from typing import Any

from flowstudio.connectors.base import Request, Tools
from flowstudio.connectors.registry import action
from flowstudio.domain.decision import Failed
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.interpreter import Calling


# No Exception: an action that catches whatever a vendor may do must not catch this.
class _Left(BaseException):
    """The call would have left the house."""


class _Door:
    """Stands where a tool stands; whoever touches it wanted to go out."""

    def __getattr__(self, name: str) -> Any:
        raise _Left


_door: Any = _Door()
_TOOLS = Tools(http=_door, warehouse=_door, mailer=_door, sandbox=True)


def refused(calling: Calling) -> Failed | None:
    """Why the connector would refuse this call before anything leaves; None when it would make it."""
    try:
        _, found = action(calling.action)
    except KeyError:
        return None
    request = Request(
        # Whether a named credential still exists is the validator's question: here it is never used.
        params={name: value for name, value in calling.params.items() if name != "credential"},
        credential=None,
        key="simulation",
        workspace="",
        customer="",
        run="",
        node=calling.node,
    )
    made: Any = found.call(request, _TOOLS)
    try:
        made.send(None)
    except ConnectorError as error:
        if error.retryable:
            return None
        said = f"{error.message} ({error.detail})" if error.detail else error.message
        return Failed(error_class=error.error_class, reason=said, output={"error": error.error_class, "message": said})
    except _Left:
        return None
    except Exception:
        # A fault of the connector shows in a real run, as a failed attempt with its own words.
        return None
    finally:
        made.close()
    return None
