"""The whole registry: every action is described, drawn, proved by recordings and answered by a stand-in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from flowstudio.connectors import forms
from flowstudio.connectors.base import Action, Connector, Tools
from flowstudio.connectors.registry import CATALOGUE, CONNECTORS, action
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.nodes.base import ConfigIssue
from flowstudio.domain.summary import full
from flowstudio.engine.calls import UnknownPolicy
from flowstudio.sandbox.transport import HOSTS, SandboxTransport
from tests.connectors.conftest import FOLDER, Recordings, asked, recorded

Build = Callable[..., Tools]
ACTIONS = [
    (f"{connector.id}.{one.name}", connector, one) for connector in CONNECTORS.values() for one in connector.actions
]
EACH = pytest.mark.parametrize(("kind", "connector", "one"), ACTIONS, ids=[kind for kind, _, _ in ACTIONS])
FRONT = FOLDER.parents[1] / "frontend" / "src"
# The folder that a connector lives in, where it is not its id.
FOLDERS = {"http": "http_request"}
# The least that makes each form whole.
WHOLE: Mapping[str, dict[str, Any]] = {
    "clearbit.enrich": {"domain": "bigcorp.example"},
    "datayze.technographics": {"domain": "bigcorp.example"},
    "email.send": {"subject": "Hello", "body": "Hi"},
    "http.request": {"url": "https://api.acme.com/"},
    "slack.message": {"channel": "#sales", "text": "Hi"},
    "warehouse.save": {"table": "companies", "row": {"domain": "{{ customer.traits.domain }}"}},
}
# What is wrong with each form at its worst: (config, field, code).
BROKEN: Mapping[str, list[tuple[dict[str, Any], str, str]]] = {
    "clearbit.enrich": [({"domain": " ", "email": ""}, "domain", "enrich_needs_someone")],
    "datayze.technographics": [({"domain": " "}, "domain", "technographics_needs_domain")],
    "email.send": [
        ({"to": " "}, "to", "email_without_recipient"),
        ({"to": "a@b.co, c@d.co"}, "to", "email_recipient"),
        ({"to": "team@acme.com"}, "to", "email_fixed_recipient"),
    ],
    "http.request": [({"url": "api.acme.com"}, "url", "http_url")],
    "slack.message": [
        ({"text": "  "}, "text", "slack_without_text"),
        ({"channel": ""}, "channel", "slack_without_channel"),
        ({"channel": "#sales, #support"}, "channel", "slack_channel_name"),
    ],
    "warehouse.save": [({"table": "---"}, "table", "warehouse_name"), ({"row": {}}, "row", "warehouse_row")],
}  # fmt: skip


def models(connector: Connector, one: Action) -> Iterator[type[BaseModel]]:
    yield one.config
    if connector.credential is not None:
        yield connector.credential


def fields(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return found


def folder(connector: Connector) -> Path:
    return FOLDER / FOLDERS.get(connector.id, connector.id)


# Described


def test_every_folder_is_registered() -> None:
    here = {path.parent.name for path in FOLDER.glob("*/connector.py")}
    assert here == {folder(connector).name for connector in CONNECTORS.values()}
    assert {kind for kind, _, _ in ACTIONS} <= set(CATALOGUE)


@EACH
def test_it_says_what_it_is(kind: str, connector: Connector, one: Action) -> None:
    for sentence in (one.help, connector.help):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert one.title
    assert one.capability
    assert len(connector.letter) == 1
    assert one.price >= 0
    assert one.price > 0 or connector.id in ("http", "slack", "warehouse"), "a vendor that costs money says how much"
    assert one.output, "the editor offers the names in an action's output"
    json.dumps(one.output)
    assert connector.docs_url.startswith("https://") or connector.id in ("datayze", "email", "http", "warehouse")


@EACH
def test_its_ports(kind: str, connector: Connector, one: Action) -> None:
    ports = {port.id: port.kind for port in one.ports}
    assert len(ports) == len(one.ports)
    assert ports["out"] == "main"
    assert ports["error"] == "error"
    assert set(ports.values()) <= {"main", "side", "error"}
    assert all(port.label for port in one.ports)


@EACH
def test_its_readme_says_how_the_vendor_is_called_and_what_the_sandbox_does(
    kind: str, connector: Connector, one: Action
) -> None:
    text = (folder(connector) / "README.md").read_text()
    assert f"`{kind}`" in text
    assert "**Sandbox:**" in text
    if not connector.sandbox:
        assert "**Sandbox:** no stand-in, because" in text.replace("\n", " ")


@EACH
def test_its_sentences(kind: str, connector: Connector, one: Action) -> None:
    names = set(one.config.model_fields)
    parts = re.findall(r"\{([A-Za-z_]+)(?::[a-z]+)?\}", one.summary)
    assert parts
    assert set(parts) <= names
    assert "{" not in full(one.summary, WHOLE[kind])
    for config in ({}, WHOLE[kind]):
        said = one.explain(config)
        assert said[0].islower()
        assert not said.endswith(".")


# Drawn


def widgets() -> set[str]:
    """The widgets that the editor's form has a view for; everything else becomes a plain text box."""
    source = (FRONT / "features/editor/forms/widgets.ts").read_text()
    table = source[source.index("= {") :]
    known = set(re.findall(r'^  "?([a-z-]+)"?:', table, re.MULTILINE))
    assert {"liquid", "select", "json", "credential"} <= known
    return known | {"text"}


