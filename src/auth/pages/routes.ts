/** Which pages there are, and who may see them. */
import { doDropFactor, doNewCodes, doPassword, showAccount } from './account-page.ts'
import {
  doChangeClient,
  doRegister,
  doRenewSecret,
  doSwitchClient,
  showClient,
  showClients,
  showRegister,
} from './clients-pages.ts'
import { doEnrol, doSecondFactor, showEnrol, showSecondFactor } from './factor-pages.ts'
import { doForgot, doLink, doSignUp, showForgot, showLink, showSignUp } from './mailed-pages.ts'
import { doInvite, personDeeds, showInvite, showPeople, showPerson } from './people-pages.ts'
import { doSignIn, doSignOut, showSignIn } from './sign-in-page.ts'
import type { Handler, SignedVisit } from './visit.ts'

/** `password` and `enrol` are the steps of a sign-in; `fresh` needs one that was just now. */
export type Needs = 'nothing' | 'password' | 'enrol' | 'full' | 'fresh' | 'administrator'

export type Route = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly needs: Needs
  /** Gets a visitor wherever `needs` is not `nothing`. */
  readonly handler: Handler<SignedVisit>
}

const get = (path: string, needs: Needs, handler: Handler<SignedVisit>): Route => ({
  method: 'GET',
  path,
  needs,
  handler,
})
const post = (path: string, needs: Needs, handler: Handler<SignedVisit>): Route => ({
  method: 'POST',
  path,
  needs,
  handler,
})

export const routes: readonly Route[] = [
  get('/sign-in', 'nothing', showSignIn),
  post('/sign-in', 'nothing', doSignIn),
  post('/sign-out', 'nothing', doSignOut),
  get('/sign-up', 'nothing', showSignUp),
  post('/sign-up', 'nothing', doSignUp),
  get('/forgot', 'nothing', showForgot),
  post('/forgot', 'nothing', doForgot),
  get('/link', 'nothing', showLink),
  post('/link', 'nothing', doLink),
  get('/second-factor', 'password', showSecondFactor),
  post('/second-factor', 'password', doSecondFactor),
  get('/enrol', 'enrol', showEnrol),
  post('/enrol', 'enrol', doEnrol),
  get('/account', 'full', showAccount),
  post('/account/password', 'full', doPassword),
  post('/account/factor', 'fresh', doDropFactor),
  post('/account/codes', 'fresh', doNewCodes),
  get('/people', 'administrator', showPeople),
  get('/people/invite', 'administrator', showInvite),
  post('/people/invite', 'administrator', doInvite),
  get('/people/:id', 'administrator', showPerson),
  ...personDeeds.map(([name, handler]) => post(`/people/:id/${name}`, 'administrator', handler)),
  get('/clients', 'administrator', showClients),
  get('/clients/register', 'administrator', showRegister),
  post('/clients/register', 'administrator', doRegister),
  get('/clients/:id', 'administrator', showClient),
  post('/clients/:id/change', 'administrator', doChangeClient),
  post('/clients/:id/secret', 'administrator', doRenewSecret),
  post('/clients/:id/activate', 'administrator', doSwitchClient(true)),
  post('/clients/:id/deactivate', 'administrator', doSwitchClient(false)),
]
