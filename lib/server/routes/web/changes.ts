// One change of several flags at once, for a page on which they were selected.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FeatureError } from '../../../errors.js'
import { FlagChanged } from '../../../feature/change/conflict.js'
import { type FlagOperation, planOperations } from '../../../feature/change/operations.js'
import { flagPreviewToJson } from '../../../feature/change/preview/preview-json.js'
import type { Preview } from '../../../feature/change/preview/preview.js'
import type { Instance } from '../../../instance/instance.js'
import { parseRevision, type Revision } from '../../../state/revision.js'
import { quoted } from '../../../text/printable.js'
import { type ChangeGuards, guardChange } from '../../access/guard-change.js'
import { flagAfter } from '../../changes/flag-after.js'
import { errorResponses } from '../../api-error.js'
import { flagChangedSchema } from '../../changes/preview-entity.js'
import { jointAnswerSchema, jointBodySchema } from '../../changes/restore-schemas.js'
import { answerConflict } from '../feature-changes.js'
import { made } from '../feature-restores.js'
import { by, reasonOf } from '../features.js'

interface JointBody {
  readonly flags: readonly { readonly name: string; readonly revision?: string }[]
  readonly operation: 'disable' | 'delete'
  readonly reason?: string
  readonly dry_run?: boolean
  readonly change_id?: string
  readonly confirm?: string
}

interface JointRoute {
  readonly Body: JointBody
}

interface Joint {
  readonly names: readonly string[]
  readonly operations: readonly FlagOperation[]
  readonly expect: ReadonlyMap<string, Revision>
}

/** Adds the route below the prefix of its registration. */
export function webChangeRoutes(app: FastifyInstance, instance: Instance, guards: ChangeGuards): void {
  const schema = {
    operationId: 'changeWebFlags',
    summary: 'Turns up to 50 flags off for everybody, or deletes what is stored of them, or shows what that would do',
    description: 'All of them in one transaction and as one change of the history, or none.',
    body: jointBodySchema,
    response: { 200: jointAnswerSchema, 412: flagChangedSchema, ...errorResponses },
  }
  // A preview is a look; a change is guarded below, where the body is known.
  const config = { scope: 'read', isReading: true } as const
  app.post<JointRoute>('/changes', { config, schema }, async (request, reply) => {
    const { body } = request
    const joint = readJoint(body)
    const { names, operations, expect } = joint
    try {
      if (body.dry_run === true) {
        const shown = await previewAll(instance, joint)
        const flags = new Map(shown.previews.map((preview) => [preview.name, preview.revision]))
        const { level } = shown.answer
        return { ...shown.answer, ...(await guards.confirmations.given(request, { flags, operations, level })) }
      }
      const asked = { flags: names, operations: () => operations, expect, confirm: body.confirm }
      const terms = await guardChange(request, reply, guards, { what: 'a change', force: false, ...asked })
      return await changeAll(instance, request, { ...joint, expect: terms })
    } catch (error) {
      if (error instanceof FlagChanged) return answerConflict(instance, error, reply)
      throw error
    }
  })
}

async function previewAll(instance: Instance, { names, operations, expect }: Joint) {
  const previews: Preview[] = []
  for (const name of names) {
    const expected = expect.get(name)
    previews.push(await instance.preview(name, operations, expected === undefined ? {} : { expected }))
  }
  const level = Math.max(...previews.map((preview) => preview.level))
  return { previews, answer: { flags: previews.map(flagPreviewToJson), level } }
}

async function changeAll(
  instance: Instance,
  request: FastifyRequest<JointRoute>,
  { names, operations, expect }: Joint,
): Promise<object> {
  const { body } = request
  const steps = names.flatMap((name) => planOperations(name, operations))
  const context = { ...by(request), ...reasonOf(body) }
  const id = body.change_id === undefined ? {} : { id: body.change_id.toLowerCase() }
  const written = await instance.change(steps, context, { expect, ...id })
  return { flags: await Promise.all(names.map((name) => flagAfter(instance, name))), ...made(written) }
}

/** Throws FeatureError (`invalid_request`) for a flag that is named twice, and for what is no revision. */
function readJoint({ flags, operation }: JointBody): Joint {
  const expect = new Map<string, Revision>()
  const names = new Set<string>()
  for (const { name, revision } of flags) {
    if (names.has(name)) throw invalid(`the flag ${quoted(name)} is named twice`, 'name each flag once')
    names.add(name)
    if (revision === undefined) continue
    const parsed = parseRevision(revision)
    if (parsed === null) {
      const problem = `the revision of ${quoted(name)} is ${quoted(revision)}, which is none`
      throw invalid(problem, 'send the revision of an answer, or leave it out')
    }
    expect.set(name, parsed)
  }
  return { names: [...names], operations: [{ op: operation }], expect }
}

function invalid(problem: string, remedy: string): FeatureError {
  return new FeatureError('invalid_request', { problem, remedy })
}
