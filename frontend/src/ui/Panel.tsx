import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";

type Props = {
  label: string;
  title: ReactNode;
  sub?: ReactNode;
  mark?: ReactNode;
  beside?: ReactNode;
  tabs?: ReactNode;
  footer?: ReactNode;
  width?: number;
  testId?: string;
  onClose?: () => void;
  children: ReactNode;
};

/** The panel docked at the right: what one thing is, and what can be done with it. Escape closes it. */
export function Panel({ label, title, sub, mark, beside, tabs, footer, width, testId, onClose, children }: Props) {
  useEffect(() => {
    if (!onClose) return;
    const close = (event: KeyboardEvent) => {
      const modal = document.querySelector("[role=dialog],[role=menu]");
      if (event.key === "Escape" && !event.defaultPrevented && !modal) onClose();
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [onClose]);
  return (
    <aside className="panel" aria-label={label} style={width ? { width } : undefined} data-testid={testId}>
      <header>
        <div className="row">
          {mark}
          <div className="cut grow">
            <h2 className="cut">{title}</h2>
            {sub ? <div className="t3 s12 cut">{sub}</div> : null}
          </div>
          {beside}
          {onClose ? (
            <button type="button" className="icon-btn" aria-label="Close" onClick={onClose}>
              <IconX className="i" />
            </button>
          ) : null}
        </div>
      </header>
      {tabs}
      <div className="body">{children}</div>
      {footer ? <footer>{footer}</footer> : null}
    </aside>
  );
}
