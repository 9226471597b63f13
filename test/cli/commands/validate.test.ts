// The command validate.
import { describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { definition, run, sampleFiles } from '../run.js'

const broken = { ...sampleFiles, 'config/feature_flags/ops/bad.yml': definition('worse', 'ops') }

describe('validate', () => {
  it('ends with 0 for good definitions, and counts them', async () => {
    const { code, stdout, stderr } = await run(['validate'], { root: makeRoot(sampleFiles) })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '3 definitions, 0 errors, 0 warnings\n', stderr: '' })
  })

  it('ends with 1 for a bad definition, with file, field, value and remedy', async () => {
    const { code, stdout } = await run(['validate'], { root: makeRoot(broken) })
    expect(code).toBe(1)
    expect(stdout).toMatch(/config\/feature_flags\/ops\/bad\.yml:1: error: name: .*"worse".*rename/)
  })

  it.each([
    ['json', /^\{[\s\S]*"valid": false/],
    ['junit', /^<\?xml[\s\S]*<failure/],
    ['codequality', /^\[[\s\S]*"fingerprint"/],
  ])('reports as %s', async (format, shape) => {
    const { code, stdout } = await run(['validate', '--format', format], { root: makeRoot(broken) })
    expect(code).toBe(1)
    expect(stdout).toMatch(shape)
  })

  it('says that there is nothing to check where there are no files', async () => {
    const { code, stdout, stderr } = await run(['validate'], { root: makeRoot() })
    expect([code, stdout]).toEqual([0, '0 definitions, 0 errors, 0 warnings\n'])
    expect(stderr).toContain('no definition files under')
  })

  it("knows the configuration's own types and folders", async () => {
    const root = makeRoot({
      'flags/billing/invoice_v2.yml': definition('invoice_v2', 'billing'),
      'feature.config.mjs': `export default { definitionPaths: ['flags'], types: { billing: { description: 'Billing' } } }`,
    })
    const { code, stdout } = await run(['validate'], { root })
    expect([code, stdout]).toEqual([0, '1 definition, 0 errors, 0 warnings\n'])
  })
})
