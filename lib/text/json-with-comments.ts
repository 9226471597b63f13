// The JSON of a tsconfig: comments and trailing commas are taken out, except in texts.

const tokens = /"(?:[^"\\]|\\.)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*[\]}])/g

/** Undefined for a text that is no JSON all the same. */
export function parseJsonWithComments(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '').replace(tokens, (token) => (token.startsWith('"') ? token : ' ')))
  } catch {
    return undefined // The compiler says so better.
  }
}
