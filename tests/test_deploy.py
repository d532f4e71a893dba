"""What the files in `deploy/` name is really there: commands, options, settings, folders, times to stop."""

from __future__ import annotations

import os
import re
import shlex
import socket
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
import yaml
from celery.bin.celery import celery as celery_cli
from django.core.management import CommandError, call_command, get_commands

from flowstudio.engine import clock, tasks
from flowstudio.management.commands import scale
from flowstudio.store.models import Engine

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("prepare", "web", "worker", "beat")


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


def run_by(service):
    """The `manage.py` commands that a service runs or is asked for its health by."""
    asked = [SERVICES[service].get("command", []), SERVICES[service].get("healthcheck", {}).get("test", [])]
    return [line[line.index("manage.py") + 1 :] for line in asked if "manage.py" in line]


def parsed(command, words):
    """The options as the program itself reads them; it refuses those that it does not know."""
    context = command.make_context("x", list(words), resilient_parsing=False)
    return context.params


def test_every_part_is_there_and_named_servers_exist():
    assert set(SERVICES) == {"postgres", "redis", "proxy", *OURS}
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / "deploy" / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
    assert SERVICES["web"]["deploy"]["replicas"] > 1 and SERVICES["beat"]["deploy"]["replicas"] == 1


def test_the_web_process_is_started_as_make_scale_starts_it():
    options = parsed(uvicorn.main, SERVICES["web"]["command"][1:])
    ours = next(child for child in scale._children({}, 2) if child.name == "web")._command
    theirs = parsed(uvicorn.main, ours[ours.index("uvicorn") + 1 :])
    assert {**options, "host": "", "port": 0} == {**theirs, "host": "", "port": 0}


def test_worker_and_beat_take_their_options():
    for name in ("worker", "beat"):
        words = SERVICES[name]["command"]
        assert words[:4] == ["celery", "--quiet", "-A", "flowstudio"] and words[4] == name
        parser = celery_cli.commands[name]
        known = {flag for one in parser.params for flag in (*one.opts, *one.secondary_opts)}
        assert {word for word in words[5:] if word.startswith("-")} <= known


def test_commands_of_ours_exist():
    asked = {name: run_by(name) for name in OURS}
    assert asked["prepare"] == [["scale", "--prepare"]] and asked["worker"] == [["beating"]]
    assert {line[0] for lines in asked.values() for line in lines} <= set(get_commands())


def test_every_setting_is_read_by_the_product():
    source = "\n".join(path.read_text() for path in (ROOT / "flowstudio").rglob("*.py"))
    for name in COMPOSE["x-flowstudio"]["environment"]:
        assert f'"{name}"' in source, name


def test_secrets_come_from_outside_and_nothing_starts_without_them():
    text = (ROOT / "deploy" / "compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "FLOWSTUDIO_SECRET_KEY", "FLOWSTUDIO_ENCRYPTION_KEYS", "FLOWSTUDIO_DOMAIN"):
        given = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert given and all(rest.startswith(":?") for rest in given), name


def test_each_has_longer_to_stop_than_it_takes():
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > tasks.GRACE_S + 10
    words = SERVICES["web"]["command"]
    assert (
        seconds(SERVICES["web"]["stop_grace_period"]) > int(words[words.index("--timeout-graceful-shutdown") + 1]) + 5
    )
    assert all("stop_grace_period" in SERVICES[name] for name in SERVICES if name != "prepare")
    assert all("healthcheck" in SERVICES[name] for name in ("postgres", "redis", "web", "worker", "proxy"))


def test_the_image_copies_what_there_is():
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in shlex.split(line)[1:-1]:
                assert (ROOT / source).exists(), source
    copied = " ".join(line for line in lines if line.startswith("COPY"))
    assert all(folder in copied for folder in ("flowstudio", "templates", "static", "manage.py"))


@pytest.mark.django_db
def test_beating_tells_whether_an_engine_of_this_machine_is_at_work(capsys):
    with pytest.raises(CommandError, match="No engine"):
        call_command("beating")
    now = clock.now()
    one = Engine.objects.create(host="elsewhere", pid=os.getpid(), started_at=now, beat_at=now)
    with pytest.raises(CommandError, match="No engine"):
        call_command("beating")
    call_command("beating", "--anywhere")
    Engine.objects.filter(id=one.id).update(host=socket.gethostname())
    call_command("beating")
    assert capsys.readouterr().out == "1 engine at work.\n1 engine at work.\n"
    Engine.objects.update(beat_at=now - timedelta(minutes=2))
    with pytest.raises(CommandError, match="60 seconds"):
        call_command("beating")
