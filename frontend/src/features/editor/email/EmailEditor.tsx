/** The e-mail of a step, written beside what arrives: subject, preheader, body, and the letter as a customer gets it. */

import { Modal } from "@mantine/core";
import { Suspense } from "react";
import type { Schema } from "@/graph/catalogue";
import type { Config, Json } from "@/graph/document";
import { Segments } from "@/ui/Segments";
import type { LetterSource } from "../data";
import { useWhere } from "../forms/context";
import { CodeEditor } from "../forms/lazy";
import { asText } from "../forms/schema";
import { BlockList } from "./BlockList";
import { blocksOf } from "./blocks";
import { LetterPreview } from "./LetterPreview";
import "./email.css";

const FORMATS = [
  { value: "markdown", name: "Markdown" },
  { value: "html", name: "HTML" },
  { value: "blocks", name: "Blocks" },
] as const;

function sourceOf(config: Config): LetterSource {
  const format = config.format === "html" || config.format === "blocks" ? config.format : "markdown";
  return {
    subject: asText(config.subject),
    preheader: asText(config.preheader),
    body: asText(config.body),
    format,
    transactional: config.transactional === true,
    ...(format === "blocks" ? { body: "", blocks: blocksOf(config.blocks) } : {}),
  };
}

function help(schema: Schema, name: string): string {
  return schema.properties?.[name]?.description ?? "";
}

export default function EmailEditor({ onClose }: { onClose: () => void }) {
  const { flow, node, type, whole } = useWhere();
  const locked = !whole || whole.disabled;
  const source = sourceOf(node.config);
  const blocks = blocksOf(node.config.blocks);
  const put = (field: string, value: Json) => {
    const { [field]: _, ...rest } = node.config;
    whole?.onChange(value === "" && field === "preheader" ? rest : { ...rest, [field]: value }, field);
  };
  const close = () => {
    whole?.onRest();
    onClose();
  };
  const code = (field: "subject" | "preheader" | "body", label: string, placeholder: string) => (
    <div className="labelled" data-testid={`letter-${field}-source`}>
      <div className="h">
        <span>{label}</span>
        {field === "body" ? (
          <span className="push">
            <Segments
              label="Written in"
              value={source.format}
              choices={FORMATS}
              onChange={(format) => !locked && put("format", format)}
            />
          </span>
        ) : null}
      </div>
      {field === "body" && source.format === "blocks" ? (
        <BlockList
          blocks={blocks}
          all={blocks}
          disabled={locked}
          place="the e-mail"
          onChange={(next) => put("blocks", next)}
        />
      ) : (
        <Suspense fallback={<div className="code-editor" />}>
          <CodeEditor
            kind="liquid"
            picker
            html={field === "body" && source.format === "html"}
            tall={field === "body"}
            value={source[field]}
            label={label}
            disabled={locked}
            placeholder={placeholder}
            onChange={(text) => put(field, text)}
          />
        </Suspense>
      )}
      <p className="help">{help(type.schema, field === "body" && source.format === "blocks" ? "blocks" : field)}</p>
    </div>
  );
  return (
    <Modal
      opened
      onClose={close}
      fullScreen
      radius={0}
      title={node.name || type.name}
      closeButtonProps={{ "aria-label": "Close the e-mail editor" }}
      classNames={{ content: "email-editor", body: "email-body" }}
    >
      <div className="form email-write" data-testid="email-editor">
        {code("subject", "Subject", "Welcome, {{ customer.traits.first_name }}")}
        {code("preheader", "Preheader", "What mailboxes show after the subject")}
        {code("body", "Body", "")}
        <p className="help">Type {"{{"} for values of the customer, the event and earlier steps.</p>
      </div>
      <LetterPreview source={source} flow={flow} />
    </Modal>
  );
}
