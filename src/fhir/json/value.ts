/** What JSON.parse gives, named. */
export type JsonValue = string | number | boolean | null | JsonObject | JsonValue[]
export type JsonObject = { [member: string]: JsonValue }
