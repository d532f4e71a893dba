import { useState } from "react";
import { CopyButton } from "./JsonView";
import { Segments } from "./Segments";

type Client = "node" | "python" | "browser" | "curl";

const clients = [
  { value: "node", name: "Node" },
  { value: "python", name: "Python" },
  { value: "browser", name: "Browser" },
  { value: "curl", name: "curl" },
] as const;

/** In single quotes of a shell, where an apostrophe would end them. */
const curlName = (name: string) => name.replaceAll("'", "\\u0027");

/** How a program that speaks to Segment sends its events here instead, in four languages. */
export function snippet(client: Client, host: string, key: string, event = "Signed Up"): string {
  const name = JSON.stringify(event);
  const texts: Record<Client, string> = {
    node: `// npm i @segment/analytics-node
import { Analytics } from "@segment/analytics-node"
const analytics = new Analytics({
  host: "${host}",
  writeKey: "${key}"
})
analytics.identify({
  userId: "u_1", traits: { email: "it@you.example" }
})
analytics.track({ userId: "u_1", event: ${name} })`,
    python: `# pip install segment-analytics-python
import segment.analytics as analytics

analytics.host = "${host}"
analytics.write_key = "${key}"
analytics.identify("u_1", {"email": "it@you.example"})
analytics.track("u_1", ${name})
analytics.flush()`,
    browser: `// npm i @segment/analytics-next
import { AnalyticsBrowser } from "@segment/analytics-next"
const analytics = AnalyticsBrowser.load(
  { writeKey: "${key}" },
  { integrations: { "Segment.io": {
    apiHost: "${host.replace(/^https?:\/\//, "")}/v1",
    protocol: "${host.startsWith("https") ? "https" : "http"}"
  } } }
)
analytics.identify("u_1", { email: "it@you.example" })
analytics.track(${name})`,
    curl: `curl ${host}/v1/batch -u "${key}:" \\
  -d '{"batch": [
    {"type": "identify", "userId": "u_1",
     "traits": {"email": "it@you.example"}},
    {"type": "track", "userId": "u_1",
     "event": ${curlName(name)}}
  ]}'`,
  };
  return texts[client];
}

type SnippetsProps = { writeKey: string; event?: string; first?: Client };

/** The snippets with a write key, or with the place where it goes. */
export function Snippets({ writeKey, event, first = "node" }: SnippetsProps) {
  const [client, setClient] = useState<Client>(first);
  const text = snippet(client, window.location.origin, writeKey || "YOUR_WRITE_KEY", event);
  return (
    <>
      <div className="row snippets">
        <Segments label="Client" value={client} choices={clients} onChange={setClient} />
        <span className="push" />
        <CopyButton text={text} label="Copy the snippet" />
      </div>
      <pre className="codeblock" tabIndex={0}>
        {colour(text, writeKey)}
      </pre>
    </>
  );
}

const tokens = /("(?:[^"\\]|\\.)*")|((?<![:\w])(?:\/\/|#).*$)|\b(import|from|const|new|as)\b/gm;

/** The text with its strings, comments and words of the language marked; all of it stays text. */
function colour(text: string, key: string) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(tokens)) {
    const start = match.index;
    const [whole, quoted, comment] = match;
    parts.push(text.slice(at, start));
    if (quoted && key && quoted.includes(key)) parts.push(<mark key={start}>{whole}</mark>);
    else if (quoted) parts.push(<u key={start}>{whole}</u>);
    else if (comment) parts.push(<s key={start}>{whole}</s>);
    else parts.push(<i key={start}>{whole}</i>);
    at = start + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}
