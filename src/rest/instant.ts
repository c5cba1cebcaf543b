/** http://hl7.org/fhir/R4/datatypes.html#instant as the server writes it: UTC with milliseconds. */
export const instant = (ms: number): string => new Date(ms).toISOString()
