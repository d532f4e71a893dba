import { IconAlertTriangle } from "@tabler/icons-react";

/** What went wrong, in words, and one way on. */
export function ErrorScreen({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <main className="none" role="alert">
      <IconAlertTriangle className="i i18 is-failed" />
      <h2>This page could not be shown</h2>
      <p>{error.message}</p>
      <div className="row">
        <button type="button" className="btn btn-line" onClick={retry}>
          Try again
        </button>
        <a className="btn btn-quiet" href="/">
          Home
        </a>
      </div>
    </main>
  );
}
