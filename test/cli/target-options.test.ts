// The names at the doors that a class of a project cannot have.
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { ActorClasses, takenNames, targetClasses } from '../../lib/actors/classes.js'
import { addSet } from '../../lib/cli/commands/change/set.js'
import type { Cli } from '../../lib/cli/terminal/io.js'
import { setParametersSchema } from '../../lib/server/set-parameters.js'

it('no class of a project gets the name of an option of set, or of a parameter of the HTTP API', () => {
  const program = new Command()
  const cli: Cli = Object.create(null)
  addSet(program, cli)
  const options = program.commands.flatMap((command) => command.options.map(({ long }) => long ?? ''))
  const names = [
    ...options.map((long) => long.slice(2).replaceAll('-', '_')),
    ...Object.keys(setParametersSchema.properties),
  ]
  const missing = names.filter((name) => !takenNames.has(name) && !Object.hasOwn(targetClasses, name))
  expect([names.length > 25, missing]).toEqual([true, []])
  const classes = [...takenNames].map((name) => [name, {}] as const)
  expect(new ActorClasses(new Map(classes)).ownKinds).toEqual([])
})
