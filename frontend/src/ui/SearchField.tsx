import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { ShortcutKey } from "./ShortcutKey";

type Props = { value: string; onChange: (value: string) => void; placeholder: string; width?: number };

/** A search field that `/` jumps to and Escape empties. */
export function SearchField({ value, onChange, placeholder, width }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const typing = target?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target?.tagName ?? "");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, []);
  return (
    <div className="field quiet search" style={width ? { width } : undefined}>
      <IconSearch className="i i14" />
      <input
        ref={input}
        type="search"
        value={value}
        aria-label={placeholder}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          if (value) onChange("");
          else event.currentTarget.blur();
        }}
      />
      {value ? (
        <button type="button" className="icon-btn tiny push" aria-label="Empty the search" onClick={() => onChange("")}>
          <IconX className="i i12" />
        </button>
      ) : (
        <ShortcutKey className="push">/</ShortcutKey>
      )}
    </div>
  );
}
