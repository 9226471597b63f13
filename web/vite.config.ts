// How the page is built: `scripts/build-web.js` runs it, and `npx vite web` serves it while it is worked on, beside `npm start`.
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const wholeFiles: ReadonlySet<string> = new Set(['base', 'flag-list'])

/**
 * Chromium compiles these files whole while they come, beside the page: nearly all in them runs before the first rows are seen, and what is
 * compiled only then holds them up. It looks for the word at the top of a file alone; for other browsers it is a comment.
 */
const compiledWhole: Plugin = {
  name: 'compiled-whole',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk' && wholeFiles.has(file.name)) file.code = `//# allFunctionsCalledOnLoad\n${file.code}`
      }
    },
  },
}

/** There is nothing to see before the scripts have run: a frame that shows nothing takes as long as one that shows something. */
const nothingDrawnBefore: Plugin = {
  name: 'nothing-drawn-before',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
}

export default defineConfig({
  plugins: [
    compiledWhole,
    nothingDrawnBefore,
    vue({
      template: {
        compilerOptions: {
          // Static markup would otherwise become `innerHTML`, which the Content-Security-Policy forbids (Trusted Types).
          hoistStatic: false,
        },
      },
    }),
  ],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    // `light-dark()` and nesting stay as they are: these are the first browsers that know both.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // One sheet: a page that is loaded later must not change how the earlier one looks.
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
    rolldownOptions: {
      // How long each plugin took on a busy machine is nothing that a person who starts the server has to do with.
      checks: { bundlerTimings: false },
      output: {
        codeSplitting: {
          // What every page needs, with Vue and the small parts that most need: one file is one request, and smaller than several.
          groups: [
            {
              name: 'base',
              test: /src.(?:main|app|router|state.context|text|live.after-frame|flags.(?:filter|name-order|query|meaning)|api.(?:parse|fault)|change.tab-storage|state.now|parts.pieces.(?:picked|room-below|row-window|copy-button))/,
            },
            // What the pages of flags show, and the list does not.
            { name: 'pieces', test: /src.parts.pieces.(?:linked-text|state-badge|time-text)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4242' } },
})
