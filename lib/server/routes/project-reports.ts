// What SDKs report of a project: its clients, counts and warnings. Ours, beside GitLab's routes.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import type { Client, FlagCount } from '../../project-flags/reports/report.js'
import type { CountsQuery } from '../../project-flags/reports/store.js'
import type { Warning } from '../../project-flags/reports/warning.js'
import { findProject, type OfProject } from '../projects/caller.js'
import { answers, projectRoute, queries } from '../projects/description.js'
import { pageOf } from '../projects/pagination.js'
import { choiceIn, parametersOf, textIn } from '../projects/parameters.js'

const mostCounts = 10_000
const steps = ['hour', 'day'] as const

export function reportRoutes(app: FastifyInstance, instance: Instance): void {
  addClients(app, instance)
  addCounts(app, instance)
  addWarnings(app, instance)
}

function addClients(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id/clients',
    projectRoute('listProjectClients', 'The SDKs that ask for the flags of a project', {
      query: queries.page,
      answer: answers.list,
    }),
    async (request, reply) => {
      const { project } = await findProject(instance, request)
      const clients = await (await instance.reports()).clients(project.id)
      return pageOf(clients, request, reply).map(toClientEntity)
    },
  )
}

function addCounts(app: FastifyInstance, instance: Instance): void {
  const query = {
    step: { type: 'string', enum: steps, description: 'hour (the default) for two days, day for thirty' },
    flag: { type: 'string' },
    environment: { type: 'string' },
    ...queries.page,
  }
  app.get<{ Params: OfProject }>(
    '/projects/:id/counts',
    projectRoute('listProjectCounts', 'How often flags were on and off, the newest first', {
      query,
      answer: answers.list,
    }),
    async (request, reply) => {
      const { project } = await findProject(instance, request)
      const counts = await (await instance.reports()).counts(project.id, countsQuery(request))
      return pageOf(counts, request, reply).map(toCountEntity)
    },
  )
}

function addWarnings(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id/warnings',
    projectRoute(
      'listProjectWarnings',
      'What is probably not meant in the flags of a project, and in what its SDKs say',
      {
        query: queries.page,
        answer: answers.list,
      },
    ),
    async (request, reply) => {
      const { project } = await findProject(instance, request)
      const warnings = await (await instance.reports()).warnings(project.id, Date.now())
      return pageOf(warnings, request, reply).map(toWarningEntity)
    },
  )
}

/** Throws ShapeFault. */
function countsQuery(request: FastifyRequest): CountsQuery {
  const parameters = parametersOf(request)
  return {
    step: choiceIn(parameters, 'step', steps) ?? 'hour',
    flag: textIn(parameters, 'flag'),
    environment: textIn(parameters, 'environment'),
    limit: mostCounts,
    nowMs: Date.now(),
  }
}

function toClientEntity(client: Client): object {
  return {
    environment: client.environment,
    app_name: client.app,
    sdk: client.sdk === '' ? null : client.sdk,
    spec_version: client.spec,
    interval_ms: client.intervalMs,
    instances: client.instances,
    first_seen_at: client.firstSeen.toISOString(),
    last_seen_at: client.lastSeen.toISOString(),
    last_polled_at: client.lastPolled?.toISOString() ?? null,
  }
}

function toCountEntity({ flag, environment, at, yes, no }: FlagCount): object {
  return { flag, environment, at: at.toISOString(), yes, no }
}

function toWarningEntity({ kind, problem, remedy, flags, environment, app, sdk }: Warning): object {
  return {
    kind,
    message: problem,
    remedy,
    ...(flags === undefined ? {} : { flags }),
    ...(environment === undefined ? {} : { environment }),
    ...(app === undefined ? {} : { app_name: app }),
    ...(sdk === undefined ? {} : { sdk: sdk === '' ? null : sdk }),
  }
}
