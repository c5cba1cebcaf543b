/** Resources that are sent one a line, as the batch that writes them: http://hl7.org/fhir/R4/nd-json.html, http.html#batch */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { invalid, Problem } from '../base/problem.ts'
import { type JsonLimits, readJson } from './json/read.ts'
import type { JsonObject } from './json/value.ts'

/** Lines that are read before others get their turn. */
const turn = 50

const start = '{"resourceType":"Bundle","type":"batch","entry":['
const opening = '{"resource":'

/**
 * `text` is a batch Bundle in which every resource stands where it stood, by line and column, but for the first line,
 * which begins with `lead` characters more. What has an id is an update, what has none a create; empty lines are passed
 * over. Throws 400 with the number of the line that is not one resource.
 */
export const ndjsonBatch = async (
  ndjson: string,
  limits: JsonLimits = {},
): Promise<{ readonly text: string; readonly lead: number }> => {
  let text = start
  let end = ''
  let count = 0
  for (const [index, line] of ndjson.split('\n').entries()) {
    const isEmpty = line.trim() === ''
    // What opens an entry stands at the end of the line before.
    if (!isEmpty) {
      text += count === 0 ? opening : `${end},${opening}`
      if (++count % turn === 0) await nextTurn()
      end = `,"request":${requestOf(line, index + 1, limits)}}`
    }
    if (index > 0) text += '\n'
    if (!isEmpty) text += line
  }
  if (count === 0) throw invalid('The body is empty; send one resource a line.')
  return { text: `${text}${end}]}`, lead: start.length + opening.length }
}

const requestOf = (line: string, number: number, limits: JsonLimits): string => {
  const { resourceType, id } = resourceOf(line, number, limits)
  if (typeof resourceType !== 'string')
    throw invalid(`Line ${number}: the resource has no resourceType; say which type it is.`)
  return JSON.stringify(
    id === undefined
      ? { method: 'POST', url: resourceType }
      : { method: 'PUT', url: `${resourceType}/${encodeURIComponent(String(id))}` },
  )
}

const resourceOf = (line: string, number: number, limits: JsonLimits): JsonObject => {
  try {
    return readJson(line, limits).value
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw invalid(`Resource of line ${number}: ${error.message}`)
  }
}
