"""`reading`: one view of the database over several queries, and no writer waits for it."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction

from flowstudio.store.models import Workspace
from flowstudio.store.sql import reading


def write(slug: str) -> None:
    def work() -> None:
        try:
            with transaction.atomic():
                Workspace.objects.create(slug=slug, name=slug)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), "the writer waits for a reader"


@pytest.mark.django_db(transaction=True)
def test_what_others_commit_meanwhile_is_seen_afterwards_alone():
    write("one")
    with reading():
        assert Workspace.objects.count() == 1
        write("two")
        assert Workspace.objects.count() == 1
    assert Workspace.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_error_inside_leaves_the_connection_usable():
    with pytest.raises(ZeroDivisionError), reading():
        assert Workspace.objects.count() == 0
        raise ZeroDivisionError
    with pytest.raises(OperationalError), reading():
        raise OperationalError("gone")
    with transaction.atomic():
        Workspace.objects.create(slug="a", name="a")
    with reading():
        assert Workspace.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_its_own_view_is_used():
    with transaction.atomic():
        Workspace.objects.create(slug="a", name="a")
        with reading():
            assert Workspace.objects.count() == 1
    assert Workspace.objects.count() == 1
