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
  const { name, label, type = 'text', value, autocomplete = 'off', wrong, optional, numeric } = of
  return html`<label for="${name}">${label}</label>
${told(of)}
<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}"${
    numeric && html` inputmode="numeric"`
  }${!optional && html` required`}${wrong && html` autofocus`}${described(of)}>`
}

const told = ({ name, hint, wrong }: Pick<Field, 'name' | 'hint' | 'wrong'>): Html =>
  html`${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${wrong && html`<p class="wrong" id="${name}-wrong">${wrong}</p>`}`

const described = ({ name, hint, wrong }: Pick<Field, 'name' | 'hint' | 'wrong'>): Html | false => {
  const ids = [hint && `${name}-hint`, wrong && `${name}-wrong`].filter(Boolean).join(' ')
  return html`${wrong && html` aria-invalid="true"`}${ids !== '' && html` aria-describedby="${ids}"`}`
}

/** Of several lines. */
export const area = (of: Pick<Field, 'name' | 'label' | 'value' | 'hint' | 'wrong' | 'optional'>): Html => {
  const { name, label, value, optional } = of
  return html`<label for="${name}">${label}</label>
${told(of)}
<textarea id="${name}" name="${name}" rows="3" autocomplete="off" spellcheck="false"${!optional && html` required`}${described(of)}>${value}</textarea>`
}

type Choice = Pick<Field, 'name' | 'label' | 'value' | 'wrong'> & {
  /** Values with their labels. */
  readonly options: readonly (readonly [string, string])[]
}

export const choice = (of: Choice): Html => {
  const { name, label, value, options } = of
  const shown = options.map(
    ([key, text]) => html`<option value="${key}"${key === value && html` selected`}>${text}</option>`,
  )
  return html`<label for="${name}">${label}</label>
${told(of)}
<select id="${name}" name="${name}"${described(of)}>${shown}</select>`
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
