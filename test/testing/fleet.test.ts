// A fleet of processes in memory, for the tests of applications.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Fleet, startFleet } from '../../lib/testing/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'

let project: TestProject
let fleet: Fleet
beforeEach(async () => {
  project = await createProject('a_flag')
  fleet = await startFleet(3, {
    root: project.root,
    env: 'staging',
    logger: recordingLogger(),
    pollIntervalMs: 3_600_000,
  })
})
afterEach(async () => {
  await fleet.stop()
  await fleet.stop()
  await project.close()
})

describe('a fleet in memory', () => {
  it('sees a change of one of its processes in all of them', async () => {
    const [first, ...others] = fleet.processes
    await first?.enable('a_flag')
    await vi.waitFor(() => expect(others.map((other) => other.enabled('a_flag'))).toEqual([true, true]))
    expect(others.map((other) => other.counts().shared.applied)).toEqual([1, 1])
  })

  it('waits for all of them when a change asks for it', async () => {
    await fleet.processes[0]?.enable('a_flag', true, { wait: true })
    expect(fleet.processes.map((process) => process.enabled('a_flag'))).toEqual([true, true, true])
  })
})
