"""Connectors, credentials, API keys, members, and the home strip."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.api.paging import paged, whole
from flowstudio.api.schema import documented, text
from flowstudio.api.serializers import settings as shapes
from flowstudio.api.views.base import ApiView
from flowstudio.services import accounts, apikeys, connectors, credentials, home
from flowstudio.store.queries import apikeys as key_queries
from flowstudio.store.queries import credentials as credential_queries


class HomeView(ApiView):
    """The strip on the home page."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="home_read", summary="What runs now, and what needs a person", answer=shapes.Home, tag="Home")
    def get(self, request: Request) -> Response:
        """The numbers of now."""
        return Response(home.read(self.caller))


class ConnectorsView(ApiView):
    """Who sells what."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="connectors_list",
        summary="Connectors, their actions, and how each is connected here",
        listed=shapes.Connector,
        tag="Connectors",
    )
    def get(self, request: Request) -> Response:
        """All connectors at once."""
        return whole(connectors.listed(self.caller))


class CredentialsView(ApiView):
    """The workspace's credentials."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "POST": "admin"}

    @documented(
        id="credentials_list",
        summary="Credentials, without their secrets",
        listed=shapes.Credential,
        params=[text("connector", "Only credentials of this connector")],
        tag="Credentials",
    )
    def get(self, request: Request) -> Response:
        """A page of credentials."""
        rows = credential_queries.listed(self.caller.workspace_id, connector=self.param("connector"))
        return paged(request, self, rows, lambda page: [credentials.item(row) for row in page])

    @documented(
        id="credentials_create",
        summary="Keeps a secret; it is never shown again",
        sent=shapes.CredentialCreate,
        answer=shapes.Credential,
        status=201,
        tag="Credentials",
    )
    def post(self, request: Request) -> Response:
        """Keeps a secret."""
        sent = self.read(shapes.CredentialCreate)
        row = credentials.create(self.caller, connector=sent["connector"], name=sent["name"], secret=sent["secret"])
        return Response(credentials.item(row), status=201)


class CredentialView(ApiView):
    """One credential."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "PATCH": "admin", "DELETE": "admin"}

    @documented(
        id="credentials_read",
        summary="One credential, without its secret",
        answer=shapes.Credential,
        errors=[404],
        tag="Credentials",
    )
    def get(self, request: Request, credential_id: str) -> Response:
        """The credential."""
        return Response(credentials.item(credential_queries.one(self.caller.workspace_id, credential_id)))

    @documented(
        id="credentials_change",
        summary="Another name, or another secret",
        sent=shapes.CredentialChange,
        answer=shapes.Credential,
        errors=[404],
        tag="Credentials",
    )
    def patch(self, request: Request, credential_id: str) -> Response:
        """Changes name or secret."""
        sent = self.read(shapes.CredentialChange)
        row = credentials.change(self.caller, credential_id, name=sent.get("name"), secret=sent.get("secret"))
        return Response(credentials.item(row))

    @documented(
        id="credentials_delete",
        summary="Forgets a secret for good",
        answer=None,
        status=204,
        errors=[404],
        tag="Credentials",
    )
    def delete(self, request: Request, credential_id: str) -> Response:
        """Forgets the secret."""
        credentials.delete(self.caller, credential_id)
        return Response(status=204)


class CredentialTestView(ApiView):
    """Proves a credential."""

    roles: ClassVar[dict[str, str]] = {"POST": "admin"}

    @documented(
        id="credentials_test",
        summary="Proves a credential by one harmless call to the vendor",
        answer=shapes.CredentialTested,
        errors=[404],
        tag="Credentials",
    )
    def post(self, request: Request, credential_id: str) -> Response:
        """Tests the credential."""
        return Response(credentials.test(self.caller, credential_id))


class ApiKeysView(ApiView):
    """The workspace's API keys."""

    roles: ClassVar[dict[str, str]] = {"GET": "admin", "POST": "admin"}

    @documented(
        id="api_keys_list", summary="API keys, newest first, without tokens", listed=shapes.ApiKey, tag="API keys"
    )
    def get(self, request: Request) -> Response:
        """A page of keys."""
        rows = key_queries.listed(self.caller.workspace_id)
        return paged(request, self, rows, lambda page: [apikeys.item(row) for row in page])

    @documented(
        id="api_keys_create",
        summary="A new key; its token is in this answer alone",
        sent=shapes.ApiKeyCreate,
        answer=shapes.NewApiKey,
        status=201,
        tag="API keys",
    )
    def post(self, request: Request) -> Response:
        """Makes a key."""
        sent = self.read(shapes.ApiKeyCreate)
        key, token = apikeys.create(self.caller, name=sent["name"], role=sent["role"])
        return Response({**apikeys.item(key), "key": token}, status=201)


class ApiKeyRevokeView(ApiView):
    """Closes a key."""

    roles: ClassVar[dict[str, str]] = {"POST": "admin"}

    @documented(
        id="api_keys_revoke",
        summary="Closes a key for good, at once",
        answer=shapes.ApiKey,
        errors=[404],
        tag="API keys",
    )
    def post(self, request: Request, key_id: str) -> Response:
        """Revokes the key."""
        apikeys.revoke(self.caller, key_id)
        return Response(apikeys.item(key_queries.one(self.caller.workspace_id, key_id)))


class MembersView(ApiView):
    """Who is in the workspace."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="members_list", summary="Members by address", listed=shapes.Member, tag="Members")
    def get(self, request: Request) -> Response:
        """All members at once."""
        return whole(accounts.member_items(self.caller))
