// Several writers at once at two servers on one Postgres: of those who want one name, or the last free place, one gets it, and the
// others are told so in the words of GitLab; what one of them takes away is not named by the other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { allOf } from './figures.js'
import { flagFor, makeToken, RestClient } from './rest-client.js'
import type { SdkProject } from './sdk-crowd.js'
import { type Answer, Serving } from './serving.js'
import { hangMs, size } from './size.js'

const atOnce = 8
const rounds = size(1, 100)

let database: TestDatabase
let writers: readonly RestClient[] = []
let made = 0

beforeAll(async () => {
  database = await createDatabase()
  const start = () => Serving.start({ env: { DATABASE_URL: database.url }, config: { diskFile: false } })
  const servers = await Promise.all([start(), start()])
  const token = await makeToken(database.url)
  writers = servers.map((server) => new RestClient(server, token))
}, hangMs)
afterAll(async () => {
  for (const { server } of writers) await server.kill()
  await database?.close()
})

const first = () => writers[0] ?? fail()
const fail = (): never => {
  throw new Error('no server was started')
}

function makeProject(): Promise<SdkProject> {
  made += 1
  return first().makeProject(`group/at-once-${made}`)
}

/** Sends as many at once as told, in turn to both servers. */
async function allAtOnce(send: (writer: RestClient, index: number) => Promise<Answer | null>): Promise<Answer[]> {
  const sent = Array.from({ length: atOnce }, (_, index) => send(writers[index % writers.length] ?? fail(), index))
  const answers = await Promise.all(sent)
  return answers.map((answer) => answer ?? fail())
}

interface Contest {
  readonly what: string
  /** Brings the project so far that one more fits, and gives the request; each writer has a number. */
  readonly begin: (
    project: SdkProject,
  ) => Promise<(index: number) => readonly [method: string, path: string, body: object]>
  readonly won: number
  readonly lost: number
  /** What those who lose are told. */
  readonly said: RegExp
}

const flagsOf = ({ id }: SdkProject) => `projects/${id}/feature_flags`
const listsOf = ({ id }: SdkProject) => `projects/${id}/feature_flags_user_lists`
const taken = /Name has already been taken/

const contests: readonly Contest[] = [
  {
    what: 'one name of a flag',
    begin: async (project) => (index) => ['POST', flagsOf(project), flagFor('wanted', String(index))],
    won: 201,
    lost: 400,
    said: taken,
  },
  {
    what: 'one name for flags that are renamed',
    begin: async (project) => {
      for (let index = 0; index < atOnce; index++)
        await first().must('POST', flagsOf(project), { name: `flag-${index}` })
      return (index) => ['PUT', `${flagsOf(project)}/flag-${index}`, { name: 'wanted' }]
    },
    won: 200,
    lost: 400,
    said: taken,
  },
  {
    what: 'one name of a user list',
    begin: async (project) => () => ['POST', listsOf(project), { name: 'wanted', user_xids: '1' }],
    won: 201,
    lost: 400,
    said: taken,
  },
  {
    what: 'one path of a project',
    begin:
      async ({ id }) =>
      (index) => ['POST', 'projects', { path: index % 2 === 0 ? `w/${id}` : `W/${id}`, name: 'w' }],
    won: 201,
    lost: 400,
    said: /Path has already been taken/,
  },
  {
    what: 'the last place of 200 flags',
    begin: async (project) => {
      await database.query(
        `insert into project_flags (project_id, iid, name) select $1, -n, 'full-' || n from generate_series(1, 199) n`,
        [project.id],
      )
      return (index) => ['POST', flagsOf(project), { name: `last-${index}` }]
    },
    won: 201,
    lost: 400,
    said: /Maximum number of project feature flags \(200\) exceeded/,
  },
  {
    what: 'the last place of 20 instance IDs',
    begin: async (project) => {
      await database.query(
        `insert into project_instance_ids (project_id, name, secret) select $1, 'n' || n, 'full-' || $1 || '-' || n
        from generate_series(1, 19 - (select count(*) from project_instance_ids where project_id = $1)) n`,
        [project.id],
      )
      return (index) => ['POST', `projects/${project.id}/instance_ids`, { name: `last-${index}` }]
    },
    won: 201,
    lost: 400,
    said: /Maximum number of instance IDs of a project \(20\) exceeded/,
  },
]

