// What is told of a change beside its rows: one row, in the transaction of the change.
import type { ChangeDetails } from '../../change-origin.js'
import { fields, list, text, textOrNull } from '../parse-rows.js'
import type { TextValues } from '../query.js'

/** The statement that writes it; its values are those of `detailsValues`. A role may write it that may not read it. */
export function detailsInsertSql(changes: string): string {
  return `insert into ${changes}
    (change_id, undoes, restores, proposal_id, rollout_id, step, approved_by, override, channel, link)
    values ($1::text, $2::text, $3::text, $4::text::uuid, $5::text::uuid, $6::text::integer, $7::text[], $8::text, $9::text, $10::text)
    on conflict do nothing`
}

export function detailsValues(id: string, details: ChangeDetails): TextValues {
  const { undoes, restores, proposalId, rolloutId, step, approvedBy, override, channel, link } = details
  return [
    id,
    undoes ?? null,
    restores ?? null,
    proposalId ?? null,
    rolloutId ?? null,
    step === undefined ? null : String(step),
    approvedBy ?? null,
    override ?? null,
    channel ?? null,
    link ?? null,
  ]
}

/** Of a row as JSON. */
export function readDetails(value: unknown): ChangeDetails {
  const row = fields(value, 'details of a change')
  const found = (key: string, column: string) => {
    const one = textOrNull(row[column], column)
    return one === null ? {} : { [key]: one }
  }
  const { step, approved_by: approvedBy } = row
  return {
    ...found('undoes', 'undoes'),
    ...found('restores', 'restores'),
    ...found('proposalId', 'proposal_id'),
    ...found('rolloutId', 'rollout_id'),
    ...found('override', 'override'),
    ...found('channel', 'channel'),
    ...found('link', 'link'),
    ...(typeof step === 'number' ? { step } : {}),
    ...(approvedBy === null ? {} : { approvedBy: list(approvedBy, 'approvers').map((one) => text(one, 'approver')) }),
  }
}
