"""Where a token of a simulated run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowstudio.domain.decision import Gathered
from flowstudio.domain.interpreter import Arm, Calling, Sleeping, Waiting


@dataclass(kw_only=True, eq=False)
class Place:
    """A token: where it rests, or the Join before which it waits for the arms whose `parent` it is.

    `held` is the message that waits with it for the end of quiet hours, `note` what is said of that on its step.
    """

    arm: Arm | None = None
    parent: Place | None = None
    stop: Sleeping | Waiting | None = None
    join: str = ""
    gathered: Gathered | None = None
    open: tuple[str, int] | None = None
    given: Mapping[str, Any] | None = None
    held: Calling | None = None
    note: str = ""
    restarts: int = 0

    @property
    def until(self) -> datetime | None:
        """When it goes on by itself."""
        return self.stop.until if self.stop else self.gathered.until if self.gathered else None
