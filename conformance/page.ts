/** The result of a run as a page for people, in one file without scripts. */
import type { Exchange } from './client.ts'
import { verdictOf } from './matrix.ts'
import type { CaseResult } from './perform.ts'
import { countsOf, type Run } from './report.ts'

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const html = (text: string): string => text.replace(/[&<>"]/g, (sign) => signs[sign]!)

const style = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
.proven,.passed{color:#17692f}.fails,.failed{color:#a51d1d;font-weight:600}.not{color:#775500}pre{background:#f5f5f5;padding:.6rem;white-space:pre-wrap;word-break:break-word}
@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}pre{background:#222}td,th{border-color:#333}a{color:#8ab4f8}.proven,.passed{color:#6fcf87}.fails,.failed{color:#ff8a80}.not{color:#e0b84c}}`

const cut = (text: string): string => (text.length > 2000 ? `${text.slice(0, 2000)}…` : text)

/** One exchange as it would look on the wire, for a person. */
export const exchangeText = ({ sent, received }: Exchange): string => {
  const headers = (all: Readonly<Record<string, string>>): string[] =>
    Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  const body = sent.bytes === undefined ? [] : ['', cut(sent.bytes.toString('utf8'))]
  const asked = [`${sent.method} ${sent.url}`, ...headers(sent.headers), ...body]
  return [...asked, '', String(received.status), ...headers(received.headers), '', cut(received.text)].join(
    '\n',
  )
}

const caseRow = (result: CaseResult): string => {
  const word = result.passed ? 'passed' : 'failed'
  const known = result.case
  const sentence = known
    ? `${html(known.sentence)} <a href="${html(known.link)}">${known.level}</a>`
    : 'This case cannot be understood.'
  const faults = result.faults.map((fault) => `<li>${html(fault)}</li>`).join('')
  const wire = result.exchange && !result.passed ? `<pre>${html(exchangeText(result.exchange))}</pre>` : ''
  const details = result.passed ? '' : `<ul>${faults}</ul>${wire}`
  return `<tr><td>${html(result.id)}</td><td>${sentence}${details}</td><td class="${word}">${word}</td></tr>`
}

const suiteSection = (suite: string, results: readonly CaseResult[]): string => {
  const { passed } = countsOf(results)
  const rows = results.map(caseRow).join('\n')
  return `<h2>${html(suite)}: ${passed} of ${results.length}</h2>\n<table><tbody>\n${rows}\n</tbody></table>`
}

/** The whole page. */
export const pageText = (run: Run): string => {
  const { passed, failed } = countsOf(run.results)
  const suites = [...new Set(run.results.map(({ suite }) => suite))]
  const matrix = run.matrix.map((row) => {
    const verdict = verdictOf(row)
    return `<tr><td>${html(row.claim)}</td><td>${row.claimed ? 'yes' : 'no place for it'}</td><td>${row.passed} of ${row.cases}</td><td class="${verdict.split(' ')[0]}">${verdict}</td></tr>`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Conformance</title><style>${style}</style></head><body>
<h1>Conformance: ${passed} passed, ${failed} failed</h1>
<p>${html(run.software)} at ${html(run.base)}, ${html(run.begun)} to ${html(run.ended)}</p>
${suites
  .map((suite) =>
    suiteSection(
      suite,
      run.results.filter((result) => result.suite === suite),
    ),
  )
  .join('\n')}
<h2>Claimed and proven</h2>
<table><thead><tr><th>Claim</th><th>Claimed</th><th>Cases that pass</th><th></th></tr></thead><tbody>
${matrix.join('\n')}
</tbody></table>
</body></html>
`
}
