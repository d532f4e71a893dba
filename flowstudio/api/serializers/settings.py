"""Shapes of accounts, keys, connectors, credentials, and the home strip."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from flowstudio.api.serializers.shapes import KEY_ROLE_CHOICES, ROLE_CHOICES, Name, ObjectField, Person


class Workspace(serializers.Serializer[Any]):
    """A workspace."""

    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField()


class Me(serializers.Serializer[Any]):
    """Who is signed in, where, and with which role.

    `sandbox`: some connector answers from its stand-in; `held`: nothing moves until somebody decides after a restore.
    """

    user = Person()
    workspace = Workspace()
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    workspaces = Workspace(many=True)
    sandbox = serializers.BooleanField()
    held = serializers.BooleanField()
    has_password = serializers.BooleanField()


class SessionState(serializers.Serializer[Any]):
    """Whether somebody is signed in; the CSRF token is also in a cookie."""

    authenticated = serializers.BooleanField()
    csrf = serializers.CharField()


class SignIn(serializers.Serializer[Any]):
    """Address and password."""

    email = serializers.CharField(max_length=320)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class LinkUse(serializers.Serializer[Any]):
    """The token of a one-time link."""

    token = serializers.CharField(max_length=256)


class PasswordSet(serializers.Serializer[Any]):
    """A new password, and the current one where it is asked for."""

    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    current = serializers.CharField(max_length=1024, trim_whitespace=False, required=False, allow_blank=True)


class Member(serializers.Serializer[Any]):
    """A person's place in the workspace."""

    id = serializers.CharField()
    user = Person()
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    created_at = serializers.DateTimeField()


class ApiKey(serializers.Serializer[Any]):
    """An API key without its token."""

    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=KEY_ROLE_CHOICES)
    prefix = serializers.CharField()
    last4 = serializers.CharField()
    created_at = serializers.DateTimeField()
    created_by = Person(allow_null=True)
    used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewApiKey(ApiKey):
    """A new key with its token, this once."""

    key = serializers.CharField()


class ApiKeyCreate(serializers.Serializer[Any]):
    """Name and role of a new key."""

    name = Name(max_length=120)
    role = serializers.ChoiceField(choices=KEY_ROLE_CHOICES)


class Credential(serializers.Serializer[Any]):
    """A credential without its secret; `hint` is its last four characters."""

    id = serializers.CharField()
    connector = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField()
    hosts = serializers.ListField(child=serializers.CharField())
    created_by = Person(allow_null=True)
    created_at = serializers.DateTimeField()
    tested_at = serializers.DateTimeField(allow_null=True)
    test_result = serializers.CharField()


class CredentialCreate(serializers.Serializer[Any]):
    """A new credential; `secret` has the fields of the connector's `credential_schema`."""

    connector = serializers.CharField(max_length=40)
    name = Name(max_length=120)
    secret = ObjectField()


class CredentialChange(serializers.Serializer[Any]):
    """Another name, or another secret."""

    name = Name(max_length=120, required=False)
    secret = ObjectField(required=False)


class CredentialTested(serializers.Serializer[Any]):
    """What the connector's harmless call said."""

    ok = serializers.BooleanField()
    message = serializers.CharField()
    tested_at = serializers.DateTimeField()


class ConnectorAction(serializers.Serializer[Any]):
    """What a connector offers."""

    id = serializers.CharField()
    name = serializers.CharField()
    help = serializers.CharField()
    icon = serializers.CharField()
    category = serializers.CharField()
    effect = serializers.ChoiceField(choices=["internal", "vendor", "person"])
    idempotent = serializers.ChoiceField(choices=["by_nature", "by_key", "no"])
    capability = serializers.CharField()
    price = serializers.FloatField()


class Connector(serializers.Serializer[Any]):
    """A vendor or a system of our own, and how it is connected here."""

    id = serializers.CharField()
    name = serializers.CharField()
    letter = serializers.CharField()
    help = serializers.CharField()
    docs_url = serializers.CharField()
    mode = serializers.ChoiceField(choices=["sandbox", "connected", "builtin", "needs_credential"])
    can_test = serializers.BooleanField()
    actions = ConnectorAction(many=True)
    credential_schema = ObjectField(allow_null=True)
    credentials = Credential(many=True)


class Home(serializers.Serializer[Any]):
    """What runs now, and what needs a person."""

    events_per_minute = serializers.IntegerField()
    events_minutes = serializers.ListField(child=serializers.IntegerField(), min_length=60, max_length=60)
    moving = serializers.IntegerField()
    waiting = serializers.IntegerField()
    held = serializers.IntegerField()
    failed_hour = serializers.IntegerField()
    at = serializers.DateTimeField()
