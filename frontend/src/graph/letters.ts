/** How wide a name is, without measuring: the mirror of `flowstudio.domain.drawing.label`. */

import type { Wish } from "./labels";

const NARROW = new Set("iljtfrI.,:;'|!()[]{}/\\`·-\"");
const BROAD = new Set("mwMW@%—…");
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

function share(letter: string): number {
  if (NARROW.has(letter)) return 0.32;
  if (BROAD.has(letter)) return 0.88;
  if (letter === " ") return 0.28;
  const code = letter.codePointAt(0) ?? 0;
  if (WIDE.some(([first, last]) => first <= code && code <= last)) return 1;
  if (/\p{Lu}/u.test(letter)) return 0.68;
  return /\p{Nd}/u.test(letter) ? 0.62 : 0.57;
}

/** About how wide a line is in Inter, in pixels. */
export function widthOf(text: string, size: number): number {
  let total = 0;
  for (const letter of text) total += share(letter);
  return total * size;
}

/**
 * What the label of a line asks for: its name with room for the numbers of Live mode, else less. A way that is one of
 * several equals gets its share of them beside its number.
 */
export function wishFor(name: string, shares: boolean): Wish {
  if (!name) return { widths: [52, 36], bare: true };
  const wide = Math.min(widthOf(name, 11) + 18, 190);
  return { widths: [Math.min(wide + (shares ? 64 : 36), 230), wide, Math.max(wide * 0.7, 44), 40], bare: false };
}
