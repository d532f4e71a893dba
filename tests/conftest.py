"""For every suite: nothing is skipped in silence, and the test database can be dropped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine, which is shared, and nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """On PostgreSQL, sessions of processes that a test killed are ended first: they would keep the database."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def pytest_terminal_summary(terminalreporter):
    """Names every test that was not run, and why; `FLOWSTUDIO_TEST_NOTES` collects that of several sessions."""
    notes = []
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        notes.append(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    notes += [
        f"{report.nodeid}: expected to fail, {getattr(report, 'wasxfail', '') or 'no reason given'}"
        for report in terminalreporter.stats.get("xfailed", [])
    ]
    left_out = len(terminalreporter.stats.get("deselected", []))
    if left_out:
        notes.append(f"{left_out} tests left out by -k, -m or --deselect")
    file = os.environ.get("FLOWSTUDIO_TEST_NOTES")
    if file:
        with Path(file).open("a") as notebook:
            notebook.writelines(f"{note}\n" for note in notes)
    elif notes:
        terminalreporter.section("not run")
        for note in notes:
            terminalreporter.line(note)
    else:
        terminalreporter.line("Nothing was skipped.")
