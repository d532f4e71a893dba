/**
 * Durations as counts in quarter-octave buckets, so that quantiles come from numbers that only ever add up. Bucket 0
 * holds everything up to 1 ms; bucket k ends at 1 ms · 2^(k/4). The server has the same two functions.
 */
export const LAST_BUCKET = 180;

/** The bucket of a duration in seconds. */
export function bucket(seconds: number): number {
  if (!(seconds > 0.001)) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(4 * Math.log2(seconds / 0.001) - 1e-9));
}

/** The upper end, in seconds, of the bucket in which the q-quantile lies; null when nothing was counted. */
export function quantile(counts: Readonly<Record<string, number>>, q: number): number | null {
  const rows = Object.entries(counts)
    .map(([index, count]) => [Number(index), count] as const)
    .sort(([a], [b]) => a - b);
  const wanted = q * rows.reduce((sum, [, count]) => sum + count, 0);
  if (wanted <= 0 && rows.every(([, count]) => count <= 0)) return null;
  let seen = 0;
  for (const [index, count] of rows) {
    seen += count;
    if (seen >= wanted) return 0.001 * 2 ** (index / 4);
  }
  return null;
}
