/** An application as somebody else would write it: two pages and the fhirclient library as its makers publish it. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const library = fileURLToPath(import.meta.resolve('fhirclient/build/fhir-client.js'))

export type AppSettings = { readonly clientId: string; readonly scope: string; readonly iss?: string }

export type App = {
  readonly origin: string
  readonly redirect: string
  /** Where an EHR opens it, or a person: with `iss` and `launch`, or without. */
  readonly start: string
  /** What the next start asks for. */
  settings: AppSettings
}

const frame = (script: string): string =>
  `<!doctype html><html lang="en"><title>starting</title><script src="/fhir-client.js"></script><script>${script}</script></html>`

const startPage = ({ clientId, scope, iss }: AppSettings): string =>
  frame(
    `FHIR.oauth2.authorize(${JSON.stringify({ clientId, scope, iss, redirectUri: '/app', pkceMode: 'required' })})
.catch((error) => { document.title = 'failed: ' + error.message })`,
  )

/** \`client\` is what a test asks. */
const appPage = frame(
  `FHIR.oauth2.ready().then((client) => { window.client = client; document.title = 'ready' },
(error) => { document.title = 'failed: ' + error.message })`,
)

export const startApp = async (t: Test): Promise<App> => {
  const state: { settings: AppSettings } = { settings: { clientId: '', scope: '' } }
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://app')
    const text = {
      '/start': () => startPage(state.settings),
      '/app': () => appPage,
      '/fhir-client.js': () => readFileSync(library, 'utf8'),
    }[pathname]
    response.setHeader('content-type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html')
    if (text === undefined) response.statusCode = 404
    response.end(text?.())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    redirect: `${origin}/app`,
    start: `${origin}/start`,
    get settings() {
      return state.settings
    },
    set settings(settings) {
      state.settings = settings
    },
  }
}
