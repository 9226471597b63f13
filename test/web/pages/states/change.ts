// States of the one way in which anything is changed.
import { patience } from '../../world.js'
import { alterPreview } from '../played.js'
import { bar, dialog, openFlag, openPending, openReview, type State, send } from './state.js'

const changedByAda = {
  status: 412,
  json: {
    code: 'flag_changed',
    message: 'dark_mode was changed',
    current: { revision: '9-a-0' },
    changes: [
      {
        change_id: null,
        at: new Date().toISOString(),
        author: 'ada',
        source: 'http',
        reason: 'incident 991',
        flags: [{ name: 'dark_mode', sentence: '25 % → 30 % of actors' }],
      },
    ],
    rebase: 'conflict',
  },
}

export const frozen = 'frozen until 2026-11-30T07:00Z (weekend); turning off still works'

/** What a preview says of a policy, where there is one: each rule that has a word to say. */
export const policyRefusal = {
  verdict: 'refused',
  reasons: [
    { rule: 'freeze', text: frozen, blocks: true },
    { rule: 'pauseMinutes', text: 'last raise 6 min ago, 15 asked', blocks: false },
  ],
}

export const changeStates: readonly State[] = [
  {
    name: 'a flag with a pending change',
    heard: bar,
    async open(page, served) {
      await openPending(page, served)
      await page.getByRole('button', { name: 'As a command…' }).click()
    },
  },
  { name: 'the review of a change', heard: dialog, open: openReview },
  {
    // A share is no trap to the server, and its preview says what it turns off. A list is one: it turns the flag off for all who are not on it.
    name: 'the review of a list for a flag that is on by default',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served, '', 'ci_cache')
      await page.getByRole('button', { name: 'Edit list… of actors' }).click()
      const review = page.getByRole('dialog')
      await review.getByRole('textbox').fill('User:7')
      await review.getByRole('button', { name: 'Add to the change' }).click()
      await page
        .locator('.bar')
        .getByRole('button', { name: /^Review and / })
        .click(patience)
      await review.getByRole('checkbox', { name: /\(force\)/ }).waitFor(patience)
      await review
        .getByRole('button', { name: /^Instead: / })
        .first()
        .waitFor(patience)
      await review.getByText('choose one of the safe ways, or force it').waitFor(patience)
    },
  },
  {
    name: 'a preview that is refused',
    isFailing: true,
    heard: bar,
    async open(page, served) {
      const json = { code: 'too_many', message: 'a flag has at most 10,000 actors by name' }
      await page.route('**/api/v4/features/dark_mode/changes', (route) => route.fulfill({ status: 400, json }))
      await openFlag(page, served, '?set=50')
      await page.getByText('There is no preview: a flag has at most').waitFor(patience)
    },
  },
  {
    name: 'a conflict with another person',
    isFailing: true,
    heard: bar,
    async open(page, served) {
      await send(page, served, changedByAda)
      await page.getByText('While you were editing').waitFor(patience)
    },
  },
  {
    name: 'the review of a change that a policy does not allow',
    heard: dialog,
    async open(page, served) {
      await alterPreview(page, policyRefusal)
      await openReview(page, served)
    },
  },
  {
    name: 'a change that a policy refuses when it is sent',
    isFailing: true,
    heard: dialog,
    async open(page, served) {
      await send(page, served, { status: 422, json: { code: 'policy_refused', message: frozen } })
      await page.getByRole('dialog').getByText('frozen until').waitFor(patience)
    },
  },
  {
    name: 'a change that waits for a second person',
    heard: bar,
    async open(page, served) {
      const proposal = { id: 'p-1', expires_at: '2026-11-30T07:00:00.000Z' }
      await send(page, served, { status: 202, json: { proposal } })
      await page.getByText('when another person approves it').waitFor(patience)
    },
  },
  {
    name: 'a change of which the outcome is not known yet',
    isAlone: true,
    isFailing: true,
    heard: dialog,
    async open(page, served) {
      await send(page, served, { status: 503, json: { code: 'outcome_unknown', message: 'the outcome is not known' } })
      await page.getByRole('dialog').getByText('No answer came').waitFor(patience)
    },
  },
  {
    name: 'a change that was made while processes lag',
    isAlone: true,
    heard: '.messages',
    async open(page, served) {
      await send(page, served, {
        json: {
          flag: { revision: '9-a-0' },
          change: { id: '7e6f6a52-6c0e-4d0f-9d3a-6b1f2f6a9d11', position: { version: '9', nonce: 'a' } },
          processes: { live: 12, confirmed: 10, lagging: ['web-7', 'web-9'] },
        },
      })
      await page.getByRole('button', { name: 'Undo', exact: true }).waitFor(patience)
    },
  },
]
