/** The table of all different texts, which grows before the resources that have them are written. */
import type { Database } from './database.ts'
import { arrayOf } from './key.ts'
import type { SideRows } from './side-rows.ts'

type Text = NonNullable<SideRows['texts']>[number]

export type Texts = {
  /**
   * Makes sure that the table has the texts of these rows. Commits by itself: a text that no resource has is harmless,
   * a resource whose text is missing would not be found. Undefined when nothing is to be done, as is most often.
   */
  learn(tenant: number, rows: readonly (SideRows | undefined)[]): Promise<void> | undefined
}

/** In the order of the tokens, so that two writers of the same texts wait for each other in one direction. */
const insertText = `
insert into search_text (tenant, token, parameter, words)
select $1::int, t.token, t.parameter, array_to_tsvector(string_to_array(t.words, ' '))
from unnest($2::bigint[], $3::int[], string_to_array($4, ',')) t(token, parameter, words)
order by t.token
on conflict do nothing`

/** Texts of one statement. */
const chunk = 2000
const generation = 50_000

export const createTexts = (database: Pick<Database, 'run'>): Texts => {
  // Two generations: what was met lately is remembered. Rows are never removed, so it stays true.
  let recent = new Set<string>()
  let older = new Set<string>()
  const isKnown = (token: string): boolean => recent.has(token) || older.has(token)
  const remember = (token: string): void => {
    if (recent.size >= generation) {
      older = recent
      recent = new Set()
    }
    recent.add(token)
  }
  const insert = async (tenant: number, texts: readonly Text[]): Promise<void> => {
    for (let start = 0; start < texts.length; start += chunk) {
      const some = texts.slice(start, start + chunk)
      await database.run({
        name: 'learn_texts',
        text: insertText,
        tenant,
        values: [
          tenant,
          arrayOf(some.map(({ token }) => token)),
          arrayOf(some.map(({ parameter }) => parameter)),
          some.map(({ words }) => words).join(','),
        ],
      })
      for (const { token } of some) remember(token)
    }
  }
  return {
    learn: (tenant, rows) => {
      const unknown = new Map<string, Text>()
      for (const row of rows)
        for (const text of row?.texts ?? []) if (!isKnown(text.token)) unknown.set(text.token, text)
      return unknown.size === 0 ? undefined : insert(tenant, [...unknown.values()])
    },
  }
}
