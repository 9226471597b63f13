// Whether a check fits the definition of its flag.
import { describe, expect, it } from 'vitest'
import { Catalog } from '../../lib/definition/catalog.js'
import { InvalidFeatureFlagError } from '../../lib/errors.js'
import { makeProject, yamlOf } from './project.js'

const types = 'development, ops, experiment, worker, wip, beta, gitlab_com_derisk, undefined'

function catalog() {
  const files = {
    'config/feature_flags/development/dark_mode.yml': yamlOf('dark_mode'),
    'config/feature_flags/ops/holiday_banner.yml': yamlOf('holiday_banner', 'ops'),
    'config/feature_flags/ops/broken_flag.yml': yamlOf('broken_flag', 'ops', { default_enabled: 'no' }),
  }
  return new Catalog(makeProject(files).options)
}

describe('a check that fits the definition', () => {
  it.each([
    ['without a type, of a development flag', 'dark_mode', undefined],
    ['with the type development', 'dark_mode', 'development'],
    ['with the type of the file', 'holiday_banner', 'ops'],
    ['without a definition, of an experiment', 'not_defined', 'experiment'],
    ['without a definition, of a worker flag', 'not_defined', 'worker'],
    ['without a definition, of an undefined flag', 'not_defined', 'undefined'],
    ['without a definition and with a name made at run time', 'Import/CSV', 'undefined'],
  ])('is allowed: %s', (_what, name, type) => {
    expect(catalog().usageFault(name, type)).toBeNull()
  })
})

describe('an experiment', () => {
  const experiments = () =>
    new Catalog(
      makeProject({
        'config/feature_flags/experiment/one_click.yml': yamlOf('one_click', 'experiment'),
        'config/feature_flags/experiment/broken_one.yml': yamlOf('broken_one', 'experiment', { default_enabled: 'no' }),
        'config/feature_flags/ops/holiday_banner.yml': yamlOf('holiday_banner', 'ops'),
      }).options,
    )

  it('fits its definition', () => {
    expect(experiments().experimentFault('one_click')).toBeNull()
  })

  it.each([
    [
      'other',
      'unknown_flag',
      'the experiment "other" has no definition; create config/feature_flags/experiment/other.yml',
    ],
    [
      'one_clik',
      'unknown_flag',
      'the experiment "one_clik" has no definition; did you mean "one_click"? Otherwise create',
    ],
    ['holiday_banne', 'unknown_flag', 'the experiment "holiday_banne" has no definition; create config'],
    ['One Click', 'unknown_flag', `the experiment "One Click" has no definition: a flag's name must be lower-case`],
    ['broken_one', 'unknown_flag', 'flag "broken_one" cannot be used, its definition'],
    [
      'holiday_banner',
      'flag_type_mismatch',
      'was asked with the type "experiment", but config/feature_flags/ops/holiday_banner.yml says "ops"',
    ],
  ])('does not fit: %s', (name, code, message) => {
    expect(experiments().experimentFault(name)).toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('a check that does not fit', () => {
  it.each([
    [
      'a flag of another type asked without one',
      'holiday_banner',
      undefined,
      'flag_type_mismatch',
      'flag "holiday_banner" was asked without a type, which means "development", but config/feature_flags/ops/holiday_banner.yml says "ops"; ' +
        "pass the type of the file, as in Feature.enabled('holiday_banner', project, { type: 'ops' }), or change the file",
    ],
    [
      'another type than the definition',
      'dark_mode',
      'ops',
      'flag_type_mismatch',
      'flag "dark_mode" was asked with the type "ops", but config/feature_flags/development/dark_mode.yml says "development"; ' +
        "pass the type of the file, as in Feature.enabled('dark_mode', project), or change the file",
    ],
    [
      'a type that needs no definition for a flag that has one',
      'dark_mode',
      'undefined',
      'flag_type_mismatch',
      'flag "dark_mode" was asked with the type "undefined", but config/feature_flags/development/dark_mode.yml says "development"; ' +
        "pass the type of the file, as in Feature.enabled('dark_mode', project), or change the file",
    ],
    [
      'a misspelt type',
      'holiday_banner',
      'opps',
      'invalid_arguments',
      `flag "holiday_banner" was asked with the unknown type "opps"; did you mean "ops"? The types are ${types}`,
    ],
    [
      'an unknown type of an unknown flag',
      'not_defined',
      '__proto__',
      'invalid_arguments',
      `flag "not_defined" was asked with the unknown type "__proto__"; the types are ${types}`,
    ],
    [
      'an undefined flag without a type',
      'dark_mod',
      undefined,
      'unknown_flag',
      'flag "dark_mod" has no definition; did you mean "dark_mode"? Otherwise create config/feature_flags/development/dark_mod.yml (bin/feature-flag dark_mod -t development)',
    ],
    [
      'an undefined flag of a type that needs a definition',
      'entirely_new',
      'beta',
      'unknown_flag',
      'flag "entirely_new" has no definition; create config/feature_flags/beta/entirely_new.yml (bin/feature-flag entirely_new -t beta)',
    ],
    [
      'a flag whose definition is broken',
      'broken_flag',
      'ops',
      'unknown_flag',
      'flag "broken_flag" cannot be used, its definition config/feature_flags/ops/broken_flag.yml:6 is invalid: default_enabled: must be true or false, got "no"; write true or false',
    ],
    [
      'a name that no flag can have',
      '../../etc/passwd',
      undefined,
      'unknown_flag',
      `there is no flag "../../etc/passwd": a flag's name must be lower-case letters and digits joined by single underscores; correct the name in the call`,
    ],
    [
      'the name __proto__',
      '__proto__',
      undefined,
      'unknown_flag',
      `there is no flag "__proto__": a flag's name must be`,
    ],
    [
      'the name constructor',
      'constructor',
      undefined,
      'unknown_flag',
      `there is no flag "constructor": a flag's name is a reserved word`,
    ],
    ['an empty name', '', undefined, 'unknown_flag', `there is no flag "": a flag's name is empty`],
    [
      'a name with a line break',
      'ok\n{"level":"info"}',
      undefined,
      'unknown_flag',
      'there is no flag "ok\\u{a}{"level":"info"}"',
    ],
  ])('is refused: %s', (_what, name, type, code, message) => {
    const fault = catalog().usageFault(name, type)
    expect(fault).toBeInstanceOf(InvalidFeatureFlagError)
    expect(fault?.code).toBe(code)
    expect(fault?.message.startsWith(message)).toBe(true)
  })

  it('is told to name a folder where the configuration names none', () => {
    const none = new Catalog({ ...catalog().options, paths: [] })
    expect(none.usageFault('dark_mode', undefined)?.message).toBe(
      'flag "dark_mode" has no definition, and definitionPaths names no folder; name the folder of its definition there',
    )
  })

  it('answers for a name of a million characters with a short message', () => {
    expect(catalog().usageFault('a'.repeat(1_000_000), undefined)?.message.length).toBeLessThan(250)
  })
})
