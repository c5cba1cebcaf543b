/** A person of the demonstration who signs in and lets an application work for her, page by page and without a browser. */
import { demoPassword } from '../../src/auth/people/demo-accounts.ts'
import { browser, redirect, verifier } from '../auth/harness.ts'
import type { House } from './house.ts'

/** Pages on the way, at most. */
const longest = 20

/** The fields that a page hides in its form. */
const hidden = (text: string): URLSearchParams =>
  new URLSearchParams(
    [...text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
      ([, name, value]): [string, string] => [name!, value!.replaceAll('&amp;', '&')],
    ),
  )

const filled = (text: string, role: string): URLSearchParams => {
  const form = hidden(text)
  if (text.includes('name="password"')) {
    form.set('email', `${role}@demo.example`)
    form.set('password', demoPassword)
    return form
  }
  for (const [, value] of text.matchAll(/name="scope" value="([^"]*)"/g))
    form.append('scope', value!.replaceAll('&amp;', '&'))
  form.set('answer', 'allow')
  return form
}

/** An access token for the scopes; of a list the first is chosen, `text` is what is searched for. */
export const tokenOf = async (house: House, role: string, scope: string, text = ''): Promise<string> => {
  const { client_id } = await house.register({
    client_name: 'Workspace',
    redirect_uris: [redirect],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope,
  })
  const pair = verifier()
  const asked = {
    response_type: 'code',
    client_id,
    redirect_uri: redirect,
    scope,
    state: '1',
    aud: house.base,
    code_challenge: pair.challenge,
    code_challenge_method: 'S256',
  }
  const tab = browser(new URL(house.auth).origin)
  let next = `${house.auth}/authorize?${new URLSearchParams(asked)}`
  for (let step = 0; !next.startsWith(redirect); step++) {
    if (step === longest) throw new Error(`the pages do not end: ${next}`)
    const response = await tab.go(next)
    const page = await response.text()
    const link = /<li><a href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    const action = /<form method="post" action="([^"]+)"/g
    const forms = [...page.matchAll(action)].map(([, path]) => path!)
    if (response.status !== 200 && response.headers.get('location') === null)
      throw new Error(`${next} answers ${response.status}: ${page}`)
    if (response.headers.get('location') !== null) next = response.headers.get('location')!
    else if (link !== undefined) next = link
    else if (page.includes('type="search"')) next = `${next.split('?')[0]}?text=${text}`
    else next = (await tab.go(forms.at(-1)!, filled(page, role))).headers.get('location') ?? next
  }
  const { searchParams } = new URL(next)
  const reply = await fetch(`${house.auth}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: searchParams.get('code') ?? '',
      redirect_uri: redirect,
      client_id,
      code_verifier: pair.verifier,
    }),
  })
  const { access_token: token } = (await reply.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no token: ${searchParams}`)
  return token
}
