// Calls that cannot work: checks while a file is loaded, and methods without their object.
import { printable } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import { judgedUses, placeOf, type Reading } from './reading.js'

export function loadTimeFaults(reading: Reading): readonly UsageFault[] {
  return judgedUses(reading, new Set(['check', 'experiment']))
    .filter(({ eager }) => eager)
    .map((use) => {
      const [flag = null] = use.names
      const named = flag === null ? 'a flag' : `flag "${printable(flag)}"`
      const problem = `${named} is asked when the file is loaded, before start() has read what is stored, and never again`
      const remedy = 'ask it in the function that needs the answer'
      return makeUsageFault({ ...placeOf(use), rule: 'load-time', flag, problem, remedy })
    })
}

export function tornMethodFaults(reading: Reading): readonly UsageFault[] {
  return judgedUses(reading, new Set(['torn'])).map((use) => {
    const [method = 'enabled'] = use.dynamic
    const problem = `"${printable(method)}" is taken off its object, and throws when it is called without it`
    const remedy = `call it on the object, as in Feature.${method}(…), or wrap it in a function`
    return makeUsageFault({ ...placeOf(use), rule: 'torn-method', problem, remedy })
  })
}
