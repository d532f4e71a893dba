"""The closing line of `make test`: what was not run is named, with its reason."""

from __future__ import annotations

from types import SimpleNamespace

from tests import conftest, notes


def reporter(**stats):
    said = []
    return SimpleNamespace(stats=stats, said=said, line=said.append, section=said.append)


def test_skipped_expected_and_left_out_tests_are_named(monkeypatch, tmp_path):
    skipped = SimpleNamespace(nodeid="tests/a.py::b", longrepr=("a.py", 3, "Skipped: no chromium"))
    expected = SimpleNamespace(nodeid="tests/c.py::d", longrepr="", wasxfail="upstream 12")
    file = tmp_path / "notes"
    monkeypatch.setenv("FLOWSTUDIO_TEST_NOTES", str(file))
    conftest.pytest_terminal_summary(reporter(skipped=[skipped], xfailed=[expected], deselected=[1, 2]))
    assert file.read_text().splitlines() == [
        "tests/a.py::b: no chromium",
        "tests/c.py::d: expected to fail, upstream 12",
        "2 tests left out by -k, -m or --deselect",
    ]


def test_one_session_alone_says_it_itself(monkeypatch):
    monkeypatch.delenv("FLOWSTUDIO_TEST_NOTES", raising=False)
    nothing = reporter()
    conftest.pytest_terminal_summary(nothing)
    assert nothing.said == ["Nothing was skipped."]
    some = reporter(skipped=[SimpleNamespace(nodeid="x", longrepr="why")])
    conftest.pytest_terminal_summary(some)
    assert some.said == ["not run", "x: why"]


def test_the_front_ends_report_is_read():
    results = [{"fullName": "draws", "status": "passed"}, {"fullName": "drags", "status": "todo"}]
    report = {"testResults": [{"name": "/somewhere/canvas.test.ts", "assertionResults": results}]}
    assert notes.not_run(report) == ["canvas.test.ts: drags: todo"]
