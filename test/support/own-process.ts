// Which test files have a process of their own. All others share processes, and with them the modules of lib/: to load those again takes
// two seconds of the processor a file.
import { isFull } from '../faults/size.js'

/** They run other makers' SDKs, which go on for a while after they were closed, or leave what they set to the whole process. */
const always = ['sdks', 'testing']

/** At full size their figures are compared with goals, and what another file has left would be measured too. */
const measuring = isFull ? ['faults', 'flow'] : []

export const ownProcessFolders: readonly string[] = [...always, ...measuring]

/**
 * They replace modules, which must not be loaded before, run such an SDK, kill processes around the one that they run in, or look at what
 * belongs to the whole process: its warnings, timers, memory and metrics.
 */
export const ownProcessFiles: readonly string[] = [
  'demo/sources.test.ts',
  'faults/losses.test.ts',
  'faults/poison.test.ts',
  'faults/protections-replica.test.ts',
  'faults/unleash-streams.test.ts',
  'feature/request-scope.test.ts',
  'flow/unleash-reports.test.ts',
  'flow/unleash.test.ts',
  'packaging/bundled.test.ts',
  'project-flags/sdk-agreement.test.ts',
  'recorded/cli.test.ts',
  'recorded/http.test.ts',
  'store/embedded.test.ts',
  'store/embedded-processes.test.ts',
]
