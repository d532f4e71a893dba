"""A backup of PostgreSQL is restored: held workers, the list of what was sent since, nothing sent again (G14, F27)."""

from __future__ import annotations

import signal

from tests.engine import house

PEOPLE = 10


def document(sink):
    call = {"method": "POST", "url": f"{sink.url}/parcel", "body": {"to": "{{ customer.id }}"}, "idempotent": False}
    return house.graph(
        ("enter", "trigger.event", {"event": "Signed Up"}),
        ("pack", "wait.delay", {"for": "15s"}),
        ("send", "http.request", call),
        edges="enter>pack pack>send",
    )


def ended(process):
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=40)


def test_f27_a_restored_archive_is_held_until_it_is_released(stack, sink, tmp_path):
    stack.publish(document(sink))
    worker, beat = stack.worker(), stack.beat()
    stack.sign_up(PEOPLE)
    stack.until(lambda: stack.one("SELECT count(*) FROM store_token WHERE state = 'waiting'") == PEOPLE)
    stack.manage("backup", str(tmp_path / "copy.dump"))
    assert not sink.requests
    stack.until(lambda: stack.completed() == PEOPLE)
    ended(worker)
    ended(beat)
    # Somebody unsubscribes after the backup was taken.
    stack.change(
        "INSERT INTO store_suppression (id, workspace_id, channel, address_hash, reason, source, created_at) "
        "SELECT repeat('s', 26), id, 'email', 'hash', 'unsubscribed', 'link', now() FROM store_workspace"
    )
    keys = {key for key, _ in sink.requests}
    assert f"{PEOPLE} effects" in stack.manage("restore", str(tmp_path / "copy.dump"))
    assert {row[0] for row in stack.sql("SELECT key FROM store_doubt")} == keys
    assert stack.sql("SELECT address_hash, reason FROM store_suppression") == [("hash", "unsubscribed")]
    assert list((tmp_path / "backups").glob("replaced-*.dump"))
    # The engines that the backup remembers are gone: counting those of the new worker says nothing.
    stack.start("-m", "celery", "-A", "flowstudio", "worker", "-c", "2", "-n", "two@%h", log="two")
    stack.beat()
    due = "SELECT count(*) FROM store_token WHERE due_at < now() - interval '5 seconds' AND owner = ''"
    stack.until(lambda: stack.one(due) == PEOPLE)
    assert len(sink.requests) == PEOPLE
    stack.manage("release", "--sent", "done")
    stack.until(lambda: stack.completed() == PEOPLE)
    assert len(sink.requests) == PEOPLE
