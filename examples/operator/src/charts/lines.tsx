const WIDTH = 600;
const HEIGHT = 160;
const EDGE = 30;

/** A line for each name over the days; a day without a value breaks the line. */
export function Lines({ label, lines }: {
  readonly label: string;
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}) {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  if (known.length === 0) return <p className="none">Nothing was paid.</p>;
  const top = Math.max(1, ...known);
  const count = Math.max(2, ...lines.map(({ values }) => values.length));
  const x = (index: number) => EDGE + (index / (count - 1)) * (WIDTH - 2 * EDGE);
  const y = (value: number) => HEIGHT - EDGE - (Math.max(0, value) / top) * (HEIGHT - 2 * EDGE);
  const path = (values: readonly (number | null)[]) =>
    values.map((value, index) => {
      if (value === null) return "";
      const before = values[index - 1];
      return `${before === null || before === undefined ? "M" : "L"}${x(index)} ${y(value)}`;
    }).join("");
  const said = lines.map(({ name, values }) => {
    const last = values.findLast((value) => value !== null);
    return `${name} last ${last === undefined || last === null ? "unknown" : last.toFixed(1)}`;
  }).join(", ");
  return (
    <svg role="img" aria-label={`${label}: ${said}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      <line x1={EDGE} x2={WIDTH - EDGE} y1={y(0)} y2={y(0)} className="axis" />
      <text x={EDGE} y={EDGE - 10}>{top.toFixed(1)} s</text>
      {lines.map(({ name, values }, index) => (
        <g key={name} className={`line line-${index}`}>
          <path d={path(values)} />
          {values.map((value, at) =>
            value !== null && <circle key={`${name} ${x(at)}`} cx={x(at)} cy={y(value)} r={3} />
          )}
          <text x={EDGE + index * 150} y={HEIGHT - 8}>{name}</text>
        </g>
      ))}
    </svg>
  );
}
