const ROW = 28;
const NAMES = 170;
const WIDTH = 600;
const LONGEST = WIDTH - NAMES - 60;

/** One bar for each name, as long as its share of the longest. */
export function Bars({ label, bars }: {
  readonly label: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}) {
  const top = Math.max(1, ...bars.map(({ value }) => value));
  const said = bars.map(({ name, value }) => `${name} ${value}`).join(", ");
  return (
    <svg role="img" aria-label={`${label}: ${said}`} viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`}>
      {bars.map(({ name, value }, index) => (
        <g key={name} transform={`translate(0 ${index * ROW})`}>
          <text x={NAMES - 10} y={18} textAnchor="end">{name}</text>
          <rect x={NAMES} y={4} width={(value / top) * LONGEST} height={ROW - 8} rx={3} />
          <text x={NAMES + (value / top) * LONGEST + 8} y={18}>{value}</text>
        </g>
      ))}
    </svg>
  );
}
