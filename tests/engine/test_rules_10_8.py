"""10.8: what kills its engine is tried alone, then set aside; nobody else is held up (RELIABILITY F4, F18)."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter

import pytest

from flowstudio.engine import blackbox, poison
from flowstudio.store.models import Attempt, Run, Step, Token
from tests.engine import house, process

BAD, GOOD = 2, 48


@pytest.fixture
def space(transactional_db):
    return house.workspace()


@pytest.fixture
def sink():
    with process.sink() as made:
        yield made


def document(sink):
    call = {"method": "POST", "body": {"who": "{{ customer.id }}"}, "idempotent": True}
    cases = [{"id": "poison", "name": "Poison", "when": "event.properties.bad == true"}]
    return house.graph(
        ("enter", "trigger.event", {"event": "Signed Up"}),
        ("fork", "branch", {"cases": cases}),
        ("bad", "http.request", {**call, "url": f"{sink.url}/bad"}),
        ("good", "http.request", {**call, "url": f"{sink.url}/good"}),
        ("out", "exit", {"reason": "done"}),
        edges="enter>fork fork.poison>bad fork.else>good bad>out good>out",
    )


@contextlib.contextmanager
def launched(folder, sink, **env):
    """An engine as the launcher keeps it: started again whenever it dies. Gives the list of its deaths' exit codes."""
    codes, done = [], threading.Event()

    def keep():
        while not done.is_set():
            with process.EngineProcess(folder, sink, **env) as engine:
                while not done.is_set() and engine.process.poll() is None:
                    done.wait(0.05)
                if engine.process.poll() is not None:
                    codes.append(engine.process.returncode)
                else:
                    engine.terminate()

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        yield codes
    finally:
        done.set()
        keeper.join()


@pytest.mark.parametrize("how", ["kill", "spin"])
def test_r10_8_a_step_that_kills_its_engine_is_set_aside_after_three_deaths_alone(space, sink, tmp_path, how):
    house.flow(space, document(sink))
    for number in range(BAD + GOOD):
        house.event(space, f"u{number}", bad=number < BAD)
    with launched(tmp_path, sink, failpoints=f"answered:bad={how}", FLOWSTUDIO_STALL_S="2") as codes:
        process.wait_until(lambda: Run.objects.filter(status="completed").count() == GOOD, seconds=60)
        process.wait_until(lambda: Run.objects.filter(status="failed").count() == BAD, seconds=90)
    # In company each of them kills one engine; from then on they die alone.
    assert 1 <= len(codes) <= BAD
    assert set(Run.objects.filter(status="failed").values_list("reason", flat=True)) == {"error:crash"}
    assert set(Step.objects.filter(node="bad").values_list("status", "reason")) == {("failed", poison.CRASHED)}
    assert not Token.objects.exists()
    assert not Attempt.objects.filter(state="sending").exists()
    # One try in company and three alone, all under one key.
    tries = Counter(key for key, path in sink.requests if path == "/bad")
    assert len(tries) == BAD
    assert all(1 + poison.DEATHS_ALONE <= count <= len(codes) + poison.DEATHS_ALONE for count in tries.values())
    # No page of a dead engine is left behind.
    assert list((tmp_path / "engines").iterdir()) == []


def test_r10_8_what_was_only_under_way_when_its_engine_was_killed_is_no_suspect(space, sink, tmp_path):
    sink.delay_s = 1.0
    house.flow(space, document(sink))
    for number in range(20):
        house.event(space, f"u{number}")
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: len(sink.requests) >= 10, engine=engine)
        engine.kill()
    sink.delay_s = 0.0
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").count() == 20, engine=engine)
        assert "run.suspect" not in engine.log.read_text()


def test_r10_8_a_suspect_that_lives_alone_is_cleared(space, sink, tmp_path):
    house.flow(space, document(sink))
    house.event(space, "ada", bad=True)
    with process.EngineProcess(tmp_path, sink, failpoints="answered:bad=kill") as engine:
        engine.wait_dead()
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").exists(), engine=engine)
        assert "run.suspect" in engine.log.read_text()
    assert list(sink.by_key().values()) == [2]


def test_a_step_that_eats_all_memory_fails_alone_and_its_engine_lives(space, sink, tmp_path):
    house.flow(space, document(sink))
    for number in range(10):
        house.event(space, f"u{number}", bad=number == 0)
    limits = {"failpoints": "answered:bad=eat", "FLOWSTUDIO_ENGINE_MEMORY_MB": "600"}
    with process.EngineProcess(tmp_path, sink, **limits) as engine:
        process.wait_until(lambda: Run.objects.filter(status="completed").count() == 9, engine=engine)
        process.wait_until(lambda: Token.objects.filter(state="blocked").exists(), engine=engine)
    assert "MemoryError" in Run.objects.get(status="active").reason


async def test_the_page_names_whoever_has_the_processor_and_nobody_in_between(tmp_path):
    import asyncio

    path = tmp_path / "engines" / "one"
    box = blackbox.BlackBox(path)
    seen = []

    def read():
        return path.read_bytes().rstrip(b"\0").decode()

    async def work():
        seen.append(read())
        await asyncio.sleep(0)
        seen.append(read())
        raise ValueError("over")

    async def look():
        seen.append(read())

    first = asyncio.create_task(box.watched(work(), "a" * 26))
    second = asyncio.create_task(look())
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(results[0], ValueError)
    assert seen == ["a" * 26, "", "a" * 26]
    assert read() == ""
    box.close()
    assert blackbox.suspect(path) == ""