describe('of several writers at once', () => {
  it.each(contests.map((contest) => [contest.what, contest] as const))(
    'one gets %s',
    { timeout: hangMs },
    async (what, { begin, won, lost, said }) => {
      let single = 0
      for (let round = 0; round < rounds; round++) {
        const request = await begin(await makeProject())
        const answers = await allAtOnce((writer, index) => writer.send(...request(index)))
        expect(answers.map(({ status }) => status).sort()).toEqual([won, ...Array(atOnce - 1).fill(lost)].sort())
        for (const { status, body } of answers) if (status !== won) expect(body).toMatch(said)
        single += 1
      }
      allOf(`${atOnce} writers at once`, `rounds in which one gets ${what}`, single, rounds)
    },
  )

  it('one changes a flag as it read it, and the others are told who was first', { timeout: hangMs }, async () => {
    for (let round = 0; round < rounds; round++) {
      const project = await makeProject()
      await first().must('POST', flagsOf(project), flagFor('read', '1'))
      const { headers } = (await first().send('GET', `${flagsOf(project)}/read`)) ?? fail()
      const answers = await allAtOnce((writer, index) =>
        writer.send(
          'PUT',
          `${flagsOf(project)}/read`,
          { description: `by ${index}` },
          { 'if-match': String(headers.etag) },
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(atOnce - 1).fill(412)])
      for (const { status, body } of answers)
        if (status === 412) expect(JSON.parse(body)).toMatchObject({ changed_by: 'token:faults' })
    }
  })

  it('none names a list that another one deletes, and none leaves a flag in a project that is gone', {
    timeout: hangMs,
  }, async () => {
    for (let round = 0; round < rounds * 2; round++) {
      const project = await makeProject()
      const list = await first().must('POST', listsOf(project), { name: 'l', user_xids: '1' })
      const strategy = {
        name: 'gitlabUserList',
        parameters: {},
        user_list_id: list['id'],
        scopes: [{ environment_scope: '*' }],
      }
      const answers = await allAtOnce((writer, index) =>
        index % 2 === round % 2
          ? writer.send('DELETE', `${listsOf(project)}/${list['iid']}`)
          : writer.send('POST', flagsOf(project), { name: `flag-${index}`, strategies: [strategy] }),
      )
      for (const { status } of answers) expect([201, 204, 400, 404, 409]).toContain(status)
      expect(await database.query(dangling)).toEqual([])
      const ended = await allAtOnce((writer, index) =>
        index === 3
          ? writer.send('DELETE', `projects/${project.id}?force=true`)
          : writer.send('POST', flagsOf(project), { name: `late-${index}` }),
      )
      for (const { status } of ended) expect([201, 202, 404]).toContain(status)
      const [left] = await database.query(leftOver, [project.id])
      expect(left).toEqual({ projects: 0, flags: 0, lists: 0, ids: 0 })
    }
  })

  it('each gets a number and a revision of its own', { timeout: hangMs }, async () => {
    const project = await makeProject()
    for (let round = 0; round < rounds; round++) {
      const answers = await allAtOnce((writer, index) =>
        writer.send('POST', listsOf(project), { name: `list-${round}-${index}`, user_xids: '1' }),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(atOnce).fill(201))
    }
    const [row] = await database.query(
      `select count(*)::int as lists, count(distinct iid)::int as numbers, count(distinct revision)::int as revisions
      from project_user_lists where project_id = $1`,
      [project.id],
    )
    expect(row).toEqual({ lists: rounds * atOnce, numbers: rounds * atOnce, revisions: rounds * atOnce })
  })
})

const dangling = `
select flag.name
from project_flags flag, jsonb_array_elements(flag.strategies) strategy
where strategy ->> 'user_list_id' is not null
  and not exists (select from project_user_lists list where list.id = (strategy ->> 'user_list_id')::bigint)`

const leftOver = `
select
  (select count(*)::int from project_directory where id = $1) as projects,
  (select count(*)::int from project_flags where project_id = $1) as flags,
  (select count(*)::int from project_user_lists where project_id = $1) as lists,
  (select count(*)::int from project_instance_ids where project_id = $1) as ids`
