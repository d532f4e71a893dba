import { PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { useMe } from "@/api/session";

/** Sets the password of whoever is signed in. */
export function Password() {
  const me = useMe();
  const client = useQueryClient();
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
      await api.POST("/api/v1/auth/password/", { body: { password, ...(current && { current }) } });
      await client.invalidateQueries({ queryKey: ["me"] });
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
      <form className={me.has_password ? "box pass" : "box pass one"} onSubmit={(event) => void send(event)}>
        {me.has_password ? (
          <PasswordInput
            label="Current password"
            description="Leave it empty if you came by a sign-in link."
            autoComplete="current-password"
            value={current}
            error={wrong.current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        ) : null}
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
