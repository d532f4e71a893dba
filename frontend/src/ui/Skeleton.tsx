import { useLate } from "./PageLoading";

const widths = ["62%", "44%", "70%", "52%", "58%", "48%"];

/** Rows of the real height while the first data comes, shown only when that takes longer than 150 ms. */
export function SkeletonRows({ className, cells, rows = 8 }: { className: string; cells: number; rows?: number }) {
  const late = useLate();
  if (!late) return null;
  return (
    <>
      <div className="sr" role="row">
        <span role="cell">Loading</span>
      </div>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={row} className={className} aria-hidden="true">
          {Array.from({ length: cells }, (_, cell) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
              key={cell}
              className="sk"
              style={{ width: widths[(row + cell) % widths.length] }}
            />
          ))}
        </div>
      ))}
    </>
  );
}
