import type { ReactNode } from "react";
import { printable } from "../../../scripts/console/words.ts";
import type { Asked } from "./ask.ts";

/** What was answered; before that, that it is asked for; and why it was not, with a way to ask again. */
export function Answer<Data>({ asked, children }: {
  readonly asked: Asked<Data>;
  readonly children: (data: Data) => ReactNode;
}) {
  return (
    <>
      {asked.error !== undefined && (
        <div role="alert" className="error">
          <p>That could not be read: {printable(asked.error)}</p>
          <button type="button" onClick={asked.again}>Try again</button>
        </div>
      )}
      {asked.data === undefined
        ? asked.error === undefined && <output>Reading…</output>
        : children(asked.data)}
    </>
  );
}

/** A table of what there is, or a sentence that there is nothing. */
export function Rows<Row>({ label, rows, none, heads, cells, id }: {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly none: string;
  readonly heads: readonly string[];
  readonly cells: (row: Row) => readonly ReactNode[];
  readonly id: (row: Row) => string;
}) {
  if (rows.length === 0) return <p className="none">{none}</p>;
  return (
    <section className="scroll" aria-label={label}>
      <table>
        <thead>
          <tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {cells(row).map((cell, index) => <td key={heads[index]}>{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A time, in UTC to the second. */
export const Time = ({ at }: { readonly at: string | Date }) => {
  const iso = new Date(at).toISOString();
  return <time dateTime={iso}>{iso.slice(0, 19).replace("T", " ")}</time>;
};
