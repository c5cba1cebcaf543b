/** Parts of forms: each field has a label, and its fault is told beside it. https://www.w3.org/WAI/tutorials/forms/ */
import { type Html, html } from '../../base/html.ts'

export type Field = {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password' | 'date'
  readonly value?: string
  readonly autocomplete?: string
  readonly hint?: string
  readonly wrong?: string | undefined
  readonly optional?: boolean
  readonly numeric?: boolean
}

export const field = (of: Field): Html => {
  const { name, label, type = 'text', value, autocomplete = 'off', hint, wrong, optional, numeric } = of
  const described = [hint && `${name}-hint`, wrong && `${name}-wrong`].filter(Boolean).join(' ')
  return html`<label for="${name}">${label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${wrong && html`<p class="wrong" id="${name}-wrong">${wrong}</p>`}
<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}"${
    numeric && html` inputmode="numeric"`
  }${!optional && html` required`}${wrong && html` aria-invalid="true" autofocus`}${
    described !== '' && html` aria-describedby="${described}"`
  }>`
}

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`

export type Form = {
  readonly action: string
  readonly button: string
  /** See form-token.ts. */
  readonly token: string
  readonly body?: Html
  /** What is wrong with the whole. */
  readonly wrong?: string | undefined
}

export const form = ({ action, button, token, body, wrong }: Form): Html =>
  html`<form method="post" action="${action}">
${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
${hidden('form', token)}
${body}
<button>${button}</button>
</form>`
