/** Texts of statements, made once: a prepared statement's name stands for its text. */

const texts = new Map<string, string>()

/** `name` says everything that `make` depends on. */
export const textOf = (name: string, make: () => string): string => {
  const known = texts.get(name)
  if (known !== undefined) return known
  const text = make()
  texts.set(name, text)
  return text
}
