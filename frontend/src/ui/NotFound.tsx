import { Topbar } from "./Topbar";

/** An address that leads nowhere, and the way back. */
export function NotFound({ what = "page" }: { what?: string }) {
  return (
    <>
      <Topbar title="Not found" />
      <main className="main">
        <div className="none">
          <h2>There is no such {what}</h2>
          <p>The address may be wrong, or it was deleted, or it is not in this workspace.</p>
          <div className="row">
            <a className="btn btn-line" href="/">
              Home
            </a>
          </div>
        </div>
      </main>
    </>
  );
}
