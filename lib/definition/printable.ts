export { printable, printableJson, quoted } from '../text/printable.js'
