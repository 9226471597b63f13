// Options that no configuration may have, each by what is wrong with it; given as programs without types would.
export const wrongOptions: Readonly<Record<string, object>> = {
  'an unknown option': { databaseURL: 'memory' },
  'a number as environment': { env: 1 },
  'an empty environment': { env: '' },
  'a database of another kind': { databaseUrl: 'mysql://localhost/flags' },
  'no URL': { databaseUrl: 'localhost:5432' },
  'a Redis of another kind': { redisUrl: 'http://localhost' },
  'a negative interval': { pollIntervalMs: -1 },
  'a text as interval': { pollIntervalMs: '10s' },
  'a group that is no function': { groups: { beta_testers: true } },
  'a negative limit': { limits: { actorsPerFlag: -1 } },
  'an unknown limit': { limits: { actors: 1 } },
  'a bad type': { types: { mine: { lifetime: 'long' } } },
  'a path that is no text': { definitionPaths: [1] },
  'a bad proxy': { server: { trustedProxies: ['10.0.0.0/99'] } },
  'a logger that is none': { logger: {} },
  'production without database': { env: 'production', databaseUrl: undefined },
}

/** An export that holds these features, whatever they are. */
export const exported = (features: unknown) => ({ format: 'sluice-export', version: 1, position: null, features })
