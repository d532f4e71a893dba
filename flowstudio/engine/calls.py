"""Calls to the world: a connector's action performed within a total deadline, and what its end means (SEMANTICS 10)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import structlog

from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.domain.decision import Idempotence
from flowstudio.domain.errors import ConnectorError, CredentialMissing
from flowstudio.domain.interpreter import Calling
from flowstudio.domain.retry import RetryPolicy, next_delay
from flowstudio.engine import outputs
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Committed, Outcome
from flowstudio.store import suppression, unsubscribing
from flowstudio.store.secrets import SecretUnreadable

log = structlog.get_logger("flowstudio.engine")
LONGEST_S = 30.0
# Vendors forget keys after a day; a repeat later than this could be a second effect (10.3).
KEY_LIFE = timedelta(hours=20)
UnknownPolicy = Literal["park", "assume_done", "retry"]
Actions = Callable[[str], tuple[Connector, Action]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How one try ended: what the attempt's row says, and either the answer (`written` is its output as text) or the
    error."""

    outcome: Outcome
    answer: Answer | None = None
    written: str | None = None
    error: ConnectorError | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What follows a failed try: once more after `delay_s`, park for review, go on as if done, or give up."""

    then: Literal["retry", "park", "assume_done", "give_up"]
    delay_s: float = 0.0


class Caller:
    """Performs actions with the process's tools: the real ones, or the sandbox's stand-in vendors."""

    def __init__(
        self,
        *,
        actions: Actions,
        tools: Tools,
        sandbox_tools: Tools,
        decrypt: Callable[[str], str],
        retry_base_s: float,
        chance: Callable[[], float],
    ) -> None:
        self._actions = actions
        self._tools = tools
        self._sandbox_tools = sandbox_tools
        self._decrypt = lru_cache(maxsize=1024)(decrypt)
        self._base_s = retry_base_s
        self.chance = chance

    def connector(self, action: str) -> Connector:
        """Who performs an action; raises KeyError for an action this installation does not have."""
        return self._actions(action)[0]

    def _unsubscribe(self, carried: Carried, calling: Calling) -> str:
        """Where this recipient unsubscribes; a transactional message has no such link (S29)."""
        if self.channel(calling.action) != suppression.EMAIL or calling.params.get("transactional") is True:
            return ""
        return unsubscribing.address(carried.workspace, carried.customer, str(calling.params.get("to") or ""))

    def channel(self, action: str) -> str:
        """By what an action reaches a person: `email`, or '' for something else."""
        return self._actions(action)[1].channel

    async def perform(
        self,
        carried: Carried,
        calling: Calling,
        committed: Committed,
        *,
        deadline_s: float,
        now: Callable[[], datetime],
    ) -> Ended:
        """One try, wholly within `deadline_s`; every way it can end is an `Ended`, never an exception."""
        tried = carried.tried
        if tried is None:
            raise RuntimeError("an attempt is committed as sending before its call")
        secrets: tuple[str, ...] = ()
        try:
            _, action = self._actions(calling.action)
            credential = self._credential(calling.action, committed)
            secrets = outputs.secrets_of(credential)
            request = Request(
                params=calling.params,
                credential=credential,
                key=carried.key,
                workspace=carried.workspace,
                customer=carried.customer,
                run=carried.run,
                node=carried.node,
                attempt=tried.number,
                deadline_s=deadline_s,
                unsubscribe=self._unsubscribe(carried, calling),
            )
            tools = self._sandbox_tools if committed.sandbox else self._tools
            async with asyncio.timeout(deadline_s + 0.25):
                answer = await action.call(request, tools)
            clean, written = _clean(answer, secrets)
            outcome = _accepted(tried.id, answer, now(), secrets)
            return Ended(outcome=outcome, answer=clean, written=written, secrets=secrets)
        except ConnectorError as error:
            return _failed(tried.id, error, now(), secrets)
        except TimeoutError:
            late = ConnectorError(
                f"No answer within {deadline_s:.0f} seconds.", error_class="timeout", retryable=True, sent="maybe"
            )
            return _failed(tried.id, late, now(), secrets)
        except Exception as error:
            # A fault of the connector's code; whether its request left the house is not known.
            log.exception("call.broke", run=carried.run, node=carried.node, action=calling.action)
            broke = ConnectorError(
                f"The connector failed inside flowstudio ({type(error).__name__}).",
                error_class="internal", retryable=True, sent="maybe",
            )  # fmt: skip
            return _failed(tried.id, broke, now(), secrets)

    def _credential(self, action: str, committed: Committed) -> Mapping[str, str] | None:
        if not committed.secret:
            return None
        try:
            opened = json.loads(self._decrypt(committed.secret))
        except (SecretUnreadable, ValueError):
            name = self.connector(action).name
            raise CredentialMissing(
                f"The {name} credential cannot be read with the present encryption key. Enter it again."
            ) from None
        return {str(key): str(value) for key, value in opened.items()}

    def judge(
        self, carried: Carried, calling: Calling, *, error: ConnectorError, unknown: bool, now: datetime
    ) -> Verdict:
        """What follows a failed try (10.3, 10.6)."""
        delay = next_delay(
            self._policy(carried), carried.tries, retryable=error.retryable, retry_after=error.retry_after,
            chance=self.chance(),
        )  # fmt: skip
        if unknown and not self._may_repeat(carried, calling, now):
            policy = self._unknown_policy(carried)
            if policy != "retry":
                return Verdict(then="assume_done" if policy == "assume_done" else "park")
        return Verdict(then="give_up") if delay is None else Verdict(then="retry", delay_s=delay)

    def _may_repeat(self, carried: Carried, calling: Calling, now: datetime) -> bool:
        tried = carried.tried
        kind = self._idempotence(carried, calling)
        if tried is not None and now - tried.first_at > KEY_LIFE and kind != "by_nature":
            return False
        if tried is not None and tried.sandbox:
            # The stand-in vendors live in the engine's process: nobody was reached.
            return True
        if calling.effect == "person":
            mailer = getattr(self._tools, "mailer", None)
            mails = self.connector(calling.action).id == "email"
            return mails and bool(getattr(mailer, "keeps_keys", False))
        return kind in ("by_nature", "by_key")

    def _idempotence(self, carried: Carried, calling: Calling) -> Idempotence:
        """What the action says, or where it leaves that to the author (any HTTP request), what the node says."""
        if calling.idempotent == "no":
            if calling.params.get("method") in ("GET", "HEAD"):
                return "by_nature"
            if self._config(carried).get("idempotent") is True:
                return "by_key"
        return calling.idempotent

    def _config(self, carried: Carried) -> Mapping[str, Any]:
        node = carried.program().nodes.get(carried.node)
        return node.config if node else {}

    def _policy(self, carried: Carried) -> RetryPolicy:
        wanted = self._config(carried).get("retry")
        tries = wanted.get("tries") if isinstance(wanted, Mapping) else wanted
        if isinstance(tries, int) and not isinstance(tries, bool) and 1 <= tries <= 20:
            return RetryPolicy(tries=tries, base_s=self._base_s)
        return RetryPolicy(base_s=self._base_s)

    def _unknown_policy(self, carried: Carried) -> UnknownPolicy:
        wanted = self._config(carried).get("unknown")
        return wanted if wanted in ("assume_done", "retry") else "park"


def _clean(answer: Answer, secrets: tuple[str, ...]) -> tuple[Answer, str | None]:
    """The answer as it may be kept and as later steps see it: one and the same value, before and after a restart."""
    output, written = outputs.answered(answer.output, secrets=secrets)
    traits, _ = outputs.kept(dict(answer.traits), secrets=secrets)
    clean = Answer(
        output=output, port=answer.port, traits=traits or {}, cost=answer.cost,
        summary=outputs.scrub(answer.summary, secrets), status=answer.status, effect_id=answer.effect_id,
    )  # fmt: skip
    return clean, written


def _accepted(attempt: str, answer: Answer, at: datetime, secrets: tuple[str, ...]) -> Outcome:
    return Outcome(
        attempt=attempt, state="accepted", ended_at=at, status=answer.status, cost=answer.cost,
        message=outputs.text(outputs.scrub(answer.summary, secrets), 2_000),
    )  # fmt: skip


def _failed(attempt: str, error: ConnectorError, at: datetime, secrets: tuple[str, ...]) -> Ended:
    message = error.message if not error.detail else f"{error.message} ({error.detail})"
    outcome = Outcome(
        attempt=attempt,
        state="unknown" if error.sent == "maybe" else "rejected",
        ended_at=at,
        status=error.status,
        error_class=outputs.text(error.error_class, 40),
        message=outputs.text(outputs.scrub(message, secrets), 2_000),
    )
    return Ended(outcome=outcome, error=error, secrets=secrets)
