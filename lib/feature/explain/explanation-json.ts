// Explanations as JSON, for the HTTP API and for `--json`.
import type { AllExplained, ExplainedFlag } from './all-explained.js'
import type { DecidingChange, ExplainedAnswer, ExplainedAsOf, ExplainedGate, Explanation } from './explanation.js'

export function explanationToJson(explanation: Explanation) {
  const { name, actors, steps, asOf, by } = explanation
  const { value, reason, chance, approximate } = explanation
  return {
    name,
    actors,
    value,
    reason,
    chance,
    steps: steps.map(stepToJson),
    as_of: asOfToJson(asOf),
    by: by === null ? null : changeToJson(by),
    approximate,
  }
}

/** `than` stands where two are compared. */
export function allExplainedToJson({ asOf, thanAsOf, flags }: AllExplained) {
  return {
    as_of: asOfToJson(asOf),
    ...(thanAsOf === null ? {} : { than_as_of: asOfToJson(thanAsOf) }),
    flags: flags.map(flagToJson),
  }
}

function flagToJson({ name, default: byDefault, than, ...answer }: ExplainedFlag) {
  return { name, ...answerToJson(answer), default: byDefault, ...(than === null ? {} : { than: answerToJson(than) }) }
}

function answerToJson({ value, reason, chance, approximate }: ExplainedAnswer) {
  return { value, reason, chance, approximate }
}

function stepToJson({ gate, open, decides, why, detail }: ExplainedGate) {
  if (detail === undefined) return { gate, open, decides, why }
  const { input, joinedId, checksum, bucket, threshold } = detail
  return { gate, open, decides, why, detail: { input, joined_id: joinedId, checksum, bucket, threshold } }
}

function asOfToJson({ position, at, from }: ExplainedAsOf) {
  return { position, at: at === null ? null : at.toISOString(), from }
}

function changeToJson({ changeId, position, at, author, source, reason }: DecidingChange) {
  return { change_id: changeId, position, at: at.toISOString(), author, source, reason }
}
