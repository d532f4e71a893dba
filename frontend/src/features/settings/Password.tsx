import { PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import { post } from "@/api/http";

/** Sets the password of whoever is signed in. */
export function Password() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<{ current?: string; password?: string }>({});
  const [busy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (password.length < 10) return setWrong({ password: "Take at least 10 characters." });
    setBusy(true);
    setWrong({});
    try {
      await post("auth/password/", { password, ...(current && { current }) });
      setPassword("");
      setCurrent("");
      notifications.show({ message: "The password is set. Your other sessions were ended." });
    } catch (reason) {
      const asked = reason instanceof ApiError ? reason.field("current") : undefined;
      setWrong(asked ? { current: asked } : { password: (reason as Error).message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <section id="password" aria-labelledby="password-h">
      <div className="sh">
        <h2 id="password-h">Password</h2>
        <p>To sign in without a link</p>
      </div>
      <form className="box pass" onSubmit={(event) => void send(event)}>
        <PasswordInput
          label="Current password"
          description="Leave it empty if you have none, or came by a sign-in link."
          autoComplete="current-password"
          value={current}
          error={wrong.current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description="At least 10 characters. A sentence is best."
          autoComplete="new-password"
          value={password}
          error={wrong.password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <button type="submit" className="btn btn-ink" disabled={busy}>
          Set the password
        </button>
      </form>
    </section>
  );
}
