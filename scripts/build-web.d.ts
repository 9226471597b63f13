/** Writes the built page into a folder, which is emptied first. Rejects where it cannot be built. */
export function buildWeb(folder?: string): Promise<void>
