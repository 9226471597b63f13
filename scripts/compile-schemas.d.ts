/** Where the code is. */
export const compiledFile: string
/** The code for the schema as it is now. */
export function compileSchemas(): Promise<string>
/** Writes the code where it is another. Gives whether it was. */
export function writeCompiledSchemas(): Promise<boolean>
