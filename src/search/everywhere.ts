/** Parameters of every type: http://hl7.org/fhir/R4/search.html#all */

/** Those that are not read from the definitions of a type. */
export const everywhere = ['_content', '_filter', '_has', '_id', '_lastUpdated', '_list', '_text'] as const
