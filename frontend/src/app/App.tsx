import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, lazy } from "react";
import { createBrowserRouter, Outlet, RouterProvider, useLocation, useRouteError } from "react-router";
import { ApiError } from "@/api/errors";
import { ErrorScreen } from "@/ui/ErrorScreen";
import { NotFound } from "@/ui/NotFound";
import { Boundary } from "./Boundary";
import { Gate } from "./Gate";
import { Shell } from "./Shell";
import { Theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // The server may be on this very machine: only asking tells whether it answers, and what failed is said.
      networkMode: "always",
      refetchOnWindowFocus: true,
      retry: (count, reason) =>
        count < 2 && !(reason instanceof ApiError && reason.status >= 400 && reason.status < 500),
    },
    mutations: { networkMode: "always" },
  },
});

function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazy(async () => ({ default: (await load())[name] }));
}

const HomePage = page(() => import("@/features/home/HomePage"), "HomePage");
const EditorPage = page(() => import("@/features/editor"), "EditorPage");
const RunsPage = page(() => import("@/features/runs/RunsPage"), "RunsPage");
const EventsPage = page(() => import("@/features/events/EventsPage"), "EventsPage");
const CustomersPage = page(() => import("@/features/customers/CustomersPage"), "CustomersPage");
const CustomerPage = page(() => import("@/features/customers/CustomerPage"), "CustomerPage");
const SegmentsPage = page(() => import("@/features/segments/SegmentsPage"), "SegmentsPage");
const ConnectorsPage = page(() => import("@/features/connectors/ConnectorsPage"), "ConnectorsPage");
const OutboxPage = page(() => import("@/features/outbox/OutboxPage"), "OutboxPage");
const RestoredPage = page(() => import("@/features/restored/RestoredPage"), "RestoredPage");
const SettingsPage = page(() => import("@/features/settings/SettingsPage"), "SettingsPage");
const SignInPage = page(() => import("@/features/signin/SignInPage"), "SignInPage");
const LinkPage = page(() => import("@/features/signin/LinkPage"), "LinkPage");

function Guarded() {
  const { pathname } = useLocation();
  return (
    <Boundary resetKey={pathname}>
      <Outlet />
    </Boundary>
  );
}

function RouteError() {
  const reason = useRouteError();
  return (
    <ErrorScreen
      error={reason instanceof Error ? reason : new Error(String(reason))}
      retry={() => window.location.reload()}
    />
  );
}

const router = createBrowserRouter([
  {
    element: <Guarded />,
    errorElement: <RouteError />,
    children: [
      { path: "/signin", element: <SignInPage /> },
      { path: "/signin/link", element: <LinkPage /> },
      {
        element: <Gate />,
        children: [
          {
            element: <Shell />,
            children: [
              { path: "/", element: <HomePage /> },
              { path: "/flows/:id", element: <EditorPage /> },
              { path: "/runs", element: <RunsPage /> },
              { path: "/events", element: <EventsPage /> },
              { path: "/customers", element: <CustomersPage /> },
              { path: "/customers/:id", element: <CustomerPage /> },
              { path: "/segments", element: <SegmentsPage /> },
              { path: "/connectors", element: <ConnectorsPage /> },
              { path: "/outbox", element: <OutboxPage /> },
              { path: "/restored", element: <RestoredPage /> },
              { path: "/settings", element: <SettingsPage /> },
              { path: "*", element: <NotFound /> },
            ],
          },
        ],
      },
    ],
  },
]);

/** The whole front end: look, data, notifications and routes. */
export function App() {
  return (
    <Theme>
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" autoClose={5000} limit={4} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Theme>
  );
}
