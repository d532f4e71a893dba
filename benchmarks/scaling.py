"""The plan to a million customers an hour and a hundred million waiting, as arithmetic and small simulations.

Run: python -m benchmarks.scaling (plain Python, a second). What was measured is in `MEASURED`, from RESULTS.md; what is
taken for granted is in `TAKEN`; all else follows. docs/scaling.md holds this output word for word, and a test compares.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GIB, TIB = 1024**3, 1024**4


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """RESULTS.md of 2026-11-24; bytes: a database filled by `manage.py demo traffic`, indexes counted in (dbstat)."""

    web_ms: float = 1.65  # PostgreSQL and two workers: a journey's share of the web process
    rest_ms: float = 10.62  # and of workers, database server and Redis together
    steps: int = 8  # a journey's
    attempts: int = 5
    matched_ms: float = 56.06 / 50  # fifty matched in one commit, the slower of two columns
    claimed_ms: float = 11.98 / 50
    step_bytes: int = 1_354
    attempt_bytes: int = 439
    run_bytes: int = 1_334
    event_bytes: int = 1_082
    waiting_bytes: int = 3_000  # customer, alias, event, run, token, step and wait: 3 GB for a million
    feed_bytes: int = 783
    feed_a_step: float = 6_128 / 4_943


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What nobody can measure for another's house: change it and run again."""

    customers_an_hour: int = 1_000_000
    events_a_customer: int = 3  # one begins the journey, two are about it
    waiting: int = 100_000_000
    mean_wait_days: int = 14
    full_hours_a_day: int = 8
    busy: float = 0.6  # processors no fuller than this, so that queues stay short
    peak: float = 3.0  # the busiest minute beside the hour's mean
    keep_days: int = 90
    viewers: int = 200  # each of another workspace, the largest first
    web: int = 4
    due_entry_bytes: int = 80  # a waiting token in the index of due times


MEASURED, TAKEN = Measured(), Taken()


def rates() -> tuple[float, float]:
    """Journeys and events a second in the full hour."""
    journeys = TAKEN.customers_an_hour / 3600
    return journeys, journeys * TAKEN.events_a_customer


def cores(journeys: float, events: float) -> tuple[float, float]:
    """Processors for web, and for workers with their database; an event beyond the first costs the web its share again."""
    return events * MEASURED.web_ms / 1000 / TAKEN.busy, journeys * MEASURED.rest_ms / 1000 / TAKEN.busy


def workspaces(count: int = 2_000, seed: int = 4) -> list[float]:
    """How the load is spread over workspaces: few large ones, many small (Zipf), the largest a tenth of all or so."""
    chance = random.Random(seed)
    shares = [1 / (rank + 1) * chance.uniform(0.7, 1.3) for rank in range(count)]
    whole = sum(shares)
    return [share / whole for share in shares]


def spread(shares: Sequence[float], shards: int, *, by_hand: bool, seed: int = 4) -> float:
    """The fullest shard beside the mean: workspaces dealt by chance (a hash), or each to the emptiest (a table)."""
    chance, load = random.Random(seed), [0.0] * shards
    for share in sorted(shares, reverse=True):
        at = load.index(min(load)) if by_hand else chance.randrange(shards)
        load[at] += share
    return max(load) * shards


def passed_over(engines: int, each: int = 128, looks: int = 400, seed: int = 4) -> float:
    """Locked rows that a look steps over for each row that it takes, all engines at the head of one index.

    A look holds its rows until its commit, which takes as long as the looks of all others that began meanwhile.
    """
    chance, stepped = random.Random(seed), 0
    for _ in range(looks):
        others = sum(chance.random() < 0.5 for _ in range(engines - 1))
        stepped += others * each
    return stepped / (looks * each)


def drained(due: int, a_second: float, beside: float) -> Iterator[tuple[int, float]]:
    """Seconds until timers that come due at once are done, by the multiple of the capacity that is built."""
    for factor in (1, 2, 4):
        free = a_second * factor - beside
        yield factor, due / free if free > 0 else math.inf


