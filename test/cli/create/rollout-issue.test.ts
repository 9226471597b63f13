// The address at which a rollout issue is made.
import { describe, expect, it } from 'vitest'
import { projectOfPage, projectOfRepository, rolloutIssueUrl } from '../../../lib/cli/create/rollout-issue.js'
import { makeRoot } from '../../support/project.js'

describe('the project', () => {
  it.each([
    ['https://gitlab.com/gitlab-org/gitlab/-/merge_requests/1', 'https://gitlab.com/gitlab-org/gitlab'],
    ['https://gitlab.example.com:8443/a/b/c/-/issues', 'https://gitlab.example.com:8443/a/b/c'],
    ['https://gitlab.example.com/a/b/merge_requests/1', 'https://gitlab.example.com/a/b'],
    ['https://github.com/a/b/pull/1', 'https://github.com/a/b'],
    ['https://github.com/a/b/issues', 'https://github.com/a/b'],
    ['https://example.com/', null],
    ['mailto:bugs@example.com', null],
    ['nothing', null],
  ])('of the page %s is %s', (url, project) => {
    expect(projectOfPage(url)).toBe(project)
  })

  it.each([
    ['git+https://gitlab.com/a/b.git', 'https://gitlab.com/a/b'],
    ['https://user:secret@gitlab.com/a/b/c.git', 'https://gitlab.com/a/b/c'],
    ['git@gitlab.com:a/b/c.git', 'https://gitlab.com/a/b/c'],
    ['ssh://git@gitlab.com/a/b.git', 'https://gitlab.com/a/b'],
    ['github:a/b', 'https://github.com/a/b'],
    ['gitlab:a/b', 'https://gitlab.com/a/b'],
    ['a/b', 'https://github.com/a/b'],
    ['/srv/git/a.git', null],
    ['../a', null],
    [null, null],
  ])('of the repository %s is %s', (repository, project) => {
    expect(projectOfRepository(repository)).toBe(project)
  })
})

describe('the address of a new issue', () => {
  const flag = { name: 'x', type: 'beta' }
  const nothing = { mergeRequestUrl: null, otherUrls: () => [] }

  it('comes from the merge request first', () => {
    const root = makeRoot({ 'package.json': '{"repository":"gitlab:other/project"}' })
    const mergeRequestUrl = 'https://gitlab.com/a/b/-/merge_requests/1'
    expect(rolloutIssueUrl(flag, { ...nothing, root, mergeRequestUrl })).toMatch(
      /^https:\/\/gitlab\.com\/a\/b\/-\/issues\/new\?/,
    )
  })

  it('comes from package.json, then from the other definitions', () => {
    const root = makeRoot({ 'package.json': '{"repository":{"url":"git+https://github.com/a/b.git"}}' })
    expect(rolloutIssueUrl(flag, { ...nothing, root })).toBe(
      'https://github.com/a/b/issues/new?title=%5BFeature+flag%5D+Rollout+of+%60x%60',
    )
    const otherUrls = () => ['https://gitlab.com/c/d/-/issues/5']
    expect(rolloutIssueUrl(flag, { ...nothing, root: makeRoot(), otherUrls })).toContain(
      'https://gitlab.com/c/d/-/issues/new?',
    )
  })

  it.each([
    ['development', 'Feature+Flag+Roll+Out'],
    ['experiment', 'Experiment+Tracking'],
  ])('opens for the type %s with the template %s', (type, template) => {
    const root = makeRoot({ 'package.json': '{"repository":"gitlab:a/b"}' })
    expect(rolloutIssueUrl({ name: 'x', type }, { ...nothing, root })).toBe(
      `https://gitlab.com/a/b/-/issues/new?issue%5Btitle%5D=%5BFeature+flag%5D+Rollout+of+%60x%60&issuable_template=${template}`,
    )
  })

  it('is unknown where nothing names a project', () => {
    expect(rolloutIssueUrl(flag, { ...nothing, root: makeRoot({ 'package.json': 'broken' }) })).toBeNull()
  })
})
