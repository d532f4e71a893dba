from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.engine import process
from tests.scaled.stack import ROOT, Stack, database

_numbers = itertools.count()
# Each test starts processes by the half dozen; on a machine that is busy with other tests that takes its time.
_PATIENCE_S = 300


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(_PATIENCE_S))


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL of these tests' own."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(cluster, tmp_path_factory):
    """The name of a migrated database that each test gets a copy of."""
    name = f"template_{os.getpid()}"
    with database(cluster, name) as url:
        migrate(url, tmp_path_factory.mktemp("migrate"))
        yield name


def migrate(url, folder):
    env = {**os.environ, "DATABASE_URL": url, "FLOWSTUDIO_DATA": str(folder)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True, timeout=120)


@pytest.fixture
def broker():
    """A Redis that a test may kill and start again."""
    with servers.own_redis() as made:
        yield made


@pytest.fixture
def sink():
    with process.sink() as made:
        yield made


@pytest.fixture
def stack(cluster, migrated, broker, sink, tmp_path):
    """An installation with an empty database; no process of it runs yet."""
    with database(cluster, f"scaled_{os.getpid()}_{next(_numbers)}", template=migrated) as url:
        made = Stack(tmp_path, database_url=url, redis_url=broker.url, FLOWSTUDIO_EGRESS_ALLOW=f"127.0.0.1:{sink.port}")
        try:
            yield made
        finally:
            made.close()
