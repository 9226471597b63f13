/** Makes node_modules/ of a folder what its lockfile says; ends the process where npm cannot. */
export function installPackages(folder?: string): void
/** The same; false where npm cannot. */
export function tryInstallPackages(folder: string): boolean
