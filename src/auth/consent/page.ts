/** The pages on which a person says what an app may have, and whom it is about. */
import { type Html, html } from '../../base/html.ts'
import { fill } from '../pages/messages/index.ts'
import { isLaunchScope } from '../scopes.ts'
import type { Choice } from './choices.ts'
import type { ConsentMessages } from './messages.ts'
import { sentenceOf } from './sentence.ts'

export type ConsentView = {
  readonly messages: ConsentMessages
  readonly action: string
  readonly token: string
  readonly client: string
  readonly name: string
  /** Where the browser goes afterwards. */
  readonly host: string
  readonly scopes: readonly string[]
  readonly patient?: Choice | undefined
  readonly encounter?: Choice | undefined
  readonly wrong?: string | undefined
}

const hidden = (name: string, value: string | undefined): Html | false =>
  value !== undefined && html`<input type="hidden" name="${name}" value="${value}">`

/** Needed to know who it is at all: not for choosing. */
const fixed = new Set(['openid'])

const box = (messages: ConsentMessages, scope: string): Html => html`<li><label class="choice">
<input type="checkbox" name="scope" value="${scope}" checked${fixed.has(scope) && html` disabled`}>
${sentenceOf(messages, scope)}</label></li>`

const group = (messages: ConsentMessages, legend: string, scopes: readonly string[]): Html | false =>
  scopes.length > 0 &&
  html`<fieldset><legend>${legend}</legend><ul class="plain">${scopes.map((one) => box(messages, one))}</ul></fieldset>`

export const consentBody = (view: ConsentView): Html => {
  const { messages, action, token, client, name, host, scopes, patient, encounter, wrong } = view
  return html`<p>${fill(messages.intro, { client, name })}</p>
${patient && html`<p>${fill(messages.patientIs, { patient: patient.label })}</p>`}
${encounter && html`<p>${fill(messages.encounterIs, { encounter: encounter.label })}</p>`}
<form method="post" action="${action}">
${wrong !== undefined && html`<p class="wrong" role="alert">${wrong}</p>`}
${hidden('form', token)}${hidden('patient', patient?.id)}${hidden('encounter', encounter?.id)}
${group(
  messages,
  messages.data,
  scopes.filter((one) => !isLaunchScope(one)),
)}
${group(messages, messages.about, scopes.filter(isLaunchScope))}
<p class="hint">${fill(messages.leaves, { host })}</p>
<button name="answer" value="allow">${messages.allow}</button>
<button name="answer" value="deny" class="second">${messages.deny}</button>
</form>`
}

export type PickerView = {
  readonly messages: ConsentMessages
  readonly action: string
  readonly choices: readonly Choice[]
  /** What was searched for; undefined where there is nothing to search. */
  readonly text?: string | undefined
  /** The name of what is chosen: `patient`, `encounter`. */
  readonly of: 'patient' | 'encounter'
  readonly patient?: string | undefined
}

/** Choosing is a link: it changes nothing yet. */
export const pickerBody = ({ messages, action, choices, text, of, patient }: PickerView): Html => {
  const link = (id: string): string =>
    `${action}?${new URLSearchParams({ ...(patient === undefined ? {} : { patient }), [of]: id })}`
  const none = of === 'patient' ? messages.noneFound : messages.noVisits
  return html`${
    text !== undefined &&
    html`<form method="get" action="${action}" role="search"><label for="text">${messages.find}</label>
<input id="text" name="text" type="search" value="${text}" autocomplete="off">
<button>${messages.search}</button></form>`
  }
${
  choices.length === 0
    ? html`<p role="status">${(text === undefined || text !== '') && none}</p>`
    : html`<ul class="plain">${choices.map(({ id, label }) => html`<li><a href="${link(id)}">${label}</a></li>`)}</ul>`
}`
}
