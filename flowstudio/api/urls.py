"""The routes below /api/v1/, each with its slash; CONTRACT's table in order."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from flowstudio.api.views import auth, drafts, flows, graphs, runs, settings, simulations, site
from flowstudio.services.lifecycle import MOVES

urlpatterns: list[URLPattern] = [
    path("schema/", SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    path("docs/", site.docs, name="docs"),
    path("auth/session/", auth.SessionView.as_view()),
    path("auth/signin/", auth.SignInView.as_view()),
    path("auth/link/", auth.LinkView.as_view()),
    path("auth/signout/", auth.SignOutView.as_view()),
    path("auth/password/", auth.PasswordView.as_view()),
    path("me/", auth.MeView.as_view()),
    path("home/", settings.HomeView.as_view()),
    path("node-types/", graphs.NodeTypesView.as_view()),
    path("flow-settings/", graphs.FlowSettingsView.as_view()),
    path("graphs/validate/", graphs.ValidateView.as_view()),
    path("graphs/layout/", graphs.LayoutView.as_view()),
    path("graphs/explain/", graphs.ExplainView.as_view()),
    path("expressions/check/", graphs.ExpressionCheckView.as_view()),
    path("templates/preview/", graphs.PreviewView.as_view()),
    path("templates/", flows.TemplatesView.as_view()),
    path("variables/", graphs.VariablesView.as_view()),
    path("flows/", flows.FlowsView.as_view()),
    path("flows/<str:flow_id>/", flows.FlowView.as_view()),
    path("flows/<str:flow_id>/duplicate/", flows.DuplicateView.as_view()),
    path("flows/<str:flow_id>/draft/", drafts.DraftView.as_view()),
    path("flows/<str:flow_id>/publish/", drafts.PublishView.as_view()),
    path("flows/<str:flow_id>/publish-plan/", drafts.PublishPlanView.as_view()),
    *[path(f"flows/<str:flow_id>/{verb}/", flows.move_view(verb)) for verb in MOVES],
    path("flows/<str:flow_id>/versions/", drafts.VersionsView.as_view()),
    path("flows/<str:flow_id>/versions/<int:number>/", drafts.VersionView.as_view()),
    path("flows/<str:flow_id>/versions/<int:number>/diff/", drafts.VersionDiffView.as_view()),
    path("flows/<str:flow_id>/simulate/", simulations.SimulateView.as_view()),
    path("flows/<str:flow_id>/export/", flows.ExportView.as_view()),
    path("flows/<str:flow_id>/stats/", flows.StatsView.as_view()),
    path("flows/<str:flow_id>/hooks/<str:node>/rotate/", flows.HookRotateView.as_view()),
    path("runs/", runs.RunsView.as_view()),
    path("runs/<str:run_id>/", runs.RunView.as_view()),
    path("runs/<str:run_id>/cancel/", runs.RunCancelView.as_view()),
    path("runs/<str:run_id>/retry/", runs.RunRetryView.as_view()),
    path("customers/", runs.CustomersView.as_view()),
    path("customers/<str:customer_id>/", runs.CustomerView.as_view()),
    path("customers/<str:customer_id>/journey/", runs.JourneyView.as_view()),
    path("events/", runs.EventsView.as_view()),
    path("events/<str:event_id>/", runs.EventView.as_view()),
    path("outbox/", runs.OutboxView.as_view()),
    path("outbox/<str:mail_id>/", runs.MailView.as_view()),
    path("outbox/<str:mail_id>/html/", runs.MailHtmlView.as_view()),
    path("connectors/", settings.ConnectorsView.as_view()),
    path("credentials/", settings.CredentialsView.as_view()),
    path("credentials/<str:credential_id>/", settings.CredentialView.as_view()),
    path("credentials/<str:credential_id>/test/", settings.CredentialTestView.as_view()),
    path("api-keys/", settings.ApiKeysView.as_view()),
    path("api-keys/<str:key_id>/revoke/", settings.ApiKeyRevokeView.as_view()),
    path("members/", settings.MembersView.as_view()),
    re_path(r"^.*$", site.unknown),
]
