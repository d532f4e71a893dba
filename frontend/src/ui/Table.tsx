import type { KeyboardEvent, MouseEvent, ReactNode } from "react";

export type Head = { name: ReactNode; className?: string; key: string };

type TableProps = {
  label: string;
  grid: string;
  heads: readonly Head[];
  busy?: boolean;
  stale?: boolean;
  children: ReactNode;
};

/** A list with heads, laid out by the class `grid`; rows and cells are named as such for screen readers. */
export function Table({ label, grid, heads, busy = false, stale = false, children }: TableProps) {
  return (
    <div className={stale ? "table stale" : "table"} role="table" aria-label={label} aria-busy={busy}>
      <div role="rowgroup">
        <div className={`grid ${grid} grid-head`} role="row">
          {heads.map((head) => (
            <span key={head.key} role="columnheader" className={head.className}>
              {head.name}
            </span>
          ))}
        </div>
      </div>
      <div className="rows" role="rowgroup">
        {children}
      </div>
    </div>
  );
}

type RowProps = { className: string; on?: boolean; label?: string; onOpen?: () => void; children: ReactNode };

function fromControl(event: MouseEvent | KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  const control = target.closest("a, button, input, label, [role=menuitem], [role=dialog]");
  return control !== null && control !== event.currentTarget;
}

/** One row. With `onOpen` it opens by click or Enter, and the arrow keys move between rows. */
export function Row({ className, on = false, label, onOpen, children }: RowProps) {
  const names = `grid ${className}${on ? " on" : ""}${onOpen ? " clickable" : ""}`;
  if (!onOpen) {
    return (
      <div className={names} role="row">
        {children}
      </div>
    );
  }
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    if (fromControl(event)) return;
    if (event.key === "Enter") onOpen();
    else if (event.key === "ArrowDown") step(event.currentTarget.nextElementSibling);
    else if (event.key === "ArrowUp") step(event.currentTarget.previousElementSibling);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className={names}
      role="row"
      tabIndex={0}
      aria-label={label}
      aria-current={on || undefined}
      onKeyDown={keys}
      onClick={(event) => {
        if (!fromControl(event)) onOpen();
      }}
    >
      {children}
    </div>
  );
}

function step(to: Element | null): void {
  if (to instanceof HTMLElement && to.tabIndex >= 0) to.focus();
}

/** One cell of a row. */
export function Cell({ className, children }: { className?: string; children?: ReactNode }) {
  return (
    <div className={className} role="cell">
      {children}
    </div>
  );
}

/** Something in a table that is no row of data: what is said when there are none, a button for more. */
export function Note({ children }: { children: ReactNode }) {
  return (
    <div className="table-note" role="row">
      <div role="cell">{children}</div>
    </div>
  );
}
