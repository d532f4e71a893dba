const whole = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** "12,480", and "1.25M" where the whole number would not fit on a card. */
export function figure(value: number): string {
  return Math.abs(value) < 100_000 ? whole.format(value) : short.format(value);
}

/** "18%", "0.4%", "<0.1%": never 0 % for what did happen, never 100 % for what did not always. */
export function percent(part: number, all: number): string {
  if (!(all > 0) || !(part > 0)) return "0%";
  const share = (100 * part) / all;
  if (share < 0.1) return "<0.1%";
  if (share < 1) return `${share.toFixed(1)}%`;
  const rounded = Math.round(share);
  return `${part < all ? Math.min(99, rounded) : Math.min(100, rounded)}%`;
}
