/** `_pretty=true`: indents the text of JSON without reading its values, so numbers stay as they were written. */

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** Two spaces a level. `text` is valid JSON. */
export const pretty = (text: string): string => {
  let depth = 0
  let out = ''
  let before = ''
  for (const [token] of text.matchAll(tokens)) {
    const closes = token === '}' || token === ']'
    if (closes) depth--
    const empty = closes && (before === '{' || before === '[')
    const breaks = before === ',' || before === '{' || before === '[' || closes
    if (breaks && !empty) out += `\n${'  '.repeat(depth)}`
    out += token === ':' ? ': ' : token
    if (token === '{' || token === '[') depth++
    before = token
  }
  return `${out}\n`
}
