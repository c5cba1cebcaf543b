/** Sets a member whatever its name: assignment to `__proto__` would change the object's prototype instead. */
import type { JsonObject, JsonValue } from '../json/value.ts'

export const setMember = (object: JsonObject, name: string, value: JsonValue): void => {
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}
