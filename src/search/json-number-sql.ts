/** Numbers of stored JSON in SQL: http://hl7.org/fhir/R4/datatypes.html#decimal */

/**
 * The text of a number as float8. What is nearer to 0 than `least` is 0: float8 cannot tell it, and casting it would fail,
 * for everybody whose search comes by.
 */
export const floatOf = (text: string, least = '1e-300'): string =>
  `(case when abs((${text})::numeric) < ${least} then 0 else (${text})::float8 end)`
