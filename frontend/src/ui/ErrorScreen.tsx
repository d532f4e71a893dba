import { IconAlertTriangle } from "@tabler/icons-react";

// The browsers' words for a part of the program that could not be fetched: the server is away, or has a new version.
const MISSING = /dynamically imported module|importing a module script|preload CSS/i;

/** What went wrong, in words, and one way on. */
export function ErrorScreen({ error, retry }: { error: Error; retry: () => void }) {
  const missing = MISSING.test(error.message);
  return (
    <main className="none" role="alert">
      <IconAlertTriangle className="i i18 is-failed" />
      <h2>This page could not be shown</h2>
      <p>
        {missing
          ? "A part of it did not come from the server. Is flowstudio running, and are you on the network? After an update, loading the page again is enough."
          : error.message}
      </p>
      <div className="row">
        <button type="button" className="btn btn-line" onClick={missing ? () => window.location.reload() : retry}>
          {missing ? "Load the page again" : "Try again"}
        </button>
        <a className="btn btn-quiet" href="/">
          Home
        </a>
      </div>
    </main>
  );
}
