type Props = { values: readonly number[]; width?: number; height?: number; hot?: boolean; label?: string };

/** A small line of how a number went; the dot is now. */
export function Sparkline({ values, width = 56, height = 18, hot = false, label }: Props) {
  if (values.length < 2) return <svg className="spark" style={{ width, height }} aria-hidden="true" />;
  const top = Math.max(...values);
  const floor = Math.min(...values, 0);
  const range = top - floor || 1;
  const points = values.map((value, index) => {
    const x = 1 + (index * (width - 4)) / (values.length - 1);
    const y = height - 1 - ((value - floor) / range) * (height - 3);
    return [x, y] as const;
  });
  const line = points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const end = points.at(-1) ?? [0, 0];
  return (
    <svg
      className={hot ? "spark hot" : "spark"}
      viewBox={`0 0 ${width} ${height}`}
      style={{ width, height }}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : "true"}
    >
      <path className="area" d={`${line}L${end[0].toFixed(1)} ${height}L1 ${height}Z`} />
      <path d={line} />
      <circle cx={end[0]} cy={end[1]} r="1.75" />
    </svg>
  );
}

/** A bar for each minute; the last is the one that is still filling. */
export function Bars({
  values,
  width = 236,
  height = 44,
}: {
  values: readonly number[];
  width?: number;
  height?: number;
}) {
  const top = Math.max(1, ...values);
  const pitch = (width + 1.5) / Math.max(1, values.length);
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {values.map((value, index) => {
        const tall = value ? Math.max(2, (value / top) * height) : 1;
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in time
            key={index}
            className={index === values.length - 1 && value ? "on" : undefined}
            x={(index * pitch).toFixed(1)}
            y={(height - tall).toFixed(1)}
            width={Math.max(1, pitch - 1.5).toFixed(1)}
            height={tall.toFixed(1)}
            rx="1"
          />
        );
      })}
    </svg>
  );
}
