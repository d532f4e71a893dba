/** Tabs of a panel; the arrow keys go from one to the next. */

interface Props<T extends string> {
  label: string;
  value: T;
  tabs: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

export function Tabs<T extends string>({ label, value, tabs, onChange }: Props<T>) {
  return (
    <div className="tabs" role="tablist" aria-label={label}>
      {tabs.map(([id, name], at) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={id === value}
          tabIndex={id === value ? 0 : -1}
          data-testid={`tab-${id}`}
          onClick={() => onChange(id)}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            const next = tabs[(at + step + tabs.length) % tabs.length];
            if (!step || !next) return;
            onChange(next[0]);
            const buttons = event.currentTarget.parentElement?.querySelectorAll("button");
            buttons?.[(at + step + tabs.length) % tabs.length]?.focus();
          }}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
