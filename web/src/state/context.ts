// Everything that the parts of the page share, built once and handed down.
import { type InjectionKey, inject, type Ref, readonly, shallowRef, watch } from 'vue'
import { type Door, makeDoor } from '../api/request.js'
import type { Flow } from '../change/flow-state.js'
import { hasKept, tabStorage } from '../change/tab-storage.js'
import { afterFrame } from '../live/after-frame.js'
import { type Live, makeLive } from '../live/live.js'
import { parseTime } from '../text/times.js'
import { type Account, makeAccount } from './account.js'
import { type ActorClasses, makeActorClasses } from './actor-classes.js'
import type { Changing } from './changing.js'
import { type FlagListStore, makeFlagList } from './flag-list.js'
import { makeMessages, type Messages } from './messages.js'
import { noteServerTime, serverNow } from './now.js'
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
  /** Which actors are counted for a flag. */
  readonly actorClasses: ActorClasses
  /** The names of the list as it was filtered and sorted last: a flag has the one before it and the next. */
  readonly neighbours: Ref<readonly string[]>
}

/** A time that is told now is not later than this. */
const nearMs = 5_000

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
    onServerTime: noteServerTime,
  })
  const flags = makeFlagList(door)
  const theAccount = makeAccount(door, () => void flags.tryLoad())
  account = theAccount
  const settings = makeSettings()
  const messages = makeMessages()
  const live = makeLive({ poll: () => flags.load() })
  const actorClasses = makeActorClasses()
  const changing = shallowRef<Changing | null>(null)
  let loading: Promise<Changing> | null = null

  live.on((event) => {
    if (event.type === 'hello') {
      flags.heard(event.data.position)
      if (event.data.position !== flags.position.value) void flags.tryLoad()
      void account?.compareVersion()
    }
    if (event.type === 'flags') flags.take(event.data)
    // It ends now, as where the token was revoked: the next answer says so.
    const endsAt = event.type === 'session' ? parseTime(event.data.ends_at) : null
    if (endsAt !== null && endsAt < serverNow() + nearMs) void flags.tryLoad()
    // Another server behind the same address may not have come that far.
    if (event.type === 'resync' && event.data.position !== null) flags.heard(event.data.position)
    if (event.type === 'resync' || event.type === 'definitions') void flags.tryLoad()
  })

  // A person signs out, or another one signs in.
  watch(
    () => theAccount.state.session?.name,
    () => {
      messages.clear()
      changing.value?.forget()
    },
  )

  async function load(): Promise<Changing> {
    const { makeChanging } = await import('./changing.js')
    changing.value = makeChanging({ actorClasses, door, account: theAccount, flags, live, messages })
    return changing.value
  }
  const loadChanging = () => (loading ??= load())
  // To look into the storage takes as long as to draw some rows.
  afterFrame(() => {
    if (hasKept(tabStorage())) void loadChanging()
  })

  return {
    door,
    account,
    settings,
    flags,
    live,
    messages,
    changing: readonly(changing) as Readonly<Ref<Changing | null>>,
    loadChanging,
    actorClasses,
    neighbours: shallowRef([]),
  }
}
