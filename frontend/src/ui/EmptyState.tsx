import type { ReactNode } from "react";

type Props = { icon?: ReactNode; kind?: string; title: string; children?: ReactNode; actions?: ReactNode };

/** Nothing here: what would be, and one step that changes it. */
export function EmptyState({ icon, kind = "logic", title, children, actions }: Props) {
  return (
    <div className="none">
      {icon ? <span className={`tile big k-${kind}`}>{icon}</span> : null}
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {actions ? <div className="row">{actions}</div> : null}
    </div>
  );
}
