"""Journeys a second through the real product, beside the same calls written plainly, all on one machine in turn.

Run: python -m benchmarks.engine [--journeys 3000] [--rounds 3] [--slow 20] [--half 15] [--scale]. A journey is one event
over HTTP and five calls one after the other, to a vendor on loopback that answers at once. Beside it: (a) asyncio and
httpx with nothing stored, (b) the same with event and every step committed before it goes on (`benchmarks.plain`), (c) a
Celery chain on Redis (`benchmarks.chain`). Rounds are interleaved, so that what else the machine does falls on each. A
viewer watches the flow meanwhile. With `--scale` PostgreSQL, Redis and two Celery workers run the same in the same rounds.

How it grows with cores: `taskset -c 0 python -m benchmarks.engine --scale --beside ""`, and the same with `-c 0,1`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.machine import about, cut
from benchmarks.product import ROOT, Product, burst, ledger, paced, send, vendor, watch

_TITLES = {
    "a": "(a) stores nothing", "b": "(b) commits each step", "c": "(c) Celery chain on Redis",
    "flowstudio": "flowstudio, embedded", "scale": "flowstudio, PostgreSQL + 2 workers",
}  # fmt: skip
Figures = dict[str, list[dict[str, float]]]


async def slow(product: Product, port: int, first: int, seconds: float) -> list[float]:
    """Five events a second; milliseconds from sending an event to its mail at the vendor."""
    sent: dict[int, float] = {}
    for number in range(first, first + int(seconds * 5)):
        await send(product.port, [number], sent)
        await asyncio.sleep(0.2)
    await asyncio.sleep(2)
    mails = ledger(port)["mails"]
    return [(mails[str(number)] - at) * 1000 for number, at in sent.items()]


async def half(product: Product, port: int, first: int, rate: float, seconds: float) -> tuple[list[float], list[float]]:
    """A steady rate: milliseconds from event to fifth call, and from event to its run's first step at a viewer."""
    sent: dict[int, float] = {}
    seen: dict[str, float] = {}
    viewer = asyncio.create_task(watch(product.port, product.flow, [0], seen))
    await asyncio.sleep(0.5)
    await paced(product.port, first, rate, seconds, sent)
    await asyncio.sleep(4)
    viewer.cancel()
    mails = ledger(port)["mails"]
    known = dict(product.rows("SELECT r.id, e.message_id FROM store_run r JOIN store_event e ON e.id = r.event_id"))
    shown = [(at - sent[number]) * 1000 for run, at in seen.items() if (number := int(known[run][1:])) in sent]
    return [(mails[str(number)] - at) * 1000 for number, at in sent.items()], shown


def beside(kind: str, port: int, journeys: int) -> dict[str, float]:
    """One of the plain programs in a process of its own."""
    words = ["benchmarks.chain"] if kind == "c" else ["benchmarks.plain", kind]
    said = subprocess.run(
        [sys.executable, "-m", *words, f"http://127.0.0.1:{port}", str(journeys)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return dict(json.loads(said.stdout.splitlines()[-1]))


def table(found: Figures, peaks: dict[str, tuple[float, float]]) -> Any:
    """Medians of the rounds, as ratios to (b) and (c)."""
    from rich.table import Table

    made = Table("program", "journeys/s", "× (b)", "× (c)", "accepted/s", "CPU ms a journey", "× (b)", "peak MB")
    middle = {
        name: {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        for name, rounds in found.items()
    }
    base, chain = middle.get("b"), middle.get("c")
    for name, mine in middle.items():
        used = f"{mine['cpu_ms']:.2f}"
        if "web_ms" in mine:
            used += f" (web {mine['web_ms']:.2f}, rest {mine['engine_ms']:.2f})"
        peak = f"{mine['peak_mb']:.0f}" if "peak_mb" in mine else "web {:.0f}, engines {:.0f}".format(*peaks[name])
        made.add_row(
            _TITLES[name], f"{mine['rate']:,.0f}", f"{mine['rate'] / base['rate']:.2f}" if base else "",
            f"{mine['rate'] / chain['rate']:.2f}" if chain else "",
            f"{mine['accepted']:,.0f}" if "accepted" in mine else "", used,
            f"{mine['cpu_ms'] / base['cpu_ms']:.2f}" if base else "", peak,
        )  # fmt: skip
    return made


def rounds(options: Any, port: int, products: dict[str, Product], told: list[int]) -> Figures:
    """Everybody's rounds, one after the other."""
    found: Figures = {}
    for name, product in products.items():
        asyncio.run(burst(product, 10_000_000, 300, told))
        found[name] = []
    for number in range(options.rounds):
        for name, product in products.items():
            first = number * options.journeys
            found[name].append(asyncio.run(burst(product, first, options.journeys, told)))
        for kind in options.beside:
            found.setdefault(kind, []).append(beside(kind, port, options.journeys))
    return found


def main() -> None:
    """Prints one table, and the latencies."""
    from rich.console import Console

    parser = argparse.ArgumentParser()
    parser.add_argument("--journeys", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow", type=float, default=20.0, help="seconds at five events a second")
    parser.add_argument("--half", type=float, default=15.0, help="seconds at half of the maximum rate")
    parser.add_argument("--scale", action="store_true", help="PostgreSQL, Redis and two Celery workers as well")
    parser.add_argument("--beside", default="abc", help="which of the plain programs")
    options = parser.parse_args()
    console = Console(width=150)
    port, server = vendor()
    products = {"flowstudio": Product(port)}
    told = [0]
    try:
        if options.scale:
            products["scale"] = Product(port, workers=2)
        found = rounds(options, port, products, told)
        console.print(table(found, {name: product.peak_mb() for name, product in products.items()}))
        most = statistics.median(one["rate"] for one in found["flowstudio"])
        if options.slow:
            waits = asyncio.run(slow(products["flowstudio"], port, 20_000_000, options.slow))
            console.print(
                "at 5 events/s, event to fifth call: p50 {:.0f} ms, p99 {:.0f} ms".format(*cut(waits, 0.5, 0.99))
            )
        if options.half:
            waits, shown = asyncio.run(half(products["flowstudio"], port, 30_000_000, most / 2, options.half))
            console.print(
                f"at half of the maximum, {most / 2:.0f} events/s: "
                + "event to fifth call p50 {:.0f} ms, p95 {:.0f} ms; ".format(*cut(waits, 0.5, 0.95))
                + "event to its first step at a viewer p50 {:.0f} ms, p95 {:.0f} ms".format(*cut(shown, 0.5, 0.95))
            )
        for name, product in products.items():
            console.print(f"{_TITLES[name]}: {product.check(5)}")
        seen = ledger(port)
        console.print(
            f"the vendor got {seen['requests'] - seen['keys']} requests twice; viewers were told {told[0]:,} times"
        )
    finally:
        for product in products.values():
            product.close()
        server.terminate()
        server.wait()
    time.sleep(0.5)
    console.print(about())


if __name__ == "__main__":
    main()
