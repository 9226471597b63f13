// Whether a call names a flag and a type that fit its definition. Only strict mode asks; production never does.
import { InvalidFeatureFlagError } from '../errors.js'
import type { Definition } from './definition.js'
import { type Fault, faultPlace, problemText } from './fault.js'
import { flagNameFault } from './name.js'
import { printable, quoted } from '../text/printable.js'
import type { FlagTypes } from './rules/rules.js'
import { suggestion } from '../text/suggest.js'
import { defaultTypeName, experimentTypeName } from './types.js'
import { programName } from '../text/program-name.js'

export interface UsageContext {
  readonly types: FlagTypes
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: readonly Fault[]
  /** The folder that a new definition would go to; null if the configuration names no folder. */
  readonly base: string | null
}

/** The error that strict mode throws for a check of `name` as `type` (undefined: the default type), or null if they fit. */
export function usageFault(
  context: UsageContext,
  name: string,
  type: string | undefined,
): InvalidFeatureFlagError | null {
  const { definitions, types } = context
  const asked = type ?? defaultTypeName
  const definition = definitions.get(name)
  if (definition?.type === asked) return null
  const askedType = types.get(asked)
  if (askedType === undefined) return unknownType(context, name, asked)
  if (definition) return otherType(context, definition, type)
  // The default type is never optional, so this needs a call that names its type.
  if (askedType.optional) return null
  return unknownFlag(context, name, asked)
}

/**
 * The error that strict mode throws for an experiment of this name, or null where there is one. Unlike a check it needs a definition: it
 * has an owner and an end.
 */
export function experimentFault(context: UsageContext, name: string): InvalidFeatureFlagError | null {
  const { definitions, faults, base } = context
  if (definitions.has(name)) return usageFault(context, name, experimentTypeName)
  const broken = brokenDefinition(faults, name)
  if (broken !== null) return broken
  const wrong = flagNameFault(name)
  if (wrong !== null) {
    const problem = `the experiment ${quoted(name)} has no definition: a flag's name ${wrong}`
    return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: 'correct the name in the call' })
  }
  const experiments = [...definitions.values()].filter(({ type }) => type === experimentTypeName)
  const near = suggestion(
    name,
    experiments.map((one) => one.name),
  )
  const remedy =
    base === null
      ? 'name the folder of its definition in definitionPaths'
      : `create ${base}/${experimentTypeName}/${name}.yml (${programName()} ${name} -t ${experimentTypeName})`
  return new InvalidFeatureFlagError('unknown_flag', {
    problem: `the experiment "${name}" has no definition`,
    remedy: near === null ? remedy : `did you mean "${near}"? Otherwise ${remedy}`,
  })
}

/** The error of a flag whose definition file cannot be used; null if no broken file would define it. */
export function brokenDefinition(faults: readonly Fault[], name: string): InvalidFeatureFlagError | null {
  const broken = faults.find((fault) => fault.flag === name && fault.severity === 'error')
  if (broken === undefined) return null
  const problem = `flag ${quoted(name)} cannot be used, its definition ${faultPlace(broken)} is invalid: ${problemText(broken)}`
  return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: broken.remedy })
}

function unknownType({ types }: UsageContext, name: string, asked: string): InvalidFeatureFlagError {
  const near = typeof asked === 'string' ? suggestion(asked, types.keys()) : null
  const known = [...types.keys()].join(', ')
  return new InvalidFeatureFlagError('invalid_arguments', {
    problem: `flag ${quoted(name)} was asked with the unknown type ${quoted(asked)}`,
    remedy: near === null ? `the types are ${known}` : `did you mean "${near}"? The types are ${known}`,
  })
}

function otherType({ types }: UsageContext, definition: Definition, type: string | undefined): InvalidFeatureFlagError {
  const { name, path } = definition
  const asked =
    type === undefined ? `without a type, which means "${defaultTypeName}"` : `with the type ${quoted(type)}`
  const example = (types.get(definition.type)?.example ?? '').replaceAll('my_flag', name)
  const remedy = `pass the type of the file, as in ${example}, or change the file`
  const problem = `flag "${name}" was asked ${asked}, but ${printable(path)} says "${definition.type}"`
  return new InvalidFeatureFlagError('flag_type_mismatch', { problem, remedy })
}

function unknownFlag(context: UsageContext, name: string, asked: string): InvalidFeatureFlagError {
  const { definitions, faults, base } = context
  const wrong = flagNameFault(name)
  if (wrong !== null) {
    const problem = `there is no flag ${quoted(name)}: a flag's name ${wrong}`
    return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: 'correct the name in the call' })
  }
  const broken = brokenDefinition(faults, name)
  if (broken) return broken
  const near = suggestion(name, definitions.keys())
  const meant = near === null ? '' : `did you mean "${near}"? Otherwise `
  if (base === null) {
    const problem = `flag "${name}" has no definition, and definitionPaths names no folder`
    return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: 'name the folder of its definition there' })
  }
  return new InvalidFeatureFlagError('unknown_flag', {
    problem: `flag "${name}" has no definition`,
    remedy: `${meant}create ${base}/${asked}/${name}.yml (${programName()} ${name} -t ${asked})`,
  })
}
