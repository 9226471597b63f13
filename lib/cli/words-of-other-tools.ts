// First words that are commands in other tools for feature flags, or in tools of their kind, and what does the same here. A first word
// that is no command defines a flag, and nobody who types `enable dark_mode` wants a flag named `enable`.

/** The command that was most likely meant. `NAME` stands for the flag. */
export type Advice = string

const words: Readonly<Record<Advice, string>> = {
  'set NAME true': 'enable on turnon activate allow start release',
  'set NAME false': 'disable off turnoff deactivate close kill stop halt block',
  'set NAME true (or false)': 'toggle flip switch update edit change modify put write override',
  'set NAME 25 --actors': 'rollout ramp percentage percent gradual',
  'set NAME --opt-out --user 1': 'optout deny exclude',
  'set NAME true --user 1': 'user actor actors group namespace target targeting segment assign',
  'get NAME': 'show info describe view inspect read display details state',
  'explain NAME User:7': 'enabled isenabled evaluate eval why reason decide',
  'get NAME, or validate for the definition files': 'check test',
  list: 'ls all index search find grep query flag flags feature features toggles',
  'list, which shows every flag and whether it is stored': 'stale cleanup clean prune orphans report',
  usage: 'unused usages coverage',
  'list --type TYPE': 'type',
  'delete NAME': 'rm remove del destroy drop clear reset unset unstore purge archive',
  'create NAME': 'add new define declare generate scaffold make register',
  'create NAME for a definition, and migrate for the tables': 'init setup install bootstrap configure',
  'create NAME, and delete NAME for the old one': 'rename mv move copy cp clone',
  undo: 'revert rollback redo',
  restore: 'reset recover rewind',
  history: 'log logs audit changes events activity changelog diff blame',
  status:
    'health ping doctor diagnose stats metrics env environment environments config configuration version whoami connect',
  validate: 'lint verify ci fix format',
  console: 'shell repl irb exec run script',
  serve: 'server dev up watch daemon relay proxy api preview',
  open: 'browse browser web ui page signin',
  migrate: 'migration migrations db schema upgrade',
  'token create --name NAME': 'login logout auth authenticate tokens key keys apikey',
  'export FILE': 'dump backup save pull download snapshot',
  'import FILE': 'restore load push upload apply sync',
  help: 'commands man docs manual',
}

/** Everything that is advised. */
export const allAdvice: readonly Advice[] = Object.keys(words)

const advices: ReadonlyMap<string, Advice> = new Map(
  Object.entries(words).flatMap(([advice, list]) => list.split(' ').map((word) => [word, advice] as const)),
)

/** What to type in place of a word of another tool; null for any other word. `turn-on` and `turn_on` are one word. */
export function adviceFor(word: string): Advice | null {
  return advices.get(word.toLowerCase().replace(/[-_:.]/g, '')) ?? null
}
