/** Where the source of the migrations is. */
export const inlinedFile: string
/** The source for the SQL files as they are now. */
export function inlineMigrations(): string
/** Writes the source where it is another. */
export function writeInlinedMigrations(): void
