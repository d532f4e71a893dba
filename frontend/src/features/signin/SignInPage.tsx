import { IconInfoCircle, IconLogin2 } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { signIn, useSession } from "@/api/session";
import { DoorFrame } from "./DoorFrame";
import { inside } from "./next";

/** Sign-in by address and password. */
export function SignInPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const session = useSession();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const next = inside(params.get("next"));
  if (session.data) return <Navigate to={next} replace />;

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!email.trim() || !password) return setWrong("Enter your e-mail address and your password.");
    setBusy(true);
    setWrong("");
    try {
      await signIn(email.trim(), password);
      await client.invalidateQueries({ queryKey: ["me"] });
      navigate(next, { replace: true });
    } catch (reason) {
      setWrong((reason as Error).message);
      setBusy(false);
    }
  };
  return (
    <DoorFrame title="Sign in" fine="This server is yours. Nothing leaves it unless a flow sends it.">
      <h1>Sign in</h1>
      <p className="lead">to draw flows and watch them run</p>
      <form onSubmit={(event) => void send(event)} noValidate>
        <label className="lab" htmlFor="email">
          Work e-mail
        </label>
        <div className="field">
          <input
            id="email"
            type="email"
            autoComplete="username"
            // biome-ignore lint/a11y/noAutofocus: the page has this one purpose
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
        </div>
        <label className="lab second" htmlFor="password">
          Password
        </label>
        <div className="field">
          <input
            id="password"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </div>
        {wrong ? (
          <p className="call bad door-wrong" role="alert">
            {wrong}
          </p>
        ) : null}
        <button type="submit" className="btn btn-ink wide" disabled={busy}>
          <IconLogin2 className="i" />
          Sign in
        </button>
      </form>
      <p className="fine door-hint">
        <IconInfoCircle className="i i14" />
        <span>
          No password yet, or forgotten? Whoever runs this server can print a link that works once:{" "}
          <span className="mono">manage.py signin</span>
        </span>
      </p>
    </DoorFrame>
  );
}
