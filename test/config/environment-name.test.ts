// Names of environments that are probably misspelt.
import { expect, it } from 'vitest'
import { environmentDoubt } from '../../lib/config/environment-name.js'

it.each([
  ['prod', 'production'],
  ['prd', 'production'],
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
