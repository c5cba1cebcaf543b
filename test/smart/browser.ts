/** A real browser: Chromium of this machine, without a window. https://playwright.dev/docs/api/class-browsertype */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The program, or why there is none. */
const program = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((file) => existsSync(file))

/** For `t.test`: what to say where there is no browser. */
export const needsBrowser = {
  skip: program === undefined && 'there is no Chromium on this machine',
  timeout: 120_000,
}

export type Person = {
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser refused because of a Content-Security-Policy. */
  readonly violations: string[]
}

/** Somebody with cookies of their own, who reads this language. */
export type OpenPerson = (language?: string, colours?: 'light' | 'dark') => Promise<Person>

export const openBrowser = async (t: Test): Promise<OpenPerson> => {
  // The sandbox wants another user than root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser: Browser = await chromium.launch({ executablePath: program!, args })
  t.teardown(() => browser.close())
  return async (language = 'en', colours = 'light') => {
    const context = await browser.newContext({ locale: language, colorScheme: colours })
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    const violations: string[] = []
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(`${page.url()}: ${message.text()}`)
    })
    return { context, page, violations }
  }
}
