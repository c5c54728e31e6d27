import { type ErrorCode, errorTable } from "../../../../shared/contract/error-table.ts";

const isCode = (name: string): name is ErrorCode => Object.hasOwn(errorTable, name);

/** Every code of the error table. */
export const errorCodes: readonly ErrorCode[] = Object.keys(errorTable).filter(isCode);
