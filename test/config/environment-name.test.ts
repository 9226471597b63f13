// Names of environments that are probably misspelt.
import { expect, it } from 'vitest'
import { environmentDoubt, isProduction, isStaging, resemblesProduction } from '../../lib/config/environment-name.js'

it.each([
  ['prod', 'production'],
  ['prd', 'production'],
  ['live', 'production'],
  [' PROD ', 'production'],
  ['producton', 'production'],
  ['prodcution', 'production'],
  ['Production', 'production'],
  ['production ', 'production'],
  ['dev', 'development'],
  ['developement', 'development'],
  ['tst', 'test'],
  ['TEST', 'test'],
])('the environment name %j is doubted, and %j suggested', (env, meant) => {
  expect(environmentDoubt(env)).toBe(`the environment is "${env}"; did you mean "${meant}"?`)
})

it.each([
  'production',
  'development',
  'test',
  'staging',
  'review',
  'production-eu',
  'test2',
  'testing',
  'best',
  'qa',
  'constructor',
])('the environment name %j is not doubted', (env) => {
  expect(environmentDoubt(env)).toBeNull()
})

it.each(['prod', 'prd', 'live', 'Production', 'producton', 'production ', 'production-eu', 'prod2', 'eu_prod'])(
  'the environment name %j is like production',
  (env) => {
    expect(resemblesProduction(env)).toBe(true)
    expect(isProduction(env)).toBe(true)
  },
)

it.each(['staging', 'preprod', 'pre-production', 'non-prod', 'production-test', 'product', 'delivery', 'test', ''])(
  'the environment name %j is not like production',
  (env) => {
    expect(isProduction(env)).toBe(false)
  },
)

it('production is production, and not only like it', () => {
  expect([isProduction('production'), resemblesProduction('production')]).toEqual([true, false])
})

it.each(['staging', 'stage-2', 'Staging', 'eu_stg', 'preprod', 'pre-production'])('%j is staging', (env) => {
  expect(isStaging(env)).toBe(true)
})

it.each(['production', 'stagecoach', 'development', 'preview', ''])('%j is not staging', (env) => {
  expect(isStaging(env)).toBe(false)
})
