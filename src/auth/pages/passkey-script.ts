/** The one script of these pages, for the browser: asks it for a passkey and sends what it says as a form. */
export const passkeyScript = `'use strict'
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const named = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }))

const make = async (options) => {
  const key = await navigator.credentials.create({ publicKey: { ...options, challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: named(options.excludeCredentials) } })
  const { clientDataJSON, attestationObject } = key.response
  return { id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: key.getClientExtensionResults(),
    response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports: key.response.getTransports() } }
}

const prove = async (options) => {
  const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge),
    allowCredentials: named(options.allowCredentials) } })
  const { clientDataJSON, authenticatorData, signature } = key.response
  return { id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: key.getClientExtensionResults(),
    response: { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) } }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const ask = form.dataset.passkey === 'create' ? make : prove
    const answer = await ask(JSON.parse(form.dataset.options)).catch(() => ({}))
    form.elements.passkey.value = JSON.stringify(answer)
    form.submit()
  })
}
`
