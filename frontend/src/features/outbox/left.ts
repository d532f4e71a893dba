import type { Mail } from "@/api/models";

/** How a mail left, in words. */
export function left(mail: Mail): string {
  return mail.delivered_by === "outbox" || !mail.delivered_by
    ? "Kept here, sent to nobody"
    : `Sent by ${mail.delivered_by === "smtp" ? "the mail relay" : mail.delivered_by}`;
}
