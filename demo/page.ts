// The page: what it shows of the flags for one user, as data and as HTML. Pure; server.ts sends it, public/refresh.js renews it.
//
// Every flag has a real effect. Its name is a class of <body>, and public/styles.css does the rest.
import { demoFlags } from './flags.js'
import { describeAudiences, type FlagSource, type Freshness } from './source.js'

export interface PageState {
  readonly user: string
  readonly cards: readonly Card[]
  /** What is wrong with the answers; empty where nothing is. */
  readonly notice: string
  /** The greeting of `holiday_banner`; empty while the flag is off. */
  readonly banner: string
  readonly askedAt: string
  readonly source: string
}

export interface Card {
  readonly name: string
  readonly does: string
  readonly on: boolean
  readonly why: string
}

export const defaultUser = '1'
const longestUser = 256

/** The user of an address, `?user=7`. */
export function userOf(query: URLSearchParams): string {
  return query.get('user')?.trim().slice(0, longestUser) || defaultUser
}

export function pageState(source: FlagSource, user: string, now: Date): PageState {
  const cards = demoFlags.map((flag) => ({
    name: flag.name,
    does: flag.does,
    on: source.isEnabled(flag, user),
    why: describeAudiences(source.audiences(flag)),
  }))
  return {
    user,
    cards,
    notice: noticeOf(source.freshness()),
    banner: cards.some(({ name, on }) => name === 'holiday_banner' && on)
      ? 'Happy holidays, and a good start into the new year!'
      : '',
    askedAt: now.toISOString(),
    source: source.name,
  }
}

function noticeOf({ asOf, state }: Freshness): string {
  if (state === 'current') return ''
  if (asOf === null) return 'Not yet connected: all flags are off until the first answer.'
  const since = `As of ${asOf.toISOString().slice(11, 19)} UTC`
  if (state === 'stopped')
    return `${since}: the SDK has stopped: the Instance ID was refused; restart with the new one.`
  return `${since}: the flags cannot be asked for at the moment. The last ones stay.`
}

export interface PageOptions {
  readonly refreshSeconds: number
}

export function renderPage(state: PageState, { refreshSeconds }: PageOptions): string {
  const { user, cards, notice, banner, askedAt, source } = state
  const classes = cards.filter(({ on }) => on).map(({ name }) => name)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Feature flags for user ${escapeHtml(user)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/styles.css">
<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>
<script type="module" src="/refresh.js"></script>
</head>
<body class="${classes.join(' ')}" data-refresh-seconds="${refreshSeconds}">
<a class="skip" href="#flags">Skip to the flags</a>
<header>
<h1>Feature flags</h1>
<p>Four flags, and what they do to this page.</p>
</header>
<nav aria-label="User">
${userLinks(user)}
</nav>
<main id="flags" tabindex="-1">
<p id="notice" class="notice" role="alert">${escapeHtml(notice)}</p>
<p id="banner" class="banner" role="status">${escapeHtml(banner)}</p>
<h2>For user <span class="user">${escapeHtml(user)}</span></h2>
<ul class="cards">
${cards.map(renderCard).join('\n')}
</ul>
<p id="changed" class="changed" role="status"></p>
</main>
<footer>
<p>Asked at <time datetime="${askedAt}">${askedAt.slice(11, 19)} UTC</time><span id="next"></span>. Source: <span id="source">${escapeHtml(source)}</span>.</p>
<p id="controls" class="controls" hidden>
<button type="button" id="pause">Pause the refresh</button>
<button type="button" id="now">Refresh now</button>
</p>
</footer>
</body>
</html>
`
}

function renderCard({ name, does, on, why }: Card): string {
  return `<li class="card" data-flag="${name}" data-on="${on}">
<h3>${name}</h3>
<p class="state"><span class="icon" aria-hidden="true"></span><span class="word">${on ? 'On' : 'Off'}</span></p>
<p class="does">${escapeHtml(does)}</p>
<p class="why">${escapeHtml(why)}</p>
</li>`
}

/** The users beside this one, where ids are numbers, and a field for any other. */
function userLinks(user: string): string {
  const number = /^[1-9]\d{0,14}$/.test(user) ? Number(user) : 0
  const previous = number > 1 ? `<a href="/?user=${number - 1}" rel="prev">← User ${number - 1}</a>` : ''
  const next = `<a href="/?user=${number + 1}" rel="next">User ${number + 1} →</a>`
  return `<form action="/" method="get">
<label for="user">User ID</label>
<input id="user" name="user" value="${escapeHtml(user)}" maxlength="${longestUser}" autocomplete="off" spellcheck="false" required>
<button type="submit">Show</button>
</form>
${previous}
${next}`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
