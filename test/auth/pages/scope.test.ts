import fc from 'fast-check'
import t from 'tap'
import { languageOf, languages, messagesOf } from '../../../src/auth/pages/messages/index.ts'
import { nextPath } from '../../../src/auth/pages/visit.ts'
import { goodPassword, openPeople } from '../../support/people.ts'

// On a busy machine they add up.
t.setTimeout(120_000)

const site = { tenant: 1, origin: 'https://a.example', path: '/t/x/auth', address: '', at: 0 }

t.test('pages lead on to pages of this folder only', async (t) => {
  const home = '/t/x/auth/account'
  t.equal(nextPath(site, '/t/x/auth/interaction/1?a=b'), '/t/x/auth/interaction/1?a=b')
  const others = [
    null,
    '',
    '/',
    'https://evil.example/',
    '//evil.example',
    '/t/x/auth/../../../y',
    '/t/x/authority',
    '/auth/account',
    '/t/x/auth/%2e%2e/%2e%2e/y',
    '\\\\evil',
    '/t/x/auth/\\..\\..',
    '/t/x/auth/\t/evil',
    'javascript:alert(1)',
  ]
  for (const other of others) t.equal(nextPath(site, other), home, String(other))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.string().map((text) => `/t/x/auth/${text}`),
      ),
      (text) => {
        const url = new URL(nextPath(site, text), site.origin)
        return url.origin === site.origin && url.pathname.startsWith('/t/x/auth/')
      },
    ),
  )
})

t.test('forms are taken from our own pages only', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  const asked = { email: 'anna@example.org', password: goodPassword }
  const foreign = await opened.browser().post('/auth/sign-in', { ...asked, form: 'guessed' })
  t.equal(foreign.status, 303, 'the first value counts')
  const send = (headers: Record<string, string>, form = '') =>
    fetch(`${opened.origin}/auth/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body: new URLSearchParams({ ...asked, form }),
    })
  t.equal((await send({})).status, 403, 'no cookie')
  const browser = opened.browser()
  const page = await browser.get('/auth/sign-in')
  const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  t.equal((await send({ cookie })).status, 403, 'no token')
  t.equal((await send({ cookie, origin: 'https://evil.example' }, form)).status, 403, 'another origin')
  t.equal((await send({ cookie, 'sec-fetch-site': 'cross-site' }, form)).status, 403, 'another site')
  t.equal((await send({ cookie }, form)).status, 303)
  t.equal((await send({ cookie, 'content-type': 'application/json' }, form)).status, 415)
})

t.test('every page is under a strict policy, has a language, a title and labels', async (t) => {
  const opened = await openPeople(t)
  for (const path of ['sign-in', 'sign-up', 'forgot', 'link?token=x']) {
    const { text, headers } = await opened.browser({ 'accept-language': 'es' }).get(`/auth/${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    t.match(policy, /default-src 'none'.*frame-ancestors 'none'; base-uri 'none'/)
    t.notMatch(policy, /unsafe|script-src/)
    t.equal(headers.get('cache-control'), 'no-store')
    t.match(text, /<html lang="es">/)
    t.match(text, /<title>[^<]+ · Lamplight<\/title>/)
    t.notMatch(text, / style=|<script| on[a-z]+=/)
    for (const [, name] of text.matchAll(/<input id="([^"]+)"/g)) t.match(text, `<label for="${name}">`)
  }
})

t.test('what visitors type is never markup', async (t) => {
  const opened = await openPeople(t)
  const email = '"><script>alert(1)</script>'
  const { text } = await opened.browser().post('/auth/sign-in', { email, password: 'x' })
  t.notMatch(text, '<script>')
  t.match(text, '&lt;script&gt;')
})

t.test('every language says everything, with the same places to fill', async (t) => {
  const places = (value: unknown): unknown =>
    typeof value === 'string'
      ? [...value.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
      : Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, places(one)]))
  t.same(languages, ['en', 'de', 'es', 'fr'])
  for (const language of languages) t.same(places(messagesOf(language)), places(messagesOf('en')), language)
  t.equal(languageOf('fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5'), 'fr')
  t.equal(languageOf('ja, de-AT;q=0.3'), 'de')
  t.equal(languageOf('ja'), 'en')
  t.equal(languageOf(undefined), 'en')
})
