// Everything that the parts of the page share, built once and handed down.
import { type InjectionKey, inject, type Ref, readonly, shallowRef } from 'vue'
import { type Door, makeDoor } from '../api/request.js'
import type { Flow } from '../change/flow-state.js'
import { hasKept, tabStorage } from '../change/tab-storage.js'
import { type Live, makeLive } from '../live/live.js'
import { type Account, makeAccount } from './account.js'
import type { Changing } from './changing.js'
import { type FlagListStore, makeFlagList } from './flag-list.js'
import { makeMessages, type Messages } from './messages.js'
import { makeSettings, type Settings } from './settings.js'

export interface Context {
  readonly door: Door
  readonly account: Account
  readonly settings: Settings
  readonly flags: FlagListStore
  readonly live: Live
  readonly messages: Messages
  /** Null until a page needs it. */
  readonly changing: Readonly<Ref<Changing | null>>
  /** Loads what changes need; once, however often it is called. */
  loadChanging(): Promise<Changing>
  /** The names of the list as it was filtered and sorted last: a flag has the one before it and the next. */
  readonly neighbours: Ref<readonly string[]>
}

export const contextKey: InjectionKey<Context> = Symbol('context')

export function useContext(): Context {
  const context = inject(contextKey)
  if (context === undefined) throw new Error('the page has no context')
  return context
}

/** For pages whose route has loaded it. */
export function useFlow(): Flow {
  const { changing } = useContext()
  if (changing.value === null) throw new Error('the route of this page has not loaded what changes need')
  return changing.value.flow
}

export function makeContext(): Context {
  let account: Account | null = null
  const door = makeDoor({
    csrf: () => account?.state.session?.csrf ?? null,
    onSessionOver: () => account?.over(),
  })
  const theAccount = makeAccount(door)
  account = theAccount
  const settings = makeSettings()
  const flags = makeFlagList(door)
  const messages = makeMessages()
  const live = makeLive({ poll: () => flags.load() })
  const changing = shallowRef<Changing | null>(null)
  let loading: Promise<Changing> | null = null

  live.on((event) => {
    if (event.type === 'hello') {
      flags.heard(event.data.position)
      if (event.data.position !== flags.position.value) void flags.tryLoad()
      void account?.compareVersion()
    }
    if (event.type === 'flags') flags.take(event.data)
    if (event.type === 'resync' || event.type === 'definitions') void flags.tryLoad()
  })

  async function load(): Promise<Changing> {
    const { makeChanging } = await import('./changing.js')
    changing.value = makeChanging({ door, account: theAccount, flags, live, messages })
    return changing.value
  }
  const loadChanging = () => (loading ??= load())
  if (hasKept(tabStorage())) void loadChanging()

  return {
    door,
    account,
    settings,
    flags,
    live,
    messages,
    changing: readonly(changing) as Readonly<Ref<Changing | null>>,
    loadChanging,
    neighbours: shallowRef([]),
  }
}
