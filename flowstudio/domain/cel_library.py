"""The compiled CEL library without its command line.

`import cel` also imports the package's interactive shell (typer, rich, prompt_toolkit), which costs every process a third
of a second and more. Only the extension module inside the package is needed, and it is loaded as what it is, `cel.cel`:
whoever imports `cel` later gets the same module. Where the package is built in another way, it is imported whole.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_NAME = "cel.cel"


def _load() -> ModuleType:
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    package = find_spec("cel")  # finds a top-level package without running it
    inner = PathFinder.find_spec(_NAME, package.submodule_search_locations) if package is not None else None
    if inner is None or inner.loader is None:
        return importlib.import_module("cel")
    module = module_from_spec(inner)
    sys.modules[_NAME] = module
    inner.loader.exec_module(module)
    return module


_library = _load()


def compile(source: str) -> Any:  # noqa: A001 the library's word
    """A program with `execute(values)` and `variables()`; raises what the library raises."""
    return _library.compile(source)
