/** A key, as it stands on the keyboard. */
export function ShortcutKey({ children, className = "" }: { children: string; className?: string }) {
  return (
    <span className={`kbd ${className}`} aria-hidden="true">
      {children}
    </span>
  );
}