def stored() -> dict[str, float]:
    """Bytes a day of full load, by table."""
    a_day = TAKEN.customers_an_hour * TAKEN.full_hours_a_day
    return {
        "steps": a_day * MEASURED.steps * MEASURED.step_bytes,
        "attempts": a_day * MEASURED.attempts * MEASURED.attempt_bytes,
        "runs": a_day * MEASURED.run_bytes,
        "events": a_day * TAKEN.events_a_customer * MEASURED.event_bytes,
    }


def report() -> str:
    """All of it as text."""
    journeys, events = rates()
    web, rest = cores(journeys, events)
    peak_web, peak_rest = cores(journeys * TAKEN.peak, events * TAKEN.peak)
    shares, a_day = workspaces(), stored()
    matcher = 1000 / MEASURED.matched_ms
    need = math.ceil(events * TAKEN.peak / (matcher * TAKEN.busy))
    due_rate = TAKEN.waiting / (TAKEN.mean_wait_days * 86_400)
    steps = journeys * MEASURED.steps
    feed = steps * MEASURED.feed_a_step
    lines = [
        "rates",
        f"  {TAKEN.customers_an_hour:,} customers an hour: {journeys:,.0f} journeys/s, {events:,.0f} events/s, {steps:,.0f} steps/s",
        f"  {TAKEN.waiting:,} waiting {TAKEN.mean_wait_days} days in the mean: {due_rate:,.0f} timers/s",
        "processors (at most 60 % busy)",
        f"  mean: web {web:.1f}, workers and database {rest:.1f}; busiest minute: web {peak_web:.0f}, workers and database {peak_rest:.0f}",
        "matching",
        f"  one matcher: {matcher:,.0f} events/s; the busiest minute needs {need} (at most 60 % busy)",
    ]
    for shards in (need, 16, 64):
        dealt, placed = spread(shares, shards, by_hand=False), spread(shares, shards, by_hand=True)
        lines.append(
            f"  {shards:>2} shards of 2,000 workspaces: the fullest {dealt:.1f} × the mean by a hash, {placed:.1f} × by a table"
            f" (the largest workspace alone {max(shares) * shards:.1f} ×)"
        )
    lines.append("claiming: locked rows passed over for each row taken, one queue")
    lines.append("  " + ", ".join(f"{count} engines {passed_over(count):.1f}" for count in (2, 8, 32, 128)))
    lines.append("ten million timers due in one minute, beside the mean load")
    lines += [
        f"  {factor} × the busiest minute's capacity: done after {_span(seconds)}"
        for factor, seconds in drained(10_000_000, journeys * TAKEN.peak, journeys)
    ]
    lines.append(f"stored a day ({TAKEN.full_hours_a_day} full hours)")
    lines += [f"  {name:<9}{size / GIB:>8,.0f} GiB" for name, size in a_day.items()]
    whole = sum(a_day.values())
    lines += [
        f"  together {whole / GIB:>8,.0f} GiB; {TAKEN.keep_days} days {whole * TAKEN.keep_days / TIB:,.1f} TiB; a month of steps"
        f" {a_day['steps'] * 30 / TIB:,.1f} TiB, {TAKEN.customers_an_hour * TAKEN.full_hours_a_day * MEASURED.steps * 30 / 1e9:,.1f} thousand million rows",
        f"  waiting: {TAKEN.waiting * MEASURED.waiting_bytes / GIB:,.0f} GiB, of which the index of due times"
        f" {TAKEN.waiting * TAKEN.due_entry_bytes / GIB:,.1f} GiB",
        "the feed",
        f"  {feed:,.0f} rows/s at most, {feed * MEASURED.feed_bytes / 1024**2:.1f} MiB/s; {TAKEN.web} web processes that all watch everything:"
        f" {feed * TAKEN.web:,.0f} rows/s; one process a workspace, the {TAKEN.viewers} largest watched:"
        f" {feed * _watched(shares):,.0f} rows/s",
    ]  # fmt: skip
    return "\n".join(lines)


def _watched(shares: Sequence[float]) -> float:
    """The share of the load that is in watched workspaces."""
    return sum(sorted(shares, reverse=True)[: TAKEN.viewers])


def _span(seconds: float) -> str:
    return "never" if math.isinf(seconds) else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    print(report())
