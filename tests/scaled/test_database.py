"""PostgreSQL crashes under a Celery worker's feet (RELIABILITY F6)."""

from __future__ import annotations

import time

from tests import servers
from tests.scaled.conftest import migrate
from tests.scaled.stack import Stack, check, children
from tests.scaled.test_workers import document, each_effect_once


def test_f6_the_database_crashes_twice_during_100_runs(broker, sink, tmp_path):
    sink.delay_s = 0.3
    # What is committed must survive a crash of the server here.
    with servers.own_postgres(synchronous_commit="on") as database:
        migrate(database.url, tmp_path)
        allowed = f"127.0.0.1:{sink.port}"
        stack = Stack(tmp_path, database_url=database.url, redis_url=broker.url, FLOWSTUDIO_EGRESS_ALLOW=allowed)
        try:
            stack.publish(document(sink))
            worker = stack.worker()
            stack.beat()
            processes = children(worker.pid)
            for first in (0, 50):
                before = len(sink.requests)
                stack.sign_up(50, first=first)
                stack.until(lambda before=before: len(sink.requests) > before + 5)
                database.stop("immediate")
                time.sleep(1.0)
                database.start()
            stack.until(lambda: stack.completed() == 100)
            check(stack, runs=100)
            each_effect_once(stack, sink)
            # All of them reconnected, none was replaced.
            assert children(worker.pid) == processes
        finally:
            stack.close()
