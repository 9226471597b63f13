// Every page, and each other state that a page may be in: how to get there, in a window that plays the server's part where it must.
import { changeStates } from './change.js'
import { flagStates } from './flag.js'
import { frameStates } from './frame.js'
import { listStates } from './list.js'
import { lookingBackStates } from './looking-back.js'
import type { State } from './state.js'

// Those that are alone come last: each of them loads the page, and so does what comes after it.
const all = [listStates, flagStates, lookingBackStates, frameStates, changeStates].flat()
export const states: readonly State[] = [
  ...all.filter(({ isAlone }) => isAlone !== true),
  ...all.filter(({ isAlone }) => isAlone === true),
]
