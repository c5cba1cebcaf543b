/** A scope as a plain sentence for the person who is asked. */
import { parseScope } from '../../access/scope.ts'
import { fill } from '../pages/messages/index.ts'
import type { ConsentMessages } from './messages.ts'

/** `patient/Observation.rs` → `Measurements and results of this patient: read, search` */
export const sentenceOf = (messages: ConsentMessages, text: string): string => {
  const scope = parseScope(text)
  if (!scope) return messages.scopes[text as keyof ConsentMessages['scopes']] ?? text
  const what = scope.type === '*' ? messages.everything : (messages.types[scope.type] ?? scope.type)
  const how = scope.permissions.map((letter) => messages.permissions[letter]).join(', ')
  const sentence = fill(messages.levels[scope.level], { what, how })
  if (scope.query.length === 0) return sentence
  const query = scope.query.map(([name, value]) => `${name} = ${value}`).join(', ')
  return `${sentence} (${fill(messages.only, { query })})`
}
