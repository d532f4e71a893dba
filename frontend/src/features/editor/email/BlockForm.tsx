/** What can be said in one block: its texts with values filled in, its address, and how it looks. */

import { Suspense, useId } from "react";
import type { Json } from "@/graph/document";
import { SelectField } from "@/ui/SelectField";
import { CodeEditor } from "../forms/lazy";
import type { Block } from "./blocks";

const SIDES = [
  { value: "left", name: "Left" },
  { value: "center", name: "Middle" },
  { value: "right", name: "Right" },
];

const LEVELS = [
  { value: "1", name: "Large" },
  { value: "2", name: "Medium" },
  { value: "3", name: "Small" },
];

interface Props {
  block: Block;
  disabled: boolean;
  onChange: (block: Block) => void;
}

export function BlockForm({ block, disabled, onChange }: Props) {
  const put = (name: string, value: Json) => {
    const { [name]: _, ...rest } = block;
    onChange((value === "" ? rest : { ...rest, [name]: value }) as Block);
  };
  const code = (name: string, label: string, help: string, placeholder = "", tall = false) => (
    <div className="labelled">
      <div className="h">
        <span>{label}</span>
      </div>
      <Suspense fallback={<div className="code-editor" />}>
        <CodeEditor
          kind="liquid"
          tall={tall}
          picker
          value={String(block[name] ?? "")}
          label={label}
          disabled={disabled}
          placeholder={placeholder}
          onChange={(text) => put(name, text)}
        />
      </Suspense>
      {help ? <p className="help">{help}</p> : null}
    </div>
  );
  const address = "Begins with https://, http:// or mailto:. Values may be filled in.";
  const side = (start: string) => (
    <SelectField
      label="Side"
      value={String(block.align ?? start)}
      choices={SIDES}
      disabled={disabled}
      onChange={(value) => put("align", value)}
    />
  );
  const number = (name: string, label: string, start: number, min: number, max: number) => (
    <Amount
      label={label}
      value={Number(block[name] ?? start)}
      min={min}
      max={max}
      disabled={disabled}
      onChange={(value) => put(name, value)}
    />
  );
  switch (block.kind) {
    case "heading":
      return (
        <div className="form block-form">
          {code("text", "Heading", "", "Welcome, {{ customer.traits.first_name }}")}
          <div className="row">
            <SelectField
              label="Size"
              value={String(block.level ?? 1)}
              choices={LEVELS}
              disabled={disabled}
              onChange={(value) => put("level", Number(value))}
            />
            {side("left")}
          </div>
        </div>
      );
    case "text":
      return (
        <div className="form block-form">
          {code("text", "Text", "Markdown: **bold**, *italic*, [a link](https://…), lists with -.", "", true)}
          {side("left")}
        </div>
      );
    case "button":
      return (
        <div className="form block-form">
          {code("text", "On the button", "", "Start now")}
          {code("url", "Leads to", address, "https://")}
          <div className="row">
            <label className="row s12 t2">
              Colour
              <input
                type="color"
                value={String(block.colour ?? "#2456d6")}
                disabled={disabled}
                onChange={(event) => put("colour", event.currentTarget.value)}
              />
            </label>
            {side("left")}
          </div>
        </div>
      );
    case "image":
      return (
        <div className="form block-form">
          {code("url", "Picture", address, "https://")}
          {code("alt", "In words", "Read out, and shown where pictures are off.")}
          {code("link", "Leads to", "Optional.", "https://")}
          <div className="row">
            {number("width", "Width", 600, 16, 600)}
            {side("center")}
          </div>
        </div>
      );
    case "spacer":
      return <div className="form block-form">{number("height", "Height", 24, 4, 200)}</div>;
    default:
      return <p className="help block-form">A thin line. There is nothing to set.</p>;
  }
}

interface AmountProps {
  label: string;
  value: number;
  min: number;
  max: number;
  disabled: boolean;
  onChange: (value: number) => void;
}

/** Pixels within bounds; what is outside of them is not taken. */
function Amount({ label, value, min, max, disabled, onChange }: AmountProps) {
  const id = useId();
  return (
    <span className="row s12 t2">
      <label htmlFor={id}>{label}</label>
      <span className="field quiet block-amount">
        <input
          id={id}
          type="number"
          key={value}
          defaultValue={value}
          min={min}
          max={max}
          disabled={disabled}
          onBlur={(event) => {
            const typed = Math.round(Number(event.currentTarget.value));
            const kept = Number.isFinite(typed) ? Math.min(max, Math.max(min, typed)) : value;
            event.currentTarget.value = String(kept);
            if (kept !== value) onChange(kept);
          }}
        />
      </span>
      px
    </span>
  );
}
