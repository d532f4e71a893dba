import { IconLogin2 } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { spendLink } from "@/api/session";
import { DoorFrame } from "./DoorFrame";

function tokenOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") ?? "";
}

/** A one-time link. Opening it changes nothing; the button uses it up. */
export function LinkPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [token, setToken] = useState(() => tokenOf(window.location.hash));
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    const changed = () => setToken(tokenOf(window.location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);

  const go = async () => {
    setBusy(true);
    setWrong("");
    try {
      await spendLink(token);
      await client.invalidateQueries({ queryKey: ["me"] });
      navigate("/", { replace: true });
    } catch (reason) {
      setWrong((reason as Error).message);
      setBusy(false);
    }
  };
  if (!token) {
    return (
      <DoorFrame title="Sign in" fine="This server is yours. Nothing leaves it unless a flow sends it.">
        <h1>This link is not whole</h1>
        <p className="lead">
          Copy it again, to its end, or ask whoever runs this server for a new one:{" "}
          <span className="mono">manage.py signin</span>
        </p>
        <Link className="btn btn-line wide" to="/signin">
          Sign in with a password
        </Link>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title="Sign in" fine="Not you? Close this page. The link goes stale by itself.">
      <h1>Welcome. Is this you?</h1>
      <p className="lead">Links are sometimes opened by mail scanners, so we ask before we use it up.</p>
      {wrong ? (
        <p className="call bad door-wrong" role="alert">
          {wrong}
        </p>
      ) : null}
      <button type="button" className="btn btn-ink wide" disabled={busy} onClick={() => void go()}>
        <IconLogin2 className="i" />
        Sign in on this device
      </button>
      <p className="fine door-hint">
        <span>It works once. Set a password in Settings to sign in without a link next time.</span>
      </p>
    </DoorFrame>
  );
}
