// The order of the test files. One that takes minutes and begins last would keep one processor busy after all others have ended.
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest, the longest first, below test/. */
const longest = [
  'web/pages.test.ts',
  'flow/readme.test.ts',
  'faults/web-page.test.ts',
  'packaging/packaging.test.ts',
  'faults/redis-faults.test.ts',
  'flow/exit.test.ts',
  'faults/content-forged.test.ts',
  'surface/typed-calls.test.ts',
  'web/races.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((path) => moduleId.endsWith(`/test/${path}`))
  return place === -1 ? longest.length : place
}
