/** JSON, saved only while it can be read; what is being typed is never lost. */

import { Textarea } from "@mantine/core";
import { useState } from "react";
import { type Json, same } from "@/graph/document";
import { common, type FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

function read(text: string): { readonly value: Json | undefined } | { readonly wrong: string } {
  if (!text.trim()) return { value: undefined };
  try {
    return { value: JSON.parse(text) as Json };
  } catch (reason) {
    // A body may be plain Liquid text as well; only what begins like JSON must be JSON.
    if (!/^\s*[[{"]/.test(text)) return { value: text };
    return { wrong: `This is not JSON yet: ${reason instanceof Error ? reason.message : String(reason)}` };
  }
}

export function JsonField(props: FieldProps) {
  const { value, onChange } = props;
  const [text, setText] = useState(() => asText(value));
  const [seen, setSeen] = useState(value);
  if (!same(seen, value)) {
    setSeen(value);
    setText(asText(value));
  }
  const now = read(text);
  return (
    <Labelled {...props}>
      {(ids) => (
        <Textarea
          {...common(props, ids)}
          error={"wrong" in now ? now.wrong : Boolean(props.issue)}
          autosize
          minRows={3}
          maxRows={16}
          value={text}
          spellCheck={false}
          classNames={{ input: "mono" }}
          onChange={(event) => {
            const next = event.currentTarget.value;
            setText(next);
            const parsed = read(next);
            if ("wrong" in parsed) return;
            setSeen(parsed.value);
            onChange(parsed.value);
          }}
        />
      )}
    </Labelled>
  );
}
