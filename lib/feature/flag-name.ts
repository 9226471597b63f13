// Flag names, typed so that a generated declaration can narrow them.

/**
 * The flags a project defines. Empty by itself; a declaration narrows the names that checks and changes accept:
 *
 *     declare module 'sluice' {
 *       interface FlagNames { dark_mode: true }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by declarations outside of this package
export interface FlagNames {}

/** Any text, or one of the keys of `FlagNames` if a declaration fills it. */
export type FlagName = [keyof FlagNames] extends [never] ? string : keyof FlagNames & string
