/** The document's text, made once for a base URL. */
import { type OpenApiParts, openApiDocument } from './document.ts'

/** Host headers choose the base: a caller must not be able to fill the memory with them. */
const most = 8

export const createOpenApi = (parts: OpenApiParts): ((base: string) => string) => {
  const made = new Map<string, string>()
  return (base) => {
    const known = made.get(base)
    if (known !== undefined) return known
    const text = JSON.stringify(openApiDocument(parts, base))
    if (made.size >= most) made.clear()
    made.set(base, text)
    return text
  }
}
