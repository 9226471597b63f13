// One flag as a row of the list, made and filled by hand. A key in the filter fills every row that is seen with another flag, and a template
// would compare each of their elements, and make anew what is not there in both: three times as long as this takes.
import type { FlagRow } from '../../api/flags.js'
import { meaningOf } from '../../flags/meaning.js'
import type { Marked } from '../../state/flag-list.js'
import { ago, utc } from '../../text/times.js'
import { visible } from '../../text/visible.js'

export interface RowContent {
  readonly name: string
  /** Null for a flag that is gone since the list was sorted. */
  readonly row: FlagRow | null
  readonly index: number
  /** Pixels. */
  readonly top: number
  readonly isLast: boolean
  /** Whether it has the tab stop. */
  readonly isActive: boolean
  readonly marked: Marked | null
  readonly isSelected: boolean
  /** By the clock of the server; milliseconds. */
  readonly now: number
}

const parts = [
  'name',
  'row',
  'index',
  'top',
  'isLast',
  'isActive',
  'marked',
  'isSelected',
  'now',
] as const satisfies readonly (keyof RowContent)[]

export interface RowElement {
  readonly element: HTMLElement
  /** Changes only what differs from what it shows. */
  show(content: RowContent): void
}

/** An empty row, for the caller to put into the table; with a box where flags can be selected. */
export function makeRow(canSelect: boolean): RowElement {
  const element = make('div', 'flag-row', '', { role: 'row' })
  const cell = (name: string) => make('div', `flag-${name}`, '', { role: 'cell' })
  const select = cell('select')
  const flag = cell('name')
  const state = cell('state')
  const meaning = cell('meaning')
  const owner = cell('owner')
  const changed = cell('changed')
  const box = make('input', '', '', { type: 'checkbox', tabindex: '-1' })
  const link = make('a')
  const type = make('span')
  const marks = make('span', 'flag-marks')
  const badge = make('span')
  select.append(box)
  flag.append(link, type, marks)
  state.append(badge)
  if (canSelect) element.append(select)
  element.append(flag, state, meaning, owner, changed)

  let last: RowContent | null = null
  return {
    element,
    show(content) {
      if (last !== null && parts.every((part) => last?.[part] === content[part])) return
      last = content
      const { name, row, index, top, isLast, isActive, marked, isSelected, now } = content
      const shownName = visible(name)
      const fault = row?.fault ?? null
      const isOverdue = row?.isOverdue === true
      const at = row?.changedAt ?? null
      const by = row?.changedBy ?? null
      put(
        element,
        'class',
        `flag-row${marked ? ' flag-row-marked' : ''}${isSelected ? ' flag-row-selected' : ''}${isLast ? ' flag-row-last' : ''}`,
      )
      put(element, 'aria-rowindex', `${index + 2}`)
      put(element, 'data-index', `${index}`)
      // Moved by `top`, all rows around it would be painted anew.
      element.style.transform = `translateY(${top}px)`
      put(box, 'aria-label', `Select ${shownName}`)
      box.checked = isSelected
      put(link, 'href', `/flags/${encodeURIComponent(name)}`)
      put(link, 'tabindex', isActive ? '0' : '-1')
      put(link, 'data-place', `flag ${name}`)
      write(link, shownName, shownName)
      put(type, 'class', row?.type == null ? 'mark' : 'flag-type muted small')
      write(type, visible(row?.type ?? (row === null || fault !== null ? '' : 'undefined')))
      rewrite(marks, `${isOverdue} ${fault}`, () => [
        ...(isOverdue ? [make('span', 'mark', 'overdue')] : []),
        ...(fault === null ? [] : [make('span', 'mark mark-bad', '⚠ broken', { title: visible(fault) })]),
      ])
      put(badge, 'class', row === null ? '' : `badge badge-${row.state}`)
      write(badge, row?.state ?? '')
      const words = row === null ? 'gone: neither defined nor stored' : visible(meaningOf(row))
      write(meaning, words, words)
      write(owner, visible(row?.owner ?? '–'), visible(row?.owner ?? ''))
      const when = marked ? 'just now' : at === null ? '–' : ago(at, now)
      rewrite(changed, `${when} ${marked !== null} ${at} ${by}`, () => [
        marked || at === null
          ? make('span', marked ? 'strong' : 'muted', when)
          : make('time', '', when, { datetime: new Date(at).toISOString(), title: utc(at) }),
        ...(by === null ? [] : [authorOf(visible(by))]),
      ])
    },
  }
}

function authorOf(name: string): HTMLElement {
  const author = make('span', 'muted', ' · ')
  author.append(make('bdi', '', name, { title: name }))
  return author
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  text = '',
  attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  for (const attribute in attributes) put(made, attribute, attributes[attribute] ?? '')
  return made
}

function put(element: Element, attribute: string, value: string): void {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value)
}

function write(element: Element, text: string, title?: string): void {
  if (element.textContent !== text) element.textContent = text
  if (title !== undefined) put(element, 'title', title)
}

/** What each part was made of. */
const sources = new WeakMap<Element, string>()

/** Makes what is in a part anew where it is made of something else than before. */
function rewrite(part: Element, source: string, makeAll: () => readonly Element[]): void {
  if (sources.get(part) === source) return
  sources.set(part, source)
  part.replaceChildren(...makeAll())
}
