// Asks for the state of the page every 30 s and writes what changed into it. Only texts and attributes are replaced, so the focus
// and the place on the page stay where they are. Works without a framework, under a policy that allows no inline script.

/**
 * @typedef {{ name: string, on: boolean, why: string }} Card
 * @typedef {{ cards: Card[], notice: string, banner: string, askedAt: string, source: string }} State
 */

const seconds = Number(document.body.dataset['refreshSeconds'])
// Kept while the visitor goes from user to user.
let paused = sessionStorage.getItem('paused') === 'yes'
let nextAt = Date.now() + seconds * 1000
let askedAt = Date.now()

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no element "${id}"`)
  return found
}

/**
 * A text that does not change is not written again: a screen reader would read it again.
 * @param {Element | null} place
 * @param {string} text
 */
function write(place, text) {
  if (place !== null && place.textContent !== text) place.textContent = text
}

/** @param {State} state */
function show(state) {
  const changed = []
  for (const { name, on, why } of state.cards) {
    const card = document.querySelector(`[data-flag="${name}"]`)
    if (!(card instanceof HTMLElement)) continue
    if (card.dataset['on'] !== String(on)) changed.push(`${name} is now ${on ? 'on' : 'off'}`)
    card.dataset['on'] = String(on)
    document.body.classList.toggle(name, on)
    write(card.querySelector('.word'), on ? 'On' : 'Off')
    write(card.querySelector('.why'), why)
  }
  write(element('notice'), state.notice)
  write(element('banner'), state.banner)
  write(element('source'), state.source)
  const time = document.querySelector('footer time')
  time?.setAttribute('datetime', state.askedAt)
  write(time, `${state.askedAt.slice(11, 19)} UTC`)
  if (changed.length > 0) write(element('changed'), `At ${state.askedAt.slice(11, 19)} UTC: ${changed.join(', ')}.`)
}

async function refresh() {
  nextAt = Date.now() + seconds * 1000
  try {
    const response = await fetch(`/state.json${location.search}`, { cache: 'no-store' })
    if (!response.ok) throw new Error(`status ${response.status}`)
    show(await response.json())
    askedAt = Date.now()
  } catch {
    write(element('notice'), 'The page could not be asked. It shows what it knew last, and tries again.')
  }
  tick()
}

function tick() {
  const ago = Math.round((Date.now() - askedAt) / 1000)
  const left = Math.max(0, Math.round((nextAt - Date.now()) / 1000))
  write(element('pause'), paused ? 'Resume the refresh' : 'Pause the refresh')
  write(element('next'), paused ? `, ${ago} s ago; the refresh is paused` : `, ${ago} s ago; next in ${left} s`)
  if (!paused && Date.now() >= nextAt) void refresh()
}

element('pause').addEventListener('click', () => {
  paused = !paused
  sessionStorage.setItem('paused', paused ? 'yes' : 'no')
  nextAt = Date.now() + seconds * 1000
  tick()
})
element('now').addEventListener('click', () => void refresh())
element('controls').hidden = false
setInterval(tick, Math.min(1000, seconds * 1000))
tick()
