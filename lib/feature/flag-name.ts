// What the compiler knows of flags: their names, and what their definitions say. `bin/feature-flag types` writes it from the definitions;
// a declaration by hand may give names alone.

/**
 * The flags a project defines. Empty by itself; the file that `bin/feature-flag types` writes fills it, and then a wrong name, a wrong
 * type and an actor of a wrong kind do not compile. An entry that is `true` tells the name alone:
 *
 *     declare module 'sluice' {
 *       interface FlagNames { dark_mode: DeclaredFlag<'development', 'User'>; new_layout: true }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by declarations outside of this package
export interface FlagNames {}

/** The types of the project's own whose flags need no definition, each `true`; filled as `FlagNames` is. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by declarations outside of this package
export interface OptionalFlagTypes {}

/** The names of flags in pages, `darkMode`, each with the name of its flag; filled as `FlagNames` is. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by declarations outside of this package
export interface FrontendFlagNames {}

/** The name of a flag in pages, `darkMode`: any text, or one of the generated names where they are declared. */
export type FrontendFlagName = [keyof FrontendFlagNames] extends [never] ? string : keyof FrontendFlagNames & string

/**
 * Any text, or one of the keys of `FlagNames` if a declaration fills it. A function that passes a name on takes it as this type:
 * `(name: FlagName) => Feature.enabled(name)`.
 */
export type FlagName = [keyof FlagNames] extends [never] ? string : keyof FlagNames & string

/**
 * What a definition says of a flag: its type; the kinds of its actors, each a class (`Project`), the form of the ids of one (`User;{id}`)
 * or a special actor (`request`), `string` for any actor; and whether it is past the lifetime of its type. All flags of which a
 * definition says the same share one such type, which keeps the compiler fast.
 */
export interface DeclaredFlag<
  Type extends string = 'development',
  Kind extends string = string,
  Stale extends boolean = false,
> {
  readonly type: Type
  readonly actor: Kind
  readonly stale: Stale
}

/** Any declared flag. */
export type AnyDeclaredFlag = DeclaredFlag<string, string, boolean>

/** What is declared of a flag; `never` where nothing is but its name. */
export type DeclarationOf<Name extends string> = Name extends keyof FlagNames
  ? Extract<FlagNames[Name], AnyDeclaredFlag>
  : never

/** The kinds of actors of a flag; `string` where any actor is fine. */
export type KindOf<Name extends string> = [DeclarationOf<Name>] extends [never] ? string : DeclarationOf<Name>['actor']
