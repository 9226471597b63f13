// Checks the types of web/, templates too. vue-tsc takes the compiler apart, which it cannot do with TypeScript 7: so it gets TypeScript 6.
const { run } = require('vue-tsc')

process.argv.push('--noEmit', '-p', 'web')
run(require.resolve('typescript6/lib/tsc'))
