// The addresses of the page. What a person sees stands in its address, so that a link shows another person the same; a secret never does.
import { nextTick } from 'vue'
import {
  createRouter,
  createWebHistory,
  type RouteComponent,
  type RouteLocationNormalized,
  type Router,
} from 'vue-router'
import type { Context } from './state/context.js'
import { ownPath } from './text/web-address.js'

declare module 'vue-router' {
  interface RouteMeta {
    /** For the title of the window; the name of a flag stands before it. */
    readonly title: string
    /** Whether the page is shown to a person who is not signed in. */
    readonly isOpen?: boolean
  }
}

/** The addresses that lib/server/web/addresses.ts answers with the page. */
export function makeRouter(context: Context): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/', redirect: '/flags' },
      { path: '/sign-in', component: () => import('./pages/sign-in.vue'), meta: { title: 'Sign in', isOpen: true } },
      { path: '/flags', component: () => import('./pages/flag-list.vue'), meta: { title: 'Flags' } },
      {
        path: '/flags/:name/actors',
        component: () => import('./pages/flag-actors.vue'),
        beforeEnter: async () => {
          await context.loadChanging()
        },
        props: ({ params }) => ({ name: String(params['name']) }),
        meta: { title: 'Actors' },
      },
      {
        path: '/flags/:name',
        component: () => import('./pages/flag-detail.vue'),
        beforeEnter: async () => {
          await context.loadChanging()
        },
        props: ({ params }) => ({ name: String(params['name']) }),
        meta: { title: 'Flags' },
      },
      {
        path: '/history',
        component: () => import('./pages/flag-changes.vue'),
        beforeEnter: async () => {
          await context.loadChanging()
        },
        meta: { title: 'History' },
      },
      { path: '/explain', component: () => import('./pages/explain-page.vue'), meta: { title: 'Explain' } },
      {
        path: '/:rest(.*)*',
        component: () => import('./pages/unknown-address.vue'),
        meta: { title: 'Unknown address' },
      },
    ],
    scrollBehavior: (to, from, saved) => {
      if (saved !== null) return saved
      if (to.hash !== '') return { el: `#${CSS.escape(to.hash.slice(1))}`, top: 80 }
      // The same page with another filter stays where it is.
      return to.path === from.path ? false : { top: 0 }
    },
  })
  router.beforeEach(async (to) => {
    await context.account.start()
    const { session, fault } = context.account.state
    // Without an answer there is nothing to decide by: the page says what is wrong, at the address that was asked for.
    if (fault !== null || to.meta.isOpen === true || session !== null) return true
    return { path: '/sign-in', query: to.fullPath === '/flags' ? {} : { next: to.fullPath } }
  })
  loadFirst(router)
  // A page that was loaded before a new version was put up asks for files that are gone.
  router.onError((error, to) => {
    if (/dynamically imported module|Importing a module|error loading/i.test(String(error)))
      window.location.assign(to.fullPath)
  })
  keepPlaces(router)
  return router
}

/** The scripts of the first page come beside the answer who is signed in: its route would ask for them only after it. */
function loadFirst(router: Router): void {
  const { pathname, search } = window.location
  for (const { components } of router.resolve(pathname + search).matched) {
    const load = components?.['default'] as (() => Promise<{ readonly default: RouteComponent }>) | undefined
    if (components === undefined || components === null || typeof load !== 'function') continue
    load().then(
      (loaded) => {
        components['default'] = loaded.default
      },
      // What fails here fails again where the route needs it, and is told there.
      () => undefined,
    )
  }
}

/** Where to go after signing in: a path of this page. */
export function nextAfterSignIn({ query }: RouteLocationNormalized): string {
  return ownPath(query['next']) ?? '/flags'
}

/** Moves the focus to the heading of a new page, and back to where it was when a person goes back. */
function keepPlaces(router: Router): void {
  const places = new Map<number, string>()
  let position = positionNow()
  router.beforeEach(() => {
    const place = document.activeElement?.closest<HTMLElement>('[data-place]')?.dataset['place']
    if (place !== undefined) places.set(position, place)
    return true
  })
  router.afterEach(async (to, from, failure) => {
    if (failure !== undefined) return
    const before = position
    position = positionNow()
    if (to.path === from.path || from.matched.length === 0) return
    await nextTick()
    const place = position < before ? places.get(position) : undefined
    void focusSoon(place === undefined ? 'h1' : `[data-place="${CSS.escape(place)}"]`)
  })
}

function positionNow(): number {
  const { position } = (window.history.state ?? {}) as { readonly position?: number }
  return position ?? 0
}

/** Waits for what is drawn a few frames later, as the rows of a list. */
async function focusSoon(selector: string): Promise<void> {
  for (let frame = 0; frame < 20; frame += 1) {
    const found = document.querySelector<HTMLElement>(selector)
    if (found !== null) {
      found.focus({ preventScroll: true })
      return
    }
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}