@EACH
def test_every_field_has_a_title_a_help_and_a_widget_the_editor_knows(
    kind: str, connector: Connector, one: Action
) -> None:
    known = widgets()
    for model in models(connector, one):
        for name, field in fields(model).items():
            where = f"{kind} {model.__name__}.{name}"
            assert field.get("title"), where
            assert "_" not in field["title"], where
            assert field.get("description", "").endswith((".", "…")), f"{where} says what it is for"
            assert field["x-widget"] in known, where


# Free JSON, on purpose: whatever a body or a row holds.
JSON_BOXES = {("http.request", "body"), ("warehouse.save", "row")}


@EACH
def test_no_field_falls_to_a_widget_that_cannot_hold_it(kind: str, connector: Connector, one: Action) -> None:
    for model in models(connector, one):
        for name, field in fields(model).items():
            widget, type_ = field["x-widget"], field.get("type")
            where = f"{kind} {model.__name__}.{name}"
            assert (widget == "json") == ((kind, name) in JSON_BOXES), where
            if type_ == "boolean":
                assert widget == "switch", where
            elif type_ in ("number", "integer"):
                assert widget == "number", where
            elif type_ == "array":
                assert widget == "email-blocks", where
            elif type_ == "object":
                assert widget in ("key-value", "traits", "object"), where
            elif "enum" in field:
                assert widget == "select", where
            elif widget != "json":
                assert (type_, widget) in {
                    ("string", w)
                    for w in ("text", "textarea", "liquid", "liquid-html", "cel", "credential", "password")
                }, where
            if "x-options" in field:
                assert [option["value"] for option in field["x-options"]] == field["enum"], where
            for other in field.get("x-when", {}):
                assert other in fields(model), where


@EACH
def test_liquid_is_shown_where_it_is_filled_in(kind: str, connector: Connector, one: Action) -> None:
    for name, field in fields(one.config).items():
        liquid = field["x-widget"] in ("liquid", "liquid-html")
        assert liquid == (field.get("x-render") == "liquid"), f"{kind}.{name}"
        if field.get("x-render") == "value":
            assert field["x-widget"] in ("json", "key-value", "traits"), f"{kind}.{name}"


@EACH
def test_secrets_are_typed_unseen(kind: str, connector: Connector, one: Action) -> None:
    if connector.credential is None:
        assert connector.test is None
        return
    assert connector.test is not None
    kinds = {name: field["x-widget"] for name, field in fields(connector.credential).items()}
    assert "password" in kinds.values()
    for name, widget in kinds.items():
        if re.search(r"key|token|secret|password|webhook", name):
            assert widget == "password", name
    assert "credential" in one.config.model_fields, "the author can choose which one"


@EACH
def test_the_canvas_has_its_icon(kind: str, connector: Connector, one: Action) -> None:
    source = (FRONT / "canvas/icons.tsx").read_text()
    known = set(re.findall(r'^  "?([a-z0-9-]+)"?: Icon', source, re.MULTILINE))
    assert one.icon in known


@EACH
def test_its_schema_is_a_schema_and_holds_its_defaults(kind: str, connector: Connector, one: Action) -> None:
    schema = one.config.model_json_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(WHOLE[kind])
    whole = one.config.model_validate(WHOLE[kind])
    assert one.config.model_validate(json.loads(whole.model_dump_json())) == whole
    with pytest.raises(ValueError, match="surprise"):
        one.config.model_validate({**WHOLE[kind], "surprise": 1})


# Checked


@EACH
def test_its_check(kind: str, connector: Connector, one: Action) -> None:
    assert one.check(one.config.model_validate(WHOLE[kind])) == ()
    for change, field, code in BROKEN[kind]:
        issues = one.check(one.config.model_validate({**WHOLE[kind], **change}))
        issue = next(issue for issue in issues if issue.code == code)
        assert isinstance(issue, ConfigIssue)
        assert issue.field == field in one.config.model_fields
        assert issue.message.endswith(".")
        assert issue.fix


# What a lost answer means


def test_the_engine_and_the_forms_know_the_same_policies() -> None:
    assert get_args(forms.Unknown) == get_args(UnknownPolicy)


