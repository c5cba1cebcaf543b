/** The description of the API for programs, and pages of it for people: https://spec.openapis.org/oas/v3.1.0 */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { type Html, html, render } from '../base/html.ts'
import { notFound } from '../base/problem.ts'
import { isResourceType } from '../fhir/resource-types.ts'

/** The document's text for a base URL. */
export type DocsDeps = { readonly openApi: (base: string) => string }

type Parameter = { readonly name?: string; readonly description?: string; readonly $ref?: string }
type Action = {
  readonly tags: readonly string[]
  readonly summary: string
  readonly parameters?: readonly Parameter[]
}
type Item = Readonly<Record<string, Action>>
type Document = {
  readonly info: { readonly title: string; readonly version: string }
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Item>>
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

const style = `body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
a{color:#0b5394}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc;vertical-align:top}
code{font-family:ui-monospace,monospace}ul.types{columns:14rem;padding-left:1rem}`

/** No script, nothing from elsewhere, and this one style. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Adds `/openapi.json`, `/docs` and `/docs/[type]`. */
export const docs = (server: FastifyInstance, { openApi }: DocsDeps): void => {
  server.get('/openapi.json', (request, reply) =>
    reply.type('application/vnd.oai.openapi+json;version=3.1').send(openApi(request.ctx.base)),
  )
  server.get('/docs', (request, reply) => {
    const { base } = request.ctx
    return reply
      .type(page)
      .header('content-security-policy', policy)
      .send(overview(read(openApi(base)), base))
  })
  server.get<{ Params: { tag: string } }>('/docs/:tag', (request, reply) => {
    const { tag } = request.params
    if (tag !== 'System' && !isResourceType(tag)) throw notFound('There is no page of this name; see /docs.')
    const { base } = request.ctx
    return reply
      .type(page)
      .header('content-security-policy', policy)
      .send(ofTag(read(openApi(base)), base, tag))
  })
}

const page = 'text/html; charset=utf-8'

const read = (text: string): Document => JSON.parse(text) as Document

const frame = (title: string, content: Html): string =>
  render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`)

const overview = ({ info, tags }: Document, base: string): string =>
  frame(
    info.title,
    html`<h1>${info.title}</h1>
<p>Version ${info.version}, at <code>${base}</code>. For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1)
and <a href="/fhir/metadata">the CapabilityStatement</a>.</p>
<h2>The whole system</h2>
<p><a href="/docs/System">Batch, transaction, search over several types, operations</a></p>
<h2>Resource types</h2>
<ul class="types">${tags.filter(({ name }) => name !== 'System').map(({ name }) => html`<li><a href="/docs/${name}">${name}</a></li>`)}</ul>`,
  )

const actionsOf = ({ paths }: Document, tag: string) =>
  Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const action = item[method]
      return action?.tags.includes(tag) ? [{ method, path, action }] : []
    }),
  )

const ofTag = (document: Document, base: string, tag: string): string => {
  const actions = actionsOf(document, tag)
  const search = actions.find(({ method, path }) => method === 'get' && path === `/${tag}`)
  const parameters = (search?.action.parameters ?? []).filter(({ name }) => name !== undefined)
  return frame(
    tag,
    html`<p><a href="/docs">All types</a></p>
<h1>${tag}</h1>
<table>
<caption>What can be done at <code>${base}</code></caption>
<thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">Meaning</th></tr></thead>
<tbody>${actions.map(({ method, path, action }) => html`<tr><td>${method.toUpperCase()}</td><td><code>${path}</code></td><td>${action.summary}</td></tr>`)}</tbody>
</table>
${parameters.length > 0 ? searchTable(parameters) : ''}`,
  )
}

const searchTable = (parameters: readonly Parameter[]): Html => html`<table>
<caption>Search parameters</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Type and definition</th></tr></thead>
<tbody>${parameters.map(({ name = '', description = '' }) => html`<tr><td><code>${name}</code></td><td>${description}</td></tr>`)}</tbody>
</table>`
