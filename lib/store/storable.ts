// Text as Postgres can hold it, so that all stores keep and refuse the same texts.
import { FeatureError } from '../errors.js'
import type { Operation } from '../state/operations.js'
import type { ChangeDetails } from './change-origin.js'
import type { Change, Step } from './store.js'

/** The text as it will be read back: a lone surrogate becomes U+FFFD. Throws FeatureError (`invalid_value`) for a NUL. */
export function storableText(text: string): string {
  if (text.includes('\0')) {
    throw new FeatureError('invalid_value', {
      problem: `${JSON.stringify(text)} contains a NUL character, which Postgres cannot store`,
      remedy: 'leave it out',
    })
  }
  return wellFormed(text)
}

/**
 * The change with every text as it will be stored, its steps ordered by feature, so that all writers lock features in one
 * order. Throws FeatureError (`invalid_value`) for a text that cannot be stored.
 */
export function storableChange(change: Change): Change {
  const { expect, details } = change
  const steps = change.steps.map((step) => ({
    ...step,
    feature: storableText(step.feature),
    operation: storableOperation(step.operation),
  }))
  return {
    ...change,
    author: storableText(change.author),
    source: storableText(change.source),
    reason: change.reason === null ? null : storableText(change.reason),
    steps: steps.sort((a, b) => (a.feature < b.feature ? -1 : a.feature > b.feature ? 1 : 0)),
    ...(details === undefined ? {} : { details: storableDetails(details) }),
    ...(expect === undefined
      ? {}
      : { expect: new Map([...expect].map(([feature, revision]) => [storableText(feature), revision])) }),
  }
}

function storableDetails(details: ChangeDetails): ChangeDetails {
  const { approvedBy, step, ...texts } = details
  return {
    ...Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, storableText(text)])),
    ...(step === undefined ? {} : { step }),
    ...(approvedBy === undefined ? {} : { approvedBy: approvedBy.map(storableText) }),
  }
}

/** The looked-up texts that are stored, spelled as they were asked. */
export function foundActors(step: Step, isStored: (text: string) => boolean): ReadonlySet<string> {
  return new Set(step.lookup?.filter((text) => isStored(wellFormed(text))))
}

/** The texts of a lookup that can be stored at all. */
export function lookupTexts(step: Step): readonly string[] {
  return (step.lookup ?? []).filter((text) => !text.includes('\0')).map(wellFormed)
}

function storableOperation(operation: Operation): Operation {
  switch (operation.kind) {
    case 'add':
    case 'drop':
      return { ...operation, values: operation.values.map(storableText) }
    case 'set':
      return { ...operation, value: storableText(operation.value) }
    case 'replace': {
      const gates = [...operation.gates].map(
        ([gate, values]) => [storableText(gate), values.map(storableText)] as const,
      )
      return { ...operation, gates: new Map(gates) }
    }
    case 'enable':
    case 'disable':
    case 'remove':
      return operation
  }
}

function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