@EACH
def test_the_author_is_asked_about_lost_answers_where_a_repeat_could_do_harm(
    kind: str, connector: Connector, one: Action
) -> None:
    """SEMANTICS 10.3: park for review (default) | assume done | retry."""
    asks = "unknown" in one.config.model_fields
    assert asks == (one.idempotent == "no")
    if asks:
        field = fields(one.config)["unknown"]
        assert field["default"] == "park"
        assert [option["value"] for option in field["x-options"]] == ["park", "assume_done", "retry"]
        assert field["x-group"] in ("Advanced", "Tries")


# Recorded


GOOD: Mapping[str, dict[str, str]] = {
    "clearbit": {"api_key": "sk_canary_123456"},
    "datayze": {"email": "ops@acme.example", "token": "tok_canary_123456"},
    "slack": {"kind": "bot", "token": "xoxb-canary-123456"},
    "slack webhook": {"kind": "hook", "webhook_url": "https://hooks.slack.com/services/T0/B0/canary123456"},
}
# Each recorded answer: the port it leaves by, or (error class, whether another try may help); "test": the credential's.
PROMISED: Mapping[str, Mapping[str, str | tuple[str, bool]]] = {
    "clearbit": {
        "company_found": "out", "combined_found": "out", "combined_person_only": "not_found", "unknown": "not_found",
        "pending": ("pending", True), "invalid": ("status_422", False), "over_quota": ("status_402", False),
        "unauthorized": ("status_401", False), "rate_limited": ("status_429", True),
    },
    "datayze": {
        "found_details": "out", "found_names": "out", "none_seen": "out", "unknown": "not_found", "limits": "test",
        "bad_token": ("status_401", False), "over_limit": ("status_429", True),
    },
    "slack": {
        "posted": "out", "webhook_ok": "out", "auth_test": "test", "channel_not_found": ("slack_channel_not_found", False),
        "invalid_auth": ("slack_invalid_auth", False), "missing_scope": ("slack_missing_scope", False),
        "internal_error": ("slack_internal_error", True), "rate_limited": ("status_429", True),
        "webhook_no_service": ("slack_no_service", False), "webhook_revoked": ("slack_invalid_token", False),
        "webhook_archived": ("slack_channel_is_archived", False), "webhook_invalid_payload": ("slack_invalid_payload", False),
    },
}  # fmt: skip


def test_every_vendor_has_recordings_and_every_recording_a_promise() -> None:
    vendors = {connector.id for connector in CONNECTORS.values() if connector.sandbox}
    assert vendors == set(PROMISED)
    for vendor, promised in PROMISED.items():
        assert {path.stem for path in (FOLDER / vendor / "recorded").glob("*.json")} == set(promised)


@pytest.mark.parametrize(
    ("vendor", "name", "promised"),
    [(vendor, name, promised) for vendor, all_ in PROMISED.items() for name, promised in all_.items()],
)
async def test_a_recorded_answer_becomes_what_the_readme_promises(
    tools_of: Build, vendor: str, name: str, promised: str | tuple[str, bool]
) -> None:
    connector = CONNECTORS[vendor]
    [one] = connector.actions
    credential = GOOD["slack webhook" if name.startswith("webhook_") else vendor]
    tools = tools_of(Recordings(recorded(vendor, name)))
    params = {**WHOLE[f"{vendor}.{one.name}"]}
    if name.startswith("combined"):
        params = {"email": "alex@clearbit.com"}
    if promised == "test":
        assert connector.test is not None
        assert (await connector.test(credential, tools)).endswith(".")
    elif isinstance(promised, str):
        got = await one.call(asked(params, credential), tools)
        assert got.port == promised
        assert promised in {port.id for port in one.ports}
        assert got.summary
        json.dumps(got.output)
    else:
        with pytest.raises(ConnectorError) as caught:
            await one.call(asked(params, credential), tools)
        assert (caught.value.error_class, caught.value.retryable) == promised
        assert caught.value.message.endswith(".")
        assert "canary" not in f"{caught.value} {caught.value.detail}"


# The stand-ins


@EACH
async def test_its_stand_in_answers_without_a_credential(
    kind: str, connector: Connector, one: Action, tools_of: Build, sandbox: SandboxTransport
) -> None:
    if not connector.sandbox:
        assert not connector.hosts or connector.credential is None
        return
    assert set(connector.hosts) <= set(HOSTS)
    got = await one.call(asked(WHOLE[kind]), tools_of(sandbox, sandbox=True))
    assert got.port == "out"
    assert got.cost == one.price
    # What the editor offers from the described output is there.
    assert set(one.output) <= set(got.output), set(one.output) - set(got.output)


def test_an_action_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        action("clearbit.delete_everything")
