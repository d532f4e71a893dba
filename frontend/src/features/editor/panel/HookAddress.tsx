/** The secret address of a webhook trigger; it exists once the flow was published. */

import { CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { FlowDetail } from "@/api/models";

export function HookAddress({ flow, node }: { flow: FlowDetail; node: string }) {
  const hook = flow.hooks.find((item) => item.node === node);
  if (!hook) {
    return (
      <p className="call calm">
        <span>
          <span className="strong">Publish to get its address.</span> It is secret: whoever knows it can start this
          flow.
        </span>
      </p>
    );
  }
  return (
    <section className="stack">
      <h3 className="h">Address</h3>
      <div className="row">
        <code className="code grow cut" title={hook.url}>
          {hook.url}
        </code>
        <CopyButton value={hook.url}>
          {({ copied, copy }) => (
            <button
              type="button"
              className="icon-btn"
              aria-label={copied ? "Copied" : "Copy the address"}
              onClick={copy}
            >
              {copied ? <IconCheck className="i" /> : <IconCopy className="i" />}
            </button>
          )}
        </CopyButton>
      </div>
      <p className="t3 s12">POST JSON to it. Whoever knows it can start this flow.</p>
    </section>
  );
}
