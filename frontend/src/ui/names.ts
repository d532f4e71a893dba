/** Two letters for a name or an e-mail address. */
export function initials(name: string): string {
  const words = (name.split("@")[0] ?? "").split(/[\s._-]+/).filter(Boolean);
  const letters =
    words.length > 1 ? [words[0], words[words.length - 1]].map((each) => each?.[0]) : [words[0]?.slice(0, 2)];
  return letters.join("").toUpperCase() || "?";
}

/** A number below `count` that is always the same for the same text. */
export function hue(text: string, count: number): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % count;
}
