// What may stand after the name in a check, for each flag what its definition says. Types alone: checks run as they did without them.
//
// A check has one signature for each way to call it. A signature that is not for the flag at hand ends in `NotHere`: it wants more
// arguments than a caller gives, so the compiler passes over it by their number, and does not name it in an error. Of the others one
// is left, so that an error is one message, and stands at the argument. One signature a flag would be slow, and each error would name
// the last flag.
import type { Actor, ActorOfKind, SpecialActor } from '../../actors/actor.js'
import type { AnyDeclaredFlag, DeclarationOf, FlagName, FlagNames, OptionalFlagTypes } from '../flag-name.js'
import type { CheckActor, CheckOptions } from './arguments.js'

/** An actor of one of these kinds: a class, the form of its ids, or a special actor; any actor for `string`. */
export type OneActor<Kind extends string> = string extends Kind
  ? Actor | SpecialActor
  : Kind extends SpecialActor
    ? Kind
    : ActorOfKind<Kind>

/** An actor of one of these kinds, or several at once (absent ones do not count). */
export type ActorsOf<Kind extends string> = OneActor<Kind> | readonly (OneActor<Kind> | null | undefined)[]

/** The options of a check of a flag whose type has to be named. */
export interface OptionsOfType<Type extends string> {
  /** The flag's type. */
  readonly type: Type
  /** The answer for a flag without a definition that is not stored; default false. */
  readonly defaultEnabledIfUndefined?: boolean | undefined
}

/** The options of a check of a flag whose type may be left out. */
export interface DevelopmentOptions {
  /** The flag's type; left out it means `development`. */
  readonly type?: 'development' | undefined
  /** The answer for a flag without a definition that is not stored; default false. */
  readonly defaultEnabledIfUndefined?: boolean | undefined
}

/** What a name has to be that is given alone, although the flag's type must be named: no name is. */
export interface NameItsType<Type extends string> {
  readonly typeToPass: Type
}

/** A caller never gives so many arguments. */
export type NotHere = [never, never, never, never, never]

/** The ways to ask for a flag: `any` where nothing is known of it, or where its name is one of several of different types. */
export type WayOf<Flag> = [Flag] extends [AnyDeclaredFlag]
  ? [Flag] extends [never]
    ? 'any'
    : IsUnion<Flag['type']> extends true
      ? 'any'
      : Flag['type'] extends 'development'
        ? 'development'
        : 'typed'
  : 'any'

/** Whether the type is a union. */
export type IsUnion<One, All = One> = One extends unknown ? ([All] extends [One] ? false : true) : never

/** `WayOf` for flags that are stale, or are not; `none` for the others. Of several names one may be stale: then they are not. */
export type WayIf<Stale extends boolean, Flag> = [Flag] extends [never]
  ? Stale extends true
    ? 'none'
    : 'any'
  : [Flag] extends [AnyDeclaredFlag]
    ? ([Flag['stale']] extends [true] ? true : false) extends Stale
      ? WayOf<Flag>
      : 'none'
    : 'none'

/** After the name: options alone where the type has to be named; otherwise an actor, options, both or nothing. `More`: further options. */
export type CheckArguments<Name extends FlagName, Stale extends boolean, More = unknown> = {
  none: NotHere
  any: [actor?: CheckActor | (CheckOptions & More) | null, options?: CheckOptions & More]
  development: [
    actor?: ActorsOf<DeclarationOf<Name>['actor']> | (DevelopmentOptions & More) | null,
    options?: DevelopmentOptions & More,
  ]
  typed: [options: OptionsOfType<DeclarationOf<Name>['type']> & More]
}[WayIf<Stale, DeclarationOf<Name>>]

/** After the name of a flag whose type has to be named: an actor and options. */
export type ActorArguments<Name extends FlagName, Stale extends boolean, More = unknown> =
  WayIf<Stale, DeclarationOf<Name>> extends 'typed'
    ? [
        actor: ActorsOf<DeclarationOf<Name>['actor']> | null | undefined,
        options: OptionsOfType<DeclarationOf<Name>['type']> & More,
      ]
    : NotHere

/** After a name alone: nothing where the flag's type has to be named, which is then the error. */
export type NoArguments<Name extends FlagName> = WayOf<DeclarationOf<Name>> extends 'typed' ? [] : NotHere

/** The types whose flags need no definition. */
export type OptionalType = 'experiment' | 'worker' | 'undefined' | (keyof OptionalFlagTypes & string)

/** After the arguments of a name that no definition has: nothing more where the type that is named needs none. */
export type UndefinedFlag<Name extends string, Type extends string> = [keyof FlagNames] extends [never]
  ? NotHere
  : Name extends FlagName
    ? NotHere
    : Type extends OptionalType
      ? []
      : NotHere

/**
 * The rarer ways to ask: for a name alone where the type is missing, which never compiles; for a stale flag, which editors strike through;
 * and for a name without a definition, with a type that needs none. They stand before the usual two, because a call with too many
 * arguments is told by the last one. The first one stands for a call that fits none: editors take names from it, and would strike the
 * call through.
 */
export interface OtherCalls<Result, More = unknown> {
  <Name extends FlagName>(name: Name & NameItsType<DeclarationOf<Name>['type']>, ...none: NoArguments<Name>): Result
  /** @deprecated The flag is past the lifetime of its type: roll it out or give it up, and remove it. */
  <Name extends FlagName>(name: Name, ...rest: ActorArguments<Name, true, More>): Result
  /** @deprecated The flag is past the lifetime of its type: roll it out or give it up, and remove it. */
  <Name extends FlagName>(name: Name, ...rest: CheckArguments<Name, true, More>): Result
  /** The same for a flag without a definition, whose type needs none. */
  <Name extends string, Type extends string>(
    name: Name,
    ...rest: [options: OptionsOfType<Type> & More, ...none: UndefinedFlag<Name, Type>]
  ): Result
  /** The same for a flag without a definition, whose type needs none, and for an actor. */
  <Name extends string, Type extends string>(
    name: Name,
    ...rest: [
      actor: CheckActor | null | undefined,
      options: OptionsOfType<Type> & More,
      ...none: UndefinedFlag<Name, Type>,
    ]
  ): Result
}
