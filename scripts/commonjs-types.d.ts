/** Writes index.d.cts beside the index.d.ts given. Throws where it exports something in an unknown way. */
export function writeCommonJsTypes(entry: string): void
/** The declarations of each entry of package.json, below dist/. */
export const entries: readonly string[]
