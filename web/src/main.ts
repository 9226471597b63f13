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
createApp(App).provide(contextKey, context).use(makeRouter(context)).mount('#app')
