/** The frame of every page: head, landmarks, banner of the demonstration. https://www.w3.org/TR/WCAG22/ */
import { type Html, html, render } from '../../base/html.ts'
import type { Messages } from './messages/index.ts'

export type Frame = {
  readonly language: string
  readonly messages: Messages
  /** Path of the folder of these pages, `/auth`. */
  readonly path: string
  readonly demo: boolean
  /** Of this answer: the policy allows a script only with it. */
  readonly nonce: string
}

export type Page = {
  readonly title: string
  readonly body: Html
  /** Text of the one script that the page may need. */
  readonly script?: string
  /** Links for somebody who is signed in. */
  readonly menu?: Html
}

/** The whole document. Its language, title and landmarks are what assistive technology goes by. */
export const document = ({ language, messages, path, demo, nonce }: Frame, page: Page): string =>
  `<!doctype html>\n${render(html`<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · Lamplight</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${path}/style.css">
</head>
<body>
<a class="skip" href="#content">${messages.skip}</a>
${demo && html`<aside class="demo">${messages.demo}</aside>`}
<header><span class="brand">Lamplight</span>${page.menu}</header>
<main id="content">
<h1>${page.title}</h1>
${page.body}
</main>
${page.script !== undefined && html`<script nonce="${nonce}" src="${path}/${page.script}" defer></script>`}
</body>
</html>`)}\n`

/**
 * What a page may load: its stylesheet, and a script only where one is. `leaves` is for pages whose form ends at an
 * application elsewhere, as browsers hold redirects after a form against `form-action`.
 */
export const contentSecurityPolicy = (nonce: string, options: { script: boolean; leaves: boolean }): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    ...(options.script ? [`script-src 'nonce-${nonce}'`, "connect-src 'self'"] : []),
    ...(options.leaves ? [] : ["form-action 'self'"]),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
