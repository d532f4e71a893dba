import { hue, initials } from "./names";

/** A person as two letters on a colour that stays the same for the same name. The letters are drawn: no reader reads them. */
export function Avatar({ name, size = 20 }: { name: string; size?: number }) {
  const tone = ["", "b", "c", "d"][hue(name, 4)] ?? "";
  return (
    <span
      className={`who ${tone}`}
      style={{ width: size, height: size }}
      data-letters={initials(name)}
      aria-hidden="true"
    />
  );
}
