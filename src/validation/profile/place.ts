/** Where in a resource a value stands; the FHIRPath of it is only written when there is something to say. */

/** `index` is -1 where the element does not repeat. `type` is the FHIR type of the value: `HumanName`, `Patient.contact`. */
export type Place = {
  readonly up: Place | undefined
  readonly name: string
  readonly index: number
  readonly type: string
}

export const rootPlace = (type: string): Place => ({ up: undefined, name: type, index: -1, type })

/** `Patient.name[0].given[1]`. */
export const expressionOf = (place: Place): string => {
  const own = place.index < 0 ? place.name : `${place.name}[${place.index}]`
  return place.up === undefined ? own : `${expressionOf(place.up)}.${own}`
}
