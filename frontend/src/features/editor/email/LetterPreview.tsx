/** An e-mail as a customer would get it, on a desktop and a phone, light and dark. Its frame runs no scripts. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { nonce } from "@/ui/nonce";
import { Segments } from "@/ui/Segments";
import { type Letter, type LetterSource, previewLetter } from "../data";
import { AsCustomer } from "../forms/AsCustomer";
import { usePreviewAs } from "../forms/previewAs";
import { TestSend } from "./TestSend";

type View = "desktop" | "phone" | "text";

const VIEWS = [
  { value: "desktop", name: "Desktop" },
  { value: "phone", name: "Phone" },
  { value: "text", name: "Text" },
] as const;

const TONES = [
  { value: "light", name: "Light" },
  { value: "dark", name: "Dark" },
] as const;

/** What a mailbox in dark mode makes of a letter that brings no colours of its own. */
const DARK = "background:#1b1a18;color:#f4f3f0;color-scheme:dark";

/** The letter in a light or dark mailbox, whatever this screen is. Its own style sheet may be read here, no other. */
function page(letter: Letter, dark: boolean): string {
  const html = letter.html.replace(/<style data-letter>(.*?)<\/style>/s, (_, sheet: string) => {
    const fixed = sheet.replace("(prefers-color-scheme:dark)", dark ? "all" : "not all");
    return `<style nonce="${nonce()}">${fixed}</style>`;
  });
  return dark ? html.replace("<body>", `<body style="${DARK}">`) : html;
}

/** Without a preheader, mailboxes show how the letter begins. */
function beginning(text: string): string {
  return text
    .replace(/\s*Unsubscribe \(#\)\s*$/, "")
    .trim()
    .slice(0, 90);
}

function kilobytes(size: number): string {
  return `${(size / 1024).toLocaleString("en", { maximumFractionDigits: size < 10_240 ? 1 : 0 })} kB`;
}

export function LetterPreview({ source, flow }: { source: LetterSource; flow: string }) {
  const [settled] = useDebouncedValue(source, 350);
  const [view, setView] = useState<View>("desktop");
  const [tone, setTone] = useState<"light" | "dark">("light");
  const { id } = usePreviewAs();
  const { data, error } = useQuery({
    queryKey: ["letter-preview", flow, id, settled],
    queryFn: () => previewLetter(settled, flow, id),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  return (
    <section className="form letter" aria-label="Preview">
      <div className="letter-bar">
        <AsCustomer newest={id ? "" : (data?.customer ?? "")} />
        <span className="push" />
        <Segments label="Device" value={view} choices={VIEWS} onChange={setView} />
        <Segments label="Theme of the mailbox" value={tone} choices={TONES} onChange={setTone} />
        <TestSend source={source} flow={flow} />
      </div>
      {error ? (
        <p className="call bad" role="alert">
          {error.message}
        </p>
      ) : null}
      {data ? (
        <div className={`letter-stage ${view} ${tone}`}>
          <article className="letter-sheet">
            <header>
              <b className="cut" data-testid="letter-subject">
                {data.subject || "No subject"}
              </b>
              <span className="cut" data-testid="letter-preheader">
                {data.preheader || beginning(data.text)}
              </span>
            </header>
            {view === "text" ? (
              <pre tabIndex={0}>{data.text}</pre>
            ) : (
              <iframe
                sandbox=""
                referrerPolicy="no-referrer"
                srcDoc={page(data, tone === "dark")}
                title="The e-mail as it would arrive"
                data-testid="letter-frame"
              />
            )}
          </article>
        </div>
      ) : null}
      <p className={data?.clipped ? "wrong" : "help"} data-testid="letter-size">
        {data
          ? data.clipped
            ? `${kilobytes(data.size)}: Gmail cuts letters off at 102 kB, and the link to unsubscribe with them. Shorten it.`
            : `${kilobytes(data.size)} of 102 kB. Pictures from other sites are not loaded here.`
          : "…"}
      </p>
    </section>
  );
}
