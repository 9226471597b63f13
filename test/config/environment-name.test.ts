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
])('%s: did you mean %s?', (env, meant) => {
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
])('%s is fine', (env) => {
  expect(environmentDoubt(env)).toBeNull()
})
