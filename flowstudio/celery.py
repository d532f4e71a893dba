"""The Celery app: `celery -A flowstudio worker` and `celery -A flowstudio beat` (docs/decisions/0005).

Celery is a doorbell with processes behind it: no ETA or countdown for business time, no state in Redis, no results.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowstudio.settings")

from celery import Celery, signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if settings.EMBEDDED or not settings.REDIS_URL:
    raise ImproperlyConfigured(
        "Celery workers need DATABASE_URL (postgresql://…) and REDIS_URL (redis://…). Without them flowstudio runs"
        " embedded: `make run`."
    )
# One thread of a worker process speaks to the database, on one connection that lasts: a pool would only be in the way.
settings.DATABASES["default"].get("OPTIONS", {}).pop("pool", None)

_QUEUE = "flowstudio"
_SAFETY_NET_S = 3.0
# With no worker up its messages must not pile up for ever; wide enough for machines whose clocks differ.
_EXPIRES_S = 60.0
_TIMEOUT_S = 2.0

app = Celery("flowstudio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    imports=["flowstudio.engine.tasks"],
    task_default_queue=_QUEUE,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    # A broker that is away is asked again for ever; meanwhile the processes patrol by themselves.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=_TIMEOUT_S,
    broker_transport_options={"socket_connect_timeout": _TIMEOUT_S, "socket_timeout": 30.0, "retry_on_timeout": True},
    # In memory: nothing that beat could remember is worth a file.
    beat_scheduler="celery.beat:Scheduler",
    beat_max_loop_interval=_SAFETY_NET_S,
    beat_schedule={
        "advance": {
            "task": "flowstudio.advance",
            "schedule": _SAFETY_NET_S,
            "options": {"expires": _EXPIRES_S},
        }
    },
)


@signals.setup_logging.connect
def _logs(**_: Any) -> None:
    from flowstudio.logs import log_as_json

    # Worker and beat may share a data folder, but not a file.
    log_as_json("beat" if "beat" in sys.argv else "celery")
    _quieter()


@signals.worker_process_init.connect
def _start(sender: Any = None, **_: Any) -> None:
    from billiard import current_process

    from flowstudio.engine import tasks
    from flowstudio.logs import log_as_json

    # A log file a process: they could not take turns at rotating one.
    log_as_json(f"worker-{str(sender or 'celery').partition('@')[0]}-{getattr(current_process(), 'index', 0)}")
    _quieter()
    # Some process managers tell every process of a group to end: the pool's, too, hand back what they hold.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=_leave, name="leave", daemon=True).start())
    tasks.host()


def _leave() -> None:
    from flowstudio.engine import tasks

    tasks.end()
    os._exit(0)


@signals.worker_process_shutdown.connect
def _stop(**_: Any) -> None:
    from flowstudio.engine import tasks

    tasks.end()


def _quieter() -> None:
    """A line for each look would say nothing: the engine logs what it does."""
    import logging

    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _wire() -> None:
    from flowstudio.engine import tasks
    from flowstudio.engine.kept import KeptEngine
    from flowstudio.engines import build

    tasks.build_with(partial(build, KeptEngine, grace_s=tasks.GRACE_S))


@signals.import_modules.connect
def _imported(sender: Any = None, **_: Any) -> None:
    # After Django is set up (its fixup listens to the same signal, and was there first).
    if sender is app:
        _wire()
