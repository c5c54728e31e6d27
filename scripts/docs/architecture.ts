import { posix } from "node:path";
import { importsOf } from "../source/imports.ts";
import { projectFiles, readProjectFile } from "../source/project-files.ts";

/** Paths relative to the project's root, with their text. */
type Sources = ReadonlyMap<string, string>;

/** A room, and the rooms that its files import, types included. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** Where the drawing stands in docs/architecture.md. */
export const BEGIN = "<!-- Made by `npm run docs:architecture`; a test fails when it is stale. -->";
export const END = "<!-- end of what is made -->";

/** The folder that a file is counted with; undefined where the drawing leaves it out. */
export function roomOf(path: string): string | undefined {
  if (/^packages\/[^/]+\/(tests|consumers)\//.test(path)) return undefined;
  return /^(shared\/[^/]+(?=\/)|supabase\/functions|packages\/[^/]+|bench|catalogue|stack|scripts)\//
    .exec(path)
    ?.[1];
}

export function roomsOf(sources: Sources): Rooms {
  const rooms = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    const room = roomOf(path);
    if (room === undefined) continue;
    const imported = rooms.get(room) ?? new Set();
    rooms.set(room, imported);
    for (const name of importsOf(path, text)) {
      const target = name === null ? undefined : roomOf(resolved(path, name));
      if (target !== undefined && target !== room) imported.add(target);
    }
  }
  return new Map([...rooms].toSorted(([a], [b]) => a < b ? -1 : 1));
}

function resolved(path: string, name: string): string {
  if (name.startsWith(".")) return posix.join(posix.dirname(path), name);
  return name.replace(/^@billingos\//, "packages/").concat("/");
}

const id = (room: string): string => room.replaceAll(/[^a-z]/g, "_");

/** A Mermaid chart of the direct arrows that no way over other rooms stands for, and a table of all. */
export function drawing(rooms: Rooms): string {
  const arrows = [...rooms].flatMap(([room, imported]) =>
    [...imported].toSorted()
      .filter((target) =>
        ![...imported].some((over) => over !== target && reaches(rooms, over, target))
      )
      .map((target) => `  ${id(room)} --> ${id(target)}`)
  );
  const boxes = [...rooms.keys()].map((room) => `  ${id(room)}["${room}"]`);
  const rows = [...rooms].map(([room, imported]) =>
    `- \`${room}\` imports ${
      imported.size === 0
        ? "nothing of ours"
        : [...imported].toSorted().map((one) => `\`${one}\``).join(", ")
    }`
  );
  return ["```mermaid", "flowchart TD", ...boxes, ...arrows, "```", "", ...rows].join("\n");
}

/** Whether an arrow, or a way of several, leads from one room to another. */
export function reaches(rooms: Rooms, from: string, to: string, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const next = rooms.get(from) ?? new Set<string>();
  return next.has(to) || [...next].some((one) => reaches(rooms, one, to, seen));
}

/** The project's own, as they stand. */
export function projectRooms(): Rooms {
  const paths = projectFiles((path) => /\.tsx?$/.test(path) && roomOf(path) !== undefined);
  return roomsOf(new Map(paths.map((path) => [path, readProjectFile(path)])));
}

export const projectDrawing = (): string => drawing(projectRooms());

/** The document with the drawing put in its place. */
export function withDrawing(document: string, made: string): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`docs/architecture.md has no place for the drawing: ${BEGIN} … ${END}`);
  }
  return `${before}${BEGIN}\n\n${made}\n\n${END}${after}`;
}
