// The page begins: its parts are joined and drawn.
import { createApp } from 'vue'
import App from './app.vue'
import { makeRouter } from './router.js'
import { contextKey, makeContext } from './state/context.js'
import './style/tokens.css'
import './style/base.css'
import './style/controls.css'
import './style/frame.css'
import './style/dialogs.css'
import './style/pieces.css'
import './style/flags.css'
import './style/flag.css'
import './style/change.css'
import './style/explain.css'

const context = makeContext()
const router = makeRouter(context)
const app = createApp(App).provide(contextKey, context).use(router)
// Mostly all that is asked for first is here by then, and is drawn once instead of bit by bit.
const late = new Promise((resolve) => window.setTimeout(resolve, 150))
const mount = () => app.mount('#app')
Promise.race([router.isReady(), late]).then(mount, mount)
