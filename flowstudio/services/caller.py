"""Who asks: a person in one of their workspaces, or an API key."""

from __future__ import annotations

from dataclasses import dataclass

from flowstudio.domain.errors import NotAllowed

RANKS = {"ingest": -1, "viewer": 0, "editor": 1, "admin": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """One caller in one workspace. `actor` is how the audit log names them; a key has no `user_id`."""

    workspace_id: str
    workspace_slug: str
    role: str
    actor: str
    user_id: int | None = None
    key_id: str = ""

    def may(self, role: str) -> bool:
        """Whether this caller's role includes what `role` may do."""
        return RANKS[self.role] >= RANKS[role]

    def need(self, role: str) -> None:
        """Raises NotAllowed unless the caller's role includes `role`."""
        if self.role == "ingest":
            raise NotAllowed("This key opens the events door alone. Use a viewer, editor or admin key here.")
        if not self.may(role):
            raise NotAllowed(f"This needs the role {role}; yours is {self.role}. Ask an admin of the workspace.")
