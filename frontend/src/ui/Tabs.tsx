import type { KeyboardEvent } from "react";

type Props<T extends string> = {
  label: string;
  value: T;
  choices: readonly { value: T; name: string }[];
  onChange: (value: T) => void;
  className?: string;
};

/** Tabs, moved through with the arrow keys. */
export function Tabs<T extends string>({ label, value, choices, onChange, className = "tabs" }: Props<T>) {
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    const at = choices.findIndex((each) => each.value === value);
    const to = choices[(at + by + choices.length) % choices.length];
    if (!to) return;
    onChange(to.value);
    (event.currentTarget.querySelectorAll("[role=tab]")[choices.indexOf(to)] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className={className} role="tablist" aria-label={label} onKeyDown={keys}>
      {choices.map((each) => (
        <button
          key={each.value}
          type="button"
          role="tab"
          aria-selected={each.value === value}
          tabIndex={each.value === value ? 0 : -1}
          onClick={() => onChange(each.value)}
        >
          {each.name}
        </button>
      ))}
    </div>
  );
}
